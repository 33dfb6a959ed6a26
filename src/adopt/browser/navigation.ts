import { mapAttribute } from './attributes';
import { prototypeOf, wrap } from './natives';
import type { Scope } from './scope';

interface NavigateEvent extends Event {
  readonly navigationType: string;
  readonly hashChange: boolean;
  readonly downloadRequest: string | null;
  readonly formData: unknown;
  readonly destination: { readonly url: string };
}

/** Links and forms just before they are followed, and navigations just before they begin: what no one mapped before. */
export function wrapNavigation({ window, origin, map }: Scope): void {
  const { getAttribute, setAttribute } = window.Element.prototype;
  const settle = (element: Element, ...names: string[]): void => {
    for (const name of names) {
      const value = getAttribute.call(element, name);
      const result = value === null ? value : mapAttribute(element.localName, name, value, map);
      if (result !== null && result !== value) setAttribute.call(element, name, result);
    }
  };
  const onLink = (event: Event): void => {
    const link = event
      .composedPath()
      .find((node) => node instanceof window.Element && /^(a|area)$/.test(node.localName));
    if (link) settle(link as Element, 'href', 'xlink:href', 'ping');
  };
  for (const type of ['click', 'auxclick', 'contextmenu']) window.addEventListener(type, onLink, true);
  window.addEventListener(
    'submit',
    ({ target, submitter }) => {
      if (target instanceof window.Element) settle(target, 'action');
      if (submitter) settle(submitter, 'formaction');
    },
    true,
  );
  wrap(prototypeOf(window, 'HTMLFormElement'), 'submit', (args, self) => {
    settle(self as Element, 'action');
    return args;
  });

  const { navigation, location } = window as unknown as { navigation?: EventTarget; location: Location };
  navigation?.addEventListener('navigate', (given) => {
    const event = given as NavigateEvent;
    const { url } = event.destination;
    const anew = event.navigationType === 'push' || event.navigationType === 'replace';
    if (!anew || !event.cancelable || event.hashChange || event.downloadRequest !== null || event.formData) return;
    const target = map(url);
    if (target === url || url.startsWith(`${origin}/-/`)) return;
    event.preventDefault();
    if (event.navigationType === 'push') location.assign(target);
    else location.replace(target);
  });
}
