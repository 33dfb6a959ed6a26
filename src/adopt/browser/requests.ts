import { argument, prototypeOf, wrap, wrapSetter, type Change } from './natives';
import { mapCookie } from './cookie';
import type { Scope } from './scope';

/** Requests, sockets, workers, the history and cookies: what a page asks for by a function. */
export function wrapRequests({ window, mount, mapped, map }: Scope): void {
  const prototype = (name: string): object | undefined => prototypeOf(window, name);
  const first = argument(0, (value) => mapped(value));
  const NativeRequest = window.Request;
  const request = (value: unknown): unknown => {
    if (!(value instanceof NativeRequest)) return mapped(value);
    const url = map(value.url);
    return url === value.url ? value : new NativeRequest(url, value);
  };
  const requested: Change = argument(0, request);

  for (const name of ['fetch', 'fetchLater', 'Request']) wrap(window, name, requested);
  const constructors = ['WebSocket', 'EventSource', 'Worker', 'SharedWorker', 'Audio', 'WebTransport'];
  for (const name of [...constructors, 'open']) wrap(window, name, first);
  wrap(
    prototype('XMLHttpRequest'),
    'open',
    argument(1, (value) => mapped(value)),
  );
  wrap(prototype('Navigator'), 'sendBeacon', first);
  wrap(prototype('Worklet'), 'addModule', first);
  wrap(prototype('Navigation'), 'navigate', first);

  for (const name of ['pushState', 'replaceState'])
    wrap(
      prototype('History'),
      name,
      argument(2, (value) => mapped(value)),
    );

  wrap(prototype('ServiceWorkerContainer'), 'register', ([url, options, ...rest]) => {
    const scope = (options as RegistrationOptions | undefined)?.scope;
    const mappedOptions = scope === undefined ? options : { ...(options as object), scope: mapped(scope) };
    return [mapped(url), mappedOptions, ...rest];
  });
  wrap(prototype('ServiceWorkerContainer'), 'getRegistration', first);

  for (const name of ['add', 'put', 'match', 'matchAll', 'delete', 'keys']) wrap(prototype('Cache'), name, requested);
  wrap(
    prototype('Cache'),
    'addAll',
    argument(0, (list) => Array.from(list as Iterable<unknown>, request)),
  );
  wrap(prototype('CacheStorage'), 'match', requested);

  wrapSetter(prototype('Document'), 'cookie', (value) => mapped(value, (cookie) => mapCookie(cookie, mount)));
}
