import { readForwarded, type ClientView } from '../../src/headers/forwarded';

/** Who asks for a host over TLS, without a proxy. */
export function viewOf(host: string): ClientView {
  const view = readForwarded([], host, { address: '127.0.0.1', secure: true, certificate: null }, () => false);
  if (!view) throw new Error(`${host} is no host`);
  return view;
}
