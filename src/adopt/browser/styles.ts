import { mapCss } from './css';
import { argument, prototypeOf, wrap, wrapSetter } from './natives';
import type { Scope } from './scope';
import { fromAnywhere } from './url';

/** The properties whose values hold URLs and that scripts set one by one. */
const withImages = [
  ...['background', 'backgroundImage', 'borderImage', 'borderImageSource', 'clipPath', 'content', 'cursor', 'filter'],
  ...['listStyle', 'listStyleImage', 'mask', 'maskImage', 'webkitMask', 'webkitMaskImage'],
];

/**
 * In Chromium each declaration has the properties as its own, without setters; yet one that its prototype has is asked
 * first when a property is set.
 */
function setThroughPrototype(prototype: CSSStyleDeclaration, property: string, css: (value: unknown) => unknown): void {
  if (property in prototype || !(property in document.documentElement.style)) return;
  const { getPropertyValue, setProperty } = prototype;
  const name = property.replace(/[A-Z]|^webkit/g, (start) => `-${start.toLowerCase()}`);
  Object.defineProperty(prototype, property, {
    configurable: true,
    enumerable: true,
    get(this: CSSStyleDeclaration) {
      return getPropertyValue.call(this, name);
    },
    set(this: CSSStyleDeclaration, value: string) {
      setProperty.call(this, name, css(value) as string);
    },
  });
}

/** Style sheets, declarations and fonts that a script makes. */
export function wrapStyles({ window, map, mapped }: Scope): void {
  const prototype = (name: string): object | undefined => prototypeOf(window, name);
  const anywhere = fromAnywhere(map);
  const css = (value: unknown): unknown => mapped(value, (text) => mapCss(text, anywhere));

  for (const name of ['insertRule', 'replace', 'replaceSync']) wrap(prototype('CSSStyleSheet'), name, argument(0, css));
  wrap(prototype('CSSGroupingRule'), 'insertRule', argument(0, css));
  wrap(prototype('CSSStyleDeclaration'), 'setProperty', argument(1, css));
  wrapSetter(prototype('CSSStyleDeclaration'), 'cssText', css);
  wrap(window, 'FontFace', argument(1, css));
  for (const name of ['HTMLElement', 'SVGElement', 'CSSStyleRule']) wrapSetter(prototype(name), 'style', css);
  for (const property of withImages) {
    for (const name of ['CSSStyleDeclaration', 'CSSStyleProperties', 'CSS2Properties'])
      wrapSetter(prototype(name), property, css);
    setThroughPrototype(window.CSSStyleDeclaration.prototype, property, css);
  }

  const isStyle = (node: unknown): boolean => node instanceof window.HTMLStyleElement;
  const inStyle = (value: unknown, self: unknown): unknown => (isStyle(self) ? css(value) : value);
  wrapSetter(prototype('Node'), 'textContent', inStyle);
  wrapSetter(prototype('HTMLElement'), 'innerText', inStyle);
  const text = (value: unknown, self: unknown): unknown => {
    if (isStyle(self) && value instanceof window.Text) value.data = css(value.data) as string;
    return value;
  };
  for (const name of ['appendChild', 'insertBefore']) wrap(prototype('Node'), name, argument(0, text));
  wrap(prototype('Element'), 'append', (nodes, self) =>
    nodes.map((node) => (typeof node === 'string' ? inStyle(node, self) : text(node, self))),
  );
}
