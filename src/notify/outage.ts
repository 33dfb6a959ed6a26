import type { WebhookConfig } from '../config/config';
import type { MountStatus } from '../upstream/status';

/*
 * When somebody has to be told of a mount. Pure: changes of status and a clock go in, what is due comes out. There is no
 * queue of messages: what is due is worked out from what is so and what was told, so that the newest state always wins
 * and nothing grows while a receiver is away. Every `at` and `now` is in milliseconds of one steady clock.
 */

/** `other` is what this webhook is not told of: not checked yet, or a trouble that `states` leaves out. */
type Condition = 'healthy' | 'unhealthy' | 'kpow-error-state' | 'unreachable' | 'other';

export type Rules = Pick<WebhookConfig, 'states' | 'after' | 'repeat'>;

/** What one webhook knows of one mount. */
export interface Outage {
  readonly status: MountStatus;
  readonly condition: Condition;
  /** Since when it is in this condition. */
  readonly conditionAt: number;
  /** Since when it is in trouble, of whatever kind; null when it is not. */
  readonly troubleAt: number | null;
  /** When the trouble began, as people tell the time. */
  readonly since: Date;
  /** The trouble that was told and not yet taken back. */
  readonly told: Told | null;
}

interface Told {
  readonly condition: Condition;
  readonly at: number;
  /** `maybe`: no answer came, and the message may have arrived nevertheless. `refused`: it never will. */
  readonly arrived: 'yes' | 'maybe' | 'refused';
}

export type Event = 'trouble' | 'reminder' | 'recovery';

export interface Due {
  readonly at: number;
  readonly event: Event;
}

/** What a status means to somebody who was told, or not, what came before. */
export function observe(before: Outage | null, status: MountStatus, rules: Rules, now: number): Outage {
  const condition = conditionOf(status, rules.states);
  const conditionAt = before?.condition === condition ? before.conditionAt : now;
  const told = before === null || isOverUntold(before, rules, now) ? null : before.told;
  if (!isTrouble(condition))
    return { status, condition, conditionAt, troubleAt: null, since: before?.since ?? status.since, told };
  // A trouble that came back before anybody was told of its end is still the same one.
  const goesOn = before !== null && (told !== null || before.troubleAt !== null);
  return {
    status,
    condition,
    conditionAt,
    troubleAt: before?.troubleAt ?? now,
    since: goesOn ? before.since : status.since,
    told,
  };
}

/** What has to be told, and from when on; null while there is nothing. */
export function dueOf({ condition, conditionAt, troubleAt, told }: Outage, rules: Rules): Due | null {
  if (condition === 'healthy')
    return told === null || !rules.states.includes('healthy')
      ? null
      : { at: conditionAt + rules.after, event: 'recovery' };
  if (troubleAt === null) return null;
  if (told === null) return { at: troubleAt + rules.after, event: 'trouble' };
  if (told.arrived === 'maybe') return { at: told.at, event: 'trouble' };
  if (told.condition !== condition) return { at: conditionAt + rules.after, event: 'trouble' };
  return rules.repeat === 0 ? null : { at: told.at + rules.repeat, event: 'reminder' };
}

export type Result = Told['arrived'] | 'no';

/**
 * The outage after an attempt to tell of it.
 * @param outage as it is now
 * @param sent as it was when the message was made
 */
export function afterTelling(outage: Outage, sent: Outage, event: Event, result: Result, now: number): Outage {
  if (result === 'no') return outage;
  const { condition } = sent;
  if (result === 'maybe')
    return event === 'trouble' ? { ...outage, told: { condition, at: now, arrived: result } } : outage;
  return { ...outage, told: event === 'recovery' ? null : { condition, at: now, arrived: result } };
}

/** For a webhook whose settings have changed: what it refused before is worth another attempt. */
export function forgetRefusal(outage: Outage): Outage {
  return outage.told?.arrived === 'refused' ? { ...outage, told: null } : outage;
}

function conditionOf({ state, reason }: MountStatus, states: Rules['states']): Condition {
  if (state === 'healthy') return 'healthy';
  if ((state !== 'unhealthy' && state !== 'unreachable') || !states.includes(state)) return 'other';
  return reason === 'kpow-error-state' ? reason : state;
}

const isTrouble = (condition: Condition) => condition !== 'healthy' && condition !== 'other';

/** The end of a trouble is forgotten, not told, where `states` leaves recoveries out. */
const isOverUntold = ({ condition, conditionAt }: Outage, rules: Rules, now: number) =>
  condition === 'healthy' && !rules.states.includes('healthy') && now - conditionAt >= rules.after;
