import { mapAttribute } from './attributes';
import { argument, prototypeOf, wrap, wrapSetter } from './natives';
import { mapMarkup } from './markup';
import type { Scope } from './scope';

/** The properties that reflect an attribute with a URL (HTML §2.6.1), by the interface that has them. */
const reflecting: Readonly<Record<string, string>> = {
  HTMLImageElement: 'src srcset',
  HTMLScriptElement: 'src',
  HTMLIFrameElement: 'src srcdoc',
  HTMLFrameElement: 'src',
  HTMLEmbedElement: 'src',
  HTMLInputElement: 'src formAction',
  HTMLButtonElement: 'formAction',
  HTMLMediaElement: 'src',
  HTMLVideoElement: 'poster',
  HTMLSourceElement: 'src srcset',
  HTMLTrackElement: 'src',
  HTMLAnchorElement: 'href ping',
  HTMLAreaElement: 'href ping',
  HTMLLinkElement: 'href imageSrcset',
  HTMLBaseElement: 'href',
  HTMLFormElement: 'action',
  HTMLObjectElement: 'data',
  HTMLBodyElement: 'background',
  HTMLQuoteElement: 'cite',
  HTMLModElement: 'cite',
};

/** Attributes, however they are set, and markup, however it is inserted. */
export function wrapElements({ window, mapped, map }: Scope): void {
  const prototype = (name: string): object | undefined => prototypeOf(window, name);
  const attribute = (element: unknown, name: unknown, value: unknown): unknown =>
    mapped(value, (text) => mapAttribute((element as Element).localName, String(name), text, map));

  for (const [name, properties] of Object.entries(reflecting)) {
    for (const property of properties.split(' '))
      wrapSetter(prototype(name), property, (value, self) => attribute(self, property, value));
  }
  const element = prototype('Element');
  wrap(element, 'setAttribute', ([name, value, ...rest], self) => [name, attribute(self, name, value), ...rest]);
  wrap(element, 'setAttributeNS', ([space, name, value, ...rest], self) => [
    space,
    name,
    attribute(self, name, value),
    ...rest,
  ]);
  wrapSetter(prototype('Attr'), 'value', (value, self) => {
    const { ownerElement, name } = self as Attr;
    return ownerElement ? attribute(ownerElement, name, value) : value;
  });
  for (const name of ['setAttributeNode', 'setAttributeNodeNS']) {
    wrap(
      element,
      name,
      argument(0, (node, self) => {
        const attr = node as Attr;
        attr.value = attribute(self, attr.name, attr.value) as string;
        return attr;
      }),
    );
  }
  // It is the class of an element too.
  const svgText = (text: string): string => (/^(?:\/|https?:)/.test(text) ? map(text) : text);
  wrapSetter(prototype('SVGAnimatedString'), 'baseVal', (value) => mapped(value, svgText));

  const markup = (value: unknown): unknown => mapped(value, (text) => mapMarkup(text, map));
  for (const name of ['Element', 'ShadowRoot']) {
    for (const property of ['innerHTML', 'outerHTML']) wrapSetter(prototype(name), property, markup);
    for (const method of ['setHTMLUnsafe', 'setHTML']) wrap(prototype(name), method, argument(0, markup));
  }
  wrap(element, 'insertAdjacentHTML', argument(1, markup));
  wrap(prototype('Range'), 'createContextualFragment', argument(0, markup));
  for (const name of ['write', 'writeln']) wrap(prototype('Document'), name, (texts) => texts.map(markup));
}
