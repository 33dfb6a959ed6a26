import type { Directive } from './directives';
import type { Ledger } from './ledger';
import type { Scope } from './scope';

/** Where a `proxy_pass` leads to. */
export interface Destination {
  readonly scheme: string;
  /** Of each server, in the order in which they are wanted. */
  readonly authorities: readonly string[];
  /** null where `proxy_pass` has none. */
  readonly uri: string | null;
  /** Whether the whole path that was asked for follows (`$request_uri`). */
  readonly keepsPath: boolean;
  readonly balance: 'active-standby' | 'least-connections';
  readonly sticky: boolean;
}

/** @returns what is wrong, where it leads nowhere that the gateway could go */
export function destinationOf(
  pass: Directive,
  scope: Scope,
  upstreams: ReadonlyMap<string, Directive>,
  ledger: Ledger,
): Destination | string {
  const written = pass.args[0] ?? '';
  const plain = written.replace(/\$\{?(\w+)\}?/g, (found, name: string) => scope.variable(`$${name}`) ?? found);
  const url = plain.replace(/(?:\$request_uri|\$(?:document_)?uri(?:\$is_args\$(?:args|query_string))?)$/, '');
  const keepsPath = url !== plain;
  if (url.includes('$')) return 'the target is known to nginx alone ($); write a mount with the address that is meant';
  const [, scheme, authority, uri] = /^(https?):\/\/([^/?#]+)(.*)$/is.exec(url) ?? [];
  if (scheme === undefined || authority === undefined) return 'it is not an http:// or https:// address; write a mount';
  if (/^unix$|^unix:/i.test(authority)) return 'the gateway reaches no socket files; let the tool listen on a port';
  if (written !== plain && uri !== '' && !keepsPath)
    return 'with a variable the path is replaced whole; write a mount for that path';
  const known = upstreams.get(authority);
  const group = known === undefined ? { authorities: [authority], ...alone } : groupOf(known, ledger);
  if (typeof group === 'string') return group;
  return { scheme: scheme.toLowerCase(), uri: uri === undefined || uri === '' ? null : uri, keepsPath, ...group };
}

const alone = { balance: 'active-standby', sticky: false } as const;
type Group = Pick<Destination, 'authorities' | 'balance' | 'sticky'>;

function groupOf(upstream: Directive, ledger: Ledger): Group | string {
  ledger.carried(upstream);
  const servers: string[] = [];
  const backups: { authority: string; directive: Directive }[] = [];
  const methods = new Set<string>();
  for (const directive of upstream.block ?? []) {
    const { name, args } = directive;
    if (name !== 'server') {
      if (['least_conn', 'ip_hash', 'hash', 'random', 'sticky'].includes(name)) methods.add(name);
      continue;
    }
    const [authority = '', ...options] = args;
    if (authority.startsWith('unix:')) {
      ledger.remark(directive, 'the gateway reaches no socket files; let the tool listen on a port');
      continue;
    }
    ledger.carried(directive);
    if (options.includes('down')) continue;
    const odd = options.filter((option) => !/^(backup|weight=1|max_fails=.*|fail_timeout=.*|resolve)$/.test(option));
    if (odd.length > 0) ledger.remark(directive, `${odd.join(', ')}: the gateway has nothing for it`);
    if (options.includes('backup')) backups.push({ authority, directive });
    else servers.push(authority);
  }
  const [first] = [...servers, ...backups];
  if (first === undefined)
    return 'its upstream has no server that the gateway could reach; write the address as target';
  for (const directive of upstream.block ?? []) {
    if (directive.name === 'least_conn') ledger.carried(directive);
    else if (directive.name === 'ip_hash')
      ledger.remark(
        directive,
        'browsers stay with a target by a cookie instead (sticky); write a secret of 16 characters or more',
      );
    else if (methods.has(directive.name))
      ledger.remark(directive, 'each request goes to the target with the fewest under way instead');
  }
  if (servers.length <= 1) return { authorities: [...servers, ...backups.map(({ authority }) => authority)], ...alone };
  for (const { directive } of backups)
    ledger.remark(directive, 'is left out: beside targets that share the requests none stands by');
  if (methods.size === 0)
    ledger.remark(upstream, 'each request goes to the target with the fewest under way, where nginx took turns');
  return { authorities: servers, balance: 'least-connections', sticky: methods.has('ip_hash') };
}
