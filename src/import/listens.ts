import type { Ledger } from './ledger';
import type { Scope } from './scope';

export interface Listen {
  readonly host: string;
  readonly port: number;
  readonly tls: boolean;
}

/** Where a server listens, as nginx reads it: port 80 of every address unless it says otherwise. */
export function listensOf(scope: Scope, ledger: Ledger): Listen[] {
  const found: Listen[] = [];
  const allTls = scope.one('ssl')?.args[0] === 'on';
  const directives = scope.own('listen');
  for (const directive of directives) {
    const [address = '', ...options] = directive.args;
    const place = placeOf(address);
    if (place === null) {
      ledger.remark(directive, 'the gateway listens on ports alone; write one in listen');
      continue;
    }
    if (options.includes('quic')) {
      ledger.remark(directive, 'the gateway speaks no HTTP/3');
      continue;
    }
    if (options.includes('proxy_protocol'))
      ledger.remark(directive, 'the gateway reads no PROXY protocol; let the proxy in front send X-Forwarded-For');
    const listen = { ...place, tls: allTls || options.includes('ssl') };
    const twin = found.findIndex(({ port, tls }) => port === listen.port && tls === listen.tls);
    const other = found[twin];
    // `[::]:80` beside `80`: `::` takes both.
    if (other && other.host !== listen.host && isWhole(other.host) && isWhole(listen.host))
      found[twin] = { ...listen, host: '::' };
    else if (!other) found.push(listen);
    else if (other.host !== listen.host) {
      ledger.remark(directive, `the gateway listens on one address for a port; ${other.host} is taken`);
      continue;
    }
    ledger.carried(directive);
  }
  if (directives.length === 0) found.push({ host: '0.0.0.0', port: 80, tls: allTls });
  return found;
}

const isWhole = (host: string) => host === '0.0.0.0' || host === '::';

function placeOf(address: string): { host: string; port: number } | null {
  if (address.startsWith('unix:')) return null;
  if (/^\d{1,5}$/.test(address)) return { host: '0.0.0.0', port: Number(address) };
  const [, host, port] = /^(\[[\da-f:.]+\]|\*|[\w.-]+)(?::(\d{1,5}))?$/i.exec(address) ?? [];
  if (host === undefined) return null;
  return {
    host: host === '*' ? '0.0.0.0' : host.replace(/^\[(.*)\]$/, '$1'),
    port: port === undefined ? 80 : Number(port),
  };
}

/** Whether one of them is exactly this place, so that whoever reaches it reaches them. */
export function covers(listens: readonly Listen[], { host, port, tls }: Listen): boolean {
  return listens.some(
    (each) => each.port === port && each.tls === tls && (each.host === host || (isWhole(each.host) && isWhole(host))),
  );
}
