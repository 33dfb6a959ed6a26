import type { Config, MountConfig } from '../config/config';
import { nearest } from '../config/spelling';
import { configWarnings } from '../config/warnings';
import { examine, worstFirst, type Examination } from '../doctor/examine';
import type { Finding } from '../doctor/finding';
import { escapedCounts } from '../doctor/findings/escaped';
import { runningMetrics } from '../doctor/running-gateway';
import { examinationLines, findingLines, summary } from '../doctor/text';
import { hereOf } from '../explain/here';
import type { AskedWords } from '../explain/asked';
import { printable, printableJson } from '../observe/printable';
import { parseAuthority } from '../headers/forwarded';
import { parseUrl } from '../parse-url';
import type { Patience } from '../doctor/visitor';
import { withoutEnd } from '../without-end';

export interface DoctorOptions {
  /** The path or the name of the one mount to look at; null for all. */
  readonly mount: string | null;
  /** The origin that people see, where another proxy in front makes it; null for what the configuration says. */
  readonly origin: string | null;
  /** Paths inside the mount. */
  readonly websocket: readonly string[];
  readonly events: readonly string[];
  readonly json: boolean;
  readonly patience?: Patience;
}

/** Milliseconds. */
const usualPatience: Patience = { request: 3_000, mount: 10_000 };

/** Tools that are looked at at once. */
const atOnce = 8;

/**
 * Looks at each mount's tool for real, and says what is wrong with it and what helps.
 * @param out called with each line to print
 * @param error called with what is wrong with the question itself
 * @returns the exit code: 0; 1 where something is wrong; 2 where there is no such mount
 */
export async function doctor(
  config: Config,
  { mount: named, origin, websocket, events, json, patience = usualPatience }: DoctorOptions,
  { out, error }: { out: (line: string) => void; error: (line: string) => void },
): Promise<number> {
  const mounts = named === null ? config.mounts : mountsNamed(config.mounts, named);
  if (mounts.length === 0) {
    const near = nearest(
      named ?? '',
      config.mounts.flatMap(({ path, name }) => [path, name]),
    );
    error(`There is no mount ${printable(named ?? '')}${near === null ? '' : `; did you mean ${near}?`}`);
    return 2;
  }
  const here = origin === null ? seenAt(config) : readOrigin(origin);
  if (!here) {
    error(`${printable(origin ?? '')} is no origin; write one such as https://tools.example.com`);
    return 2;
  }
  const metrics = await runningMetrics(config, patience.request);
  const escaped = escapedCounts(metrics ?? '');
  const examinations = await eachOf(mounts, (mount) =>
    examine(config, mount, {
      here,
      patience,
      websockets: websocket,
      events,
      escaped: escaped.get(mount.path) ?? escaped.get(mount.name) ?? 0,
    }),
  );
  const own = named === null ? ownFindings(config) : [];
  if (json) out(printableJson({ gateway: own, mounts: examinations.map(shown) }));
  else {
    for (const examination of examinations) for (const line of examinationLines(examination)) out(line);
    if (own.length > 0) for (const line of ['The gateway itself', ...own.flatMap(findingLines), '']) out(line);
    out(summary(examinations, own));
  }
  const all = [...own, ...examinations.flatMap(({ findings }) => findings)];
  return all.some(({ severity }) => severity === 'wrong') ? 1 : 0;
}

function mountsNamed(mounts: readonly MountConfig[], named: string): MountConfig[] {
  const path = named.charAt(0) + withoutEnd(named.slice(1), '/');
  const byPath = mounts.filter((mount) => mount.path === path || mount.path === `/${path}`);
  return byPath.length > 0 ? byPath : mounts.filter(({ name }) => name.toLowerCase() === named.toLowerCase());
}

/** Where people see the gateway: as messages link to it, else as a browser on this machine would ask. */
function seenAt(config: Config): AskedWords['here'] {
  const { link } = config.notify;
  return (link === null ? null : readOrigin(new URL(link).origin)) ?? hereOf(config);
}

function readOrigin(text: string): AskedWords['here'] | null {
  const [, scheme = '', authority = ''] = /^(https?):\/\/([^/?#]+)\/?$/i.exec(text) ?? [];
  return parseAuthority(authority) && parseUrl(text) ? { secure: scheme.toLowerCase() === 'https', authority } : null;
}

/** Of what `check` warns of, that which lets strangers read. */
function ownFindings(config: Config): Finding[] {
  const findings = configWarnings(config)
    .filter((warning) => warning.startsWith('metrics.allow:'))
    .map((warning): Finding => {
      const [cause = '', fix = ''] = warning.slice('metrics.allow:'.length).split(';');
      return {
        severity: 'warning',
        title: 'Everybody can read the gateway’s metrics',
        evidence: [`metrics.allow: [${config.metrics?.allow.join(', ') ?? ''}]`],
        cause: cause.trim(),
        fix: [fix.trim()],
      };
    });
  return worstFirst(findings);
}

function shown({ mount, tool, findings }: Examination) {
  return { mount: mount.path, name: mount.name, tool, findings };
}

/** In the order of the mounts, some at once. */
async function eachOf<T, R>(items: readonly T[], work: (item: T) => Promise<R>): Promise<R[]> {
  const results: R[] = [];
  let next = 0;
  const worker = async () => {
    for (let i = next++; i < items.length; i = next++) {
      const item = items[i];
      if (item !== undefined) results[i] = await work(item);
    }
  };
  await Promise.all(Array.from({ length: Math.min(atOnce, items.length) }, worker));
  return results;
}
