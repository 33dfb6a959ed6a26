import { fixedSrcset } from '../html/srcset';
import { mapCss } from './css';
import { mapMarkup } from './markup';
import { fromAnywhere, type MapUrl } from './url';

type MapValue = (value: string, map: MapUrl) => string;

const one: MapValue = (value, map) => map(value);
const spaced: MapValue = (value, map) => value.replace(/\S+/g, map);

const kinds: Readonly<Record<string, MapValue>> = {
  src: one,
  href: one,
  action: one,
  formaction: one,
  poster: one,
  background: one,
  cite: one,
  manifest: one,
  ping: spaced,
  srcset: fixedSrcset,
  imagesrcset: fixedSrcset,
  style: (value, map) => mapCss(value, fromAnywhere(map)),
  srcdoc: mapMarkup,
};

/**
 * Maps the value of an attribute that holds URLs; gives others back as they are. What custom elements call `src` or
 * `href` is theirs.
 * @param attribute `xlink:href` counts as `href`
 */
export function mapAttribute(element: string, attribute: string, value: string, map: MapUrl): string {
  const name = attribute.toLowerCase().replace(/^xlink:/, '');
  if (name === 'data') return element.toLowerCase() === 'object' ? map(value) : value;
  if (element.includes('-') || !Object.hasOwn(kinds, name)) return value;
  return kinds[name]?.(value, map) ?? value;
}
