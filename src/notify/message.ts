import { spokenDuration } from '../observe/duration';
import { detailSentence, stateWord, utcText } from '../portal/status-text';
import type { MountStatus } from '../upstream/status';
import type { Event, Outage } from './outage';

/** Something to tell, whatever the receiver's format. */
export interface Message {
  readonly event: Event;
  /** Set in what `test-webhooks` sends. */
  readonly test: boolean;
  readonly name: string;
  /** The mount's path. */
  readonly path: string;
  readonly status: MountStatus;
  /** When the trouble began; when it ended, or null while it lasts; the time between, or until now, in milliseconds. */
  readonly since: Date;
  readonly until: Date | null;
  readonly lasted: number;
}

/** What all messages of a gateway have in common. */
export interface Sender {
  /** The host name of the machine. */
  readonly gateway: string;
  /** Where people find the portal; null where it is not known. */
  readonly link: string | null;
}

export function messageOf(
  mount: { readonly name: string; readonly path: string },
  { status, since }: Pick<Outage, 'status' | 'since'>,
  event: Event,
  now: Date,
): Message {
  const until = event === 'recovery' ? status.since : null;
  const lasted = Math.max(0, (until ?? now).getTime() - since.getTime());
  return { event, test: false, name: mount.name, path: mount.path, status, since, until, lasted };
}

/** `kPow: ERROR state`, `kPow: ERROR state (reminder)`, `kPow is well again after 3 min 20 s` */
export function summary({ event, name, status, lasted }: Message): string {
  if (event === 'recovery') return `${name} is well again after ${spokenDuration(lasted)}`;
  return `${name}: ${stateWord(status)}${event === 'reminder' ? ' (reminder)' : ''}`;
}

/** What has happened, a sentence. */
export const detail = ({ name, status }: Message): string => detailSentence(name, status);

/** All that people want to know, in lines. Without advice it is short: for one of many. */
export function lines(message: Message, { advice }: { readonly advice: boolean }): string[] {
  const { event, status, since, lasted } = message;
  const sign = event === 'recovery' ? '🟢' : '🔴';
  const head = `${sign} *${summary(message)}*`;
  if (event === 'recovery') return [`${head}, since ${utcText(status.since)}`];
  return [
    `${head}, since ${utcText(since)} (${spokenDuration(lasted)})`,
    detail(message),
    ...(advice ? status.advice.map((sentence) => `• ${sentence}`) : []),
  ];
}
