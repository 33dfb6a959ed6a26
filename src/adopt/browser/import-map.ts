import { trustedScript } from './trusted-types';

/**
 * Maps the modules that are named from the root (HTML §8.1.6.2, import maps): where a document may have one map alone,
 * one of its own later would be an error, of which the caller knows.
 * @param before where the map goes: it has to stand before the first module
 */
export function insertImportMap(before: HTMLScriptElement, mount: string): void {
  if (!HTMLScriptElement.supports('importmap')) return;
  const element = document.createElement('script');
  element.type = 'importmap';
  element.nonce = before.nonce;
  element.textContent = trustedScript(
    window,
    JSON.stringify({ imports: { '/': `${mount}/`, [`${mount}/`]: `${mount}/` } }),
  );
  before.before(element);
  element.remove();
}
