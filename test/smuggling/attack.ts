import { RawClient } from '../support/raw-client';
import type { Entrance } from '../support/ways/entrance';
import { turns } from '../support/ways/turns';
import { readTranscript } from '../support/ways/transcript';
import { publicHost, type SmugglingCase } from './smuggling-case';

/** A case, and where and how it is tried. */
export interface Attempt {
  readonly tried: SmugglingCase;
  /** The path that stands for `/tool`, as long as that, so that no length in the case changes. */
  readonly place: string;
  /** Whether its bytes come in pieces. */
  readonly cut: boolean;
}

/** What came back. */
export interface Heard {
  /** By whoever sent the case. */
  readonly attacker: string;
  /** By those who came behind: each has asked for `/victim` and has its name as the marker. */
  readonly victims: Readonly<Record<string, string>>;
  /** Whose connection has no end. */
  readonly hung: readonly string[];
}

/** How long something may take that is over in milliseconds, also where all cores are busy. */
const patience = 30_000;

/** @param text of a case, or what it says of the tool */
export const atPlace = (text: string, place: string) => text.replaceAll('/tool', place);

/** Sends a case by one way, and when its connection has ended, has others ask for something sound. */
export async function attack(
  attempt: Attempt,
  by: Entrance,
  port: number,
  bystanders: readonly Bystander[],
): Promise<Heard> {
  const hung: string[] = [];
  const client = await RawClient.connect(port, false);
  const patient = withPatience(client);
  const attacker = await send(client, attempt, by);
  if (!patient.done()) hung.push('attacker');
  const victims: Record<string, string> = {};
  await Promise.all(
    bystanders.map(async (bystander) => {
      victims[bystander.way] = await bystander.ask(`${attempt.place}/victim`);
    }),
  );
  return { attacker, victims, hung };
}

/** Destroys a client that waits too long. `done` tells whether it did not have to. */
function withPatience(client: RawClient): { readonly done: () => boolean } {
  let cut = false;
  const limit = setTimeout(() => {
    cut = true;
    client.destroy();
  }, patience);
  return {
    done: () => {
      clearTimeout(limit);
      return !cut;
    },
  };
}

/** A client that keeps its connection, and whose requests go by one way: through that one's pool of connections. */
export class Bystander {
  #client: RawClient | null = null;

  constructor(
    readonly way: Entrance,
    private readonly port: number,
  ) {}

  /** @returns all that came back; with the first answer, no more is waited for */
  async ask(target: string): Promise<string> {
    if (this.#client?.closed !== false) this.#client = await RawClient.connect(this.port, false);
    const client = this.#client;
    const patient = withPatience(client);
    const before = client.text.length;
    client.write(requestOf(target, this.way, hostLine[this.way]));
    await client.once(() => wholeAnswers(client.text.slice(before), ['GET']) === 1);
    patient.done();
    return client.text.slice(before);
  }

  leave(): void {
    this.#client?.destroy();
  }
}

/** Everybody understands both, and the relay takes the first alone. */
const hostLine: Readonly<Record<Entrance, string>> = {
  relay: `Host: ${publicHost}\r\n`,
  detour: `Host: ${publicHost}\r\n`,
  app: `Host:${publicHost}\r\n`,
};

const requestOf = (target: string, marker: string, fields: string) =>
  `GET ${target} HTTP/1.1\r\n${fields}X-Marker: ${marker}\r\n\r\n`;

/** @returns what came back, less the answer to the request that made the connection the app's */
async function send(client: RawClient, { tried, place, cut }: Attempt, by: Entrance): Promise<string> {
  let before = 0;
  if (by === 'app') {
    client.write(requestOf(`${place}/before`, 'before', hostLine.app));
    await client.once(() => wholeAnswers(client.text, ['GET']) === 1);
    before = client.text.length;
  }
  const text = () => client.text.slice(before);
  const last = requestOf(`${place}/last`, 'last', `${hostLine.relay}Connection: close\r\n`);
  const leaves = tried.then === 'leaves';
  const bytes = atPlace(tried.bytes, place);
  const late = atPlace(tried.late, place);
  const tail = leaves ? '' : last;
  await write(client, late === '' ? bytes + tail : bytes, cut);
  if (late !== '' || leaves) {
    const methods = tried.answers.map((answer) => (typeof answer === 'number' ? 'GET' : answer.method));
    await client.once(() => wholeAnswers(text(), methods) === methods.length);
    if (late !== '') await write(client, late + tail, cut);
  }
  if (leaves) client.socket.end();
  await client.end();
  return text();
}

function wholeAnswers(text: string, methods: readonly string[]): number {
  const { answers } = readTranscript(text, methods, false);
  return answers.filter(({ complete, statusLine }) => complete || statusLine.startsWith('HTTP/1.1 101')).length;
}

async function write(client: RawClient, bytes: string, cut: boolean): Promise<void> {
  for (const piece of cut ? inPieces(bytes) : [bytes]) {
    if (client.closed) return;
    client.write(piece);
    if (cut) await turns();
  }
}

/** Cuts where readers stumble: within a method, a line end, the end of a head, a name, and at the very end. */
function inPieces(bytes: string): string[] {
  const head = bytes.indexOf('\r\n\r\n');
  const places = [
    1,
    bytes.indexOf('\r') + 1,
    bytes.indexOf(':') + 1,
    bytes.lastIndexOf('\n', head),
    head + 1,
    head + 2,
    head + 3,
    bytes.indexOf('\r', head + 4) + 1,
    bytes.length - 1,
  ];
  const sorted = [...new Set(places)].filter((at) => at > 0 && at < bytes.length).sort((a, b) => a - b);
  return [0, ...sorted].map((at, i) => bytes.slice(at, sorted[i]));
}
