/*
 * What is known of the releases of Node that the gateway may run on. When to look again: whenever Node has published
 * security releases. https://nodejs.org/en/blog/vulnerability lists them.
 */

/** The release line to use. */
export const recommendedLine = 24;

/** The last day of support, by release line. https://github.com/nodejs/Release#release-schedule, and its schedule.json */
const supportedUntil: Readonly<Record<number, string>> = {
  18: '2025-04-30',
  19: '2023-06-01',
  20: '2026-04-30',
  21: '2024-06-01',
  22: '2027-04-30',
  23: '2025-06-01',
  24: '2028-04-30',
  25: '2026-06-01',
  26: '2029-04-30',
  27: '2030-04-30',
};

interface Hole {
  readonly id: string;
  /** What it does to the gateway. */
  readonly what: string;
  /** The first release of each line without it; a line before the last of them that is not named has no such release. */
  readonly fixedIn: Readonly<Record<number, string>>;
}

const march2026 = { 20: '20.20.2', 22: '22.22.2', 24: '24.14.1', 25: '25.8.2' };
const june2026 = { 22: '22.23.0', 24: '24.17.0', 26: '26.3.1' };
const july2026 = { 22: '22.23.2', 24: '24.18.1', 26: '26.5.1' };
const october2026 = { 22: '22.23.4', 24: '24.22.1', 26: '26.12.1' };

/**
 * Those that concern the gateway: it has TLS with several certificates, an HTTP client with kept connections, HTTPS to
 * tools, Node's parser, and decodes what tools have compressed. It uses neither Node's HTTP/2 nor its permissions nor
 * WebCrypto on what others send.
 */
const holes: readonly Hole[] = [
  // https://nodejs.org/en/blog/vulnerability/march-2026-security-releases
  { id: 'CVE-2026-21637', what: 'the name that a client asks for in TLS can end the process', fixedIn: march2026 },
  { id: 'CVE-2026-21717', what: 'texts whose hashes collide hold the process up', fixedIn: march2026 },
  // https://nodejs.org/en/blog/vulnerability/june-2026-security-releases
  { id: 'CVE-2026-48618', what: 'an https tool can be another than its certificate says', fixedIn: june2026 },
  { id: 'CVE-2026-48934', what: 'a resumed session to an https tool skips the check of its name', fixedIn: june2026 },
  { id: 'CVE-2026-48931', what: 'a tool can answer a request before it is sent', fixedIn: june2026 },
  // https://nodejs.org/en/blog/vulnerability/july-2026-security-releases
  { id: 'CVE-2026-58044', what: 'fields that are cut off let requests be smuggled through proxies', fixedIn: july2026 },
  { id: 'CVE-2026-58040', what: 'a resumed session to an https tool skips the check of its name', fixedIn: july2026 },
  // https://nodejs.org/en/blog/vulnerability/october-2026-security-releases
  { id: 'CVE-2026-111497', what: 'an answer in Brotli can overwrite the memory of the process', fixedIn: october2026 },
  { id: 'CVE-2026-105481', what: 'a flaw of the HTTP client’s kept connections', fixedIn: october2026 },
  { id: 'CVE-2026-106069', what: 'an https tool can be another than its certificate says', fixedIn: october2026 },
];

/**
 * What is to be said against running on a release of Node: sentences, none where there is nothing.
 * @param version such as 24.22.3
 */
export function nodeWarnings(version = process.versions.node, now = new Date()): string[] {
  const line = Number.parseInt(version, 10);
  const open = holes.filter((hole) => isOpen(hole, line, version));
  const end = supportedUntil[Math.max(line, 18)];
  const instead = `Use Node ${recommendedLine}, which is supported until ${supportedUntil[recommendedLine]}`;
  if (end !== undefined && now.toISOString().slice(0, 10) > end) {
    const ids = open.length === 0 ? '' : `: ${open.map(({ id }) => id).join(', ')}`;
    return [
      `Node ${version} is of a release line that has been out of support since ${end}, so holes that concern the gateway stay open in it${ids}. ${instead}`,
    ];
  }
  if (open.length === 0) return [];
  const fixes = open.flatMap(({ fixedIn }) => fixedIn[line] ?? []).toSorted(compareVersions);
  const told = open.map(({ id, what }) => `${id} (${what})`).join(', ');
  return [`Node ${version} has known holes that concern the gateway: ${told}. Use Node ${fixes.at(-1)} or newer`];
}

function isOpen({ fixedIn }: Hole, line: number, version: string): boolean {
  const fixed = fixedIn[line];
  if (fixed === undefined) return line < Math.max(...Object.keys(fixedIn).map(Number));
  return compareVersions(version, fixed) < 0;
}

function compareVersions(one: string, other: string): number {
  const numbers = (version: string) => version.split('.').map((part) => Number.parseInt(part, 10));
  const others = numbers(other);
  return numbers(one).reduce((found, part, index) => found || part - (others[index] ?? 0), 0);
}
