import { isWholeSentence, type MountStatus } from '../upstream/status';

/** Two or three words that stand beside the shape and the colour of a state. */
export function stateWord(status: Pick<MountStatus, 'state' | 'reason'>): string {
  switch (status.state) {
    case 'healthy':
      return 'Well';
    case 'unhealthy':
      return status.reason === 'kpow-error-state' ? 'ERROR state' : 'Not well';
    case 'unreachable':
      return 'No answer';
    case 'unknown':
      return 'Checking';
    case 'unchecked':
      return 'Not checked';
  }
}

export const isTrouble = ({ state }: Pick<MountStatus, 'state'>): boolean =>
  state === 'unhealthy' || state === 'unreachable';

const plural = (count: number, one: string, many: string): string => `${count} ${count === 1 ? one : many}`;

export interface Summary {
  /** `3 of 4 tools are well` */
  readonly headline: string;
  /** What the headline leaves out: `1 being checked, 2 not checked`; or ''. */
  readonly note: string;
  /** How many are in trouble. */
  readonly troubled: number;
}

/** The state of all tools in a line. */
export function summarize(statuses: readonly Pick<MountStatus, 'state'>[]): Summary {
  const count = (state: MountStatus['state']): number => statuses.filter((status) => status.state === state).length;
  const unknown = count('unknown');
  const unchecked = count('unchecked');
  const note = [unknown > 0 && `${unknown} being checked`, unchecked > 0 && `${unchecked} not checked`];
  return {
    headline: headline(statuses.length, statuses.length - unchecked, unknown, count('healthy')),
    note: note.filter((part) => part !== false).join(', '),
    troubled: statuses.filter(isTrouble).length,
  };
}

function headline(total: number, checked: number, unknown: number, well: number): string {
  const noun = checked < total ? 'checked tool' : 'tool';
  if (total === 0) return 'No tools yet';
  if (checked === 0) return plural(total, 'tool', 'tools');
  if (unknown === checked) return `Checking ${plural(checked, 'tool', 'tools')}`;
  if (checked === 1) return `The ${noun} is ${well === 1 ? 'well' : 'not well'}`;
  if (well === 0) return `None of ${checked} ${noun}s is well`;
  if (well < checked) return `${well} of ${checked} ${noun}s ${well === 1 ? 'is' : 'are'} well`;
  return checked === 2 ? `Both ${noun}s are well` : `All ${checked} ${noun}s are well`;
}

/** Milliseconds as people read them; null is a tool that has not answered. */
export function latencyText(milliseconds: number | null): string {
  if (milliseconds === null) return '–';
  if (milliseconds < 1) return '< 1 ms';
  if (milliseconds < 999.5) return `${Math.round(milliseconds)} ms`;
  return `${(milliseconds / 1000).toFixed(1)} s`;
}

const utc = new Intl.DateTimeFormat('en-GB', {
  day: 'numeric',
  month: 'short',
  hour: '2-digit',
  minute: '2-digit',
  timeZone: 'UTC',
});

/** A moment for pages that no script has touched: `1 Oct, 14:03 UTC`. */
export const utcText = (moment: Date): string => `${utc.format(moment)} UTC`;

/** Ends with a full stop. */
export const sentence = (text: string): string => (text === '' || /[.!?…]$/.test(text) ? text : `${text}.`);

/** A status's detail as a sentence: its words follow the tool's name, unless they are a sentence of their own. */
export function detailSentence(name: string, { detail }: Pick<MountStatus, 'detail'>): string {
  if (detail === '') return '';
  return sentence(isWholeSentence(detail) ? detail : `${name} ${detail}`);
}
