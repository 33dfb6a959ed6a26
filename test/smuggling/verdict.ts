import { safeTarget } from '../../src/observe/redact';
import { fieldValues, readTranscript, type ReadAnswer } from '../support/ways/transcript';
import { atPlace, type Attempt, type Heard } from './attack';
import { echoOf, isEarly, type Arrived } from './readers/reader';
import type { Served } from './smuggling-case';

/** All that can be known of an attempt, when it is over. */
export interface Observed {
  readonly heard: Heard;
  /** What the tool made of it, in order. */
  readonly arrived: readonly Arrived[];
  /** Lines of the gateway's access log for requests that a tool has answered. */
  readonly logged: readonly { readonly method: string; readonly path: string }[];
}

/** leaked: something reached a tool, or a client, that is not for them. lost: something has not that is. */
export interface Problem {
  readonly harm: 'leaked' | 'lost';
  readonly what: string;
}

/** What is wrong with how an attempt went; nothing, where the gateway survived it. */
export function judge(attempt: Attempt, observed: Observed): Problem[] {
  return [
    ...observed.heard.hung.map((who) => lost(`the connection of the ${who} has no end`)),
    ...judgeVictims(attempt, observed),
    ...judgeArrived(attempt, observed),
    ...judgeAnswers(attempt, observed.heard.attacker),
    ...judgeLog(attempt, observed),
  ];
}

const leaked = (what: string): Problem => ({ harm: 'leaked', what });
const lost = (what: string): Problem => ({ harm: 'lost', what });
const quoted = (text: string) => JSON.stringify(text.length > 600 ? `${text.slice(0, 600)}...` : text);

/** Each gets one answer, which is its own. */
function judgeVictims({ place }: Attempt, { heard }: Observed): Problem[] {
  return Object.entries(heard.victims).flatMap(([name, text]) => {
    const { answers, rest } = readTranscript(text, ['GET'], true);
    const own = echoOf({ method: 'GET', target: `${place}/victim`, marker: name, body: '' });
    const echo = answers.map(echoIn)[0];
    if (rest !== '') return leaked(`the next client, by the ${name}, got more than its answer: ${quoted(text)}`);
    if (echo === own && answers[0]?.complete) return [];
    const what = `the next client, by the ${name}, got ${quoted(text)}`;
    return echo === undefined ? lost(what) : leaked(what);
  });
}

const echoIn = ({ fields }: ReadAnswer): string | undefined => fieldValues(fields, 'x-echo')[0];

/** Of the test's own requests, those before a case and behind it. */
const ownMarkers = new Set(['before', 'last', 'relay', 'app']);

function judgeArrived({ tried, place }: Attempt, { arrived, heard }: Observed): Problem[] {
  const problems: Problem[] = [];
  const { partly } = tried;
  const expected = tried.answers
    .filter((answer) => typeof answer !== 'number')
    .map((answer) => ({ ...answer, target: atPlace(answer.target, place), body: atPlace(answer.body, place) }));
  const isPartly = ({ method, target }: { method: string; target: string }) =>
    partly !== null && method === partly.method && target === atPlace(partly.target, place);
  const requests: Arrived[] = [];
  for (const what of arrived) {
    problems.push(...what.wrong.map((why) => leaked(`${what.kind}, ${what.method} ${quoted(what.target)}: ${why}`)));
    if (what.kind === 'nonsense') problems.push(leaked(`nonsense reached the tool: ${quoted(what.body)}`));
    else if (what.kind === 'request') requests.push(what);
    else if (!isPartly(what)) problems.push(leaked(`a part of ${what.method} ${quoted(what.target)} reached the tool`));
  }
  const isVictim = ({ marker, target }: Arrived) => target === `${place}/victim` && marker in heard.victims;
  const isOwn = ({ marker, target }: Arrived) => ownMarkers.has(marker) && target === `${place}/${marker}`;
  const ofCase = requests.filter((request) => !isVictim(request) && !isOwn(request));
  let at = 0;
  for (const request of ofCase) {
    let wanted = expected[at];
    while (wanted && isPartly(wanted) && !isSame(wanted, request)) wanted = expected[++at];
    if (!wanted) problems.push(leaked(`the tool got one more: ${request.method} ${quoted(request.target)}`));
    else if (!isSame(wanted, request)) problems.push(leaked(differing(wanted, request)));
    else problems.push(...wronglyThere(wanted, request));
    at++;
  }
  for (const wanted of expected.slice(at)) {
    if (!isPartly(wanted)) problems.push(lost(`the tool did not get ${wanted.method} ${quoted(wanted.target)}`));
  }
  const lasts = requests.filter((request) => request.target === `${place}/last`).length;
  const { then } = tried;
  if (lasts > (then === 'goes on' || then === 'either' ? 1 : 0))
    problems.push(leaked('the tool got what stands behind the end of a connection'));
  if (lasts < (then === 'goes on' ? 1 : 0)) problems.push(lost('the tool did not get what stands behind it'));
  return problems;
}

const isSame = (wanted: Served, { method, target, body }: Arrived) =>
  method === wanted.method && target === wanted.target && body === wanted.body;

function differing(wanted: Served, got: Arrived): string {
  const text = ({ method, target, body }: Pick<Served, 'method' | 'target' | 'body'>) =>
    `${method} ${quoted(target)} with ${quoted(body)}`;
  return `the tool got ${text(got)} in the place of ${text(wanted)}`;
}

function wronglyThere({ host, absent }: Served, request: Arrived): Problem[] {
  const problems = absent
    .filter((name) => request.names.includes(name))
    .map((name) => leaked(`the tool got the field ${name}`));
  if (host !== null && request.host !== host) problems.push(leaked(`the tool got the Host ${quoted(request.host)}`));
  return problems;
}

function judgeAnswers({ tried, place }: Attempt, text: string): Problem[] {
  const { answers: wanted, then } = tried;
  const behind = then !== 'ends' && then !== 'leaves';
  const methods = wanted.map((answer) => (typeof answer === 'number' ? 'GET' : answer.method));
  const { answers, rest } = readTranscript(text, behind ? [...methods, 'GET'] : methods, true);
  const problems: Problem[] = [];
  // What comes through a websocket is not looked at.
  if (rest !== '') problems.push(leaked(`the client got more than its answers: ${quoted(rest)}`));
  for (const [i, answer] of answers.slice(0, wanted.length).entries()) {
    const asked = wanted[i] ?? 0;
    const ok = typeof asked === 'number' ? isOwnAnswer(answer, asked) : isEchoOf(answer, asked, place);
    if (!ok) problems.push(lost(`answer ${i + 1} is ${quoted(answer.statusLine)} ${echoIn(answer) ?? ''}`));
  }
  if (answers.length < wanted.length) problems.push(lost(`the client got ${answers.length} answers: ${quoted(text)}`));
  const next = answers[wanted.length];
  const goesOn = then === 'goes on' || (then === 'either' && next !== undefined);
  if (goesOn && (!next || !echoIn(next)?.startsWith(`GET ${place}/last `)))
    problems.push(lost(`the connection did not go on but with ${quoted(next?.statusLine ?? 'nothing')}`));
  if (then === 'refused' && !next) problems.push(lost('the client was refused without a word'));
  if ((then === 'refused' || then === 'closed') && next && !isRefusal(next))
    problems.push(leaked(`the client was not refused: ${quoted(next.statusLine)} ${echoIn(next) ?? ''}`));
  return problems;
}

const statusOf = ({ statusLine }: ReadAnswer) => Number(statusLine.slice(9, 12));

const isOwnAnswer = (answer: ReadAnswer, status: number) => statusOf(answer) === status && echoIn(answer) === undefined;

function isEchoOf(answer: ReadAnswer, { method, target, body, status }: Served, place: string): boolean {
  if (status === 101) return statusOf(answer) === 101;
  const echo = echoIn(answer) ?? '';
  const [wanted, marked] = [echoOf({ method, target: atPlace(target, place), marker: '', body }), echo.split(' ')];
  // Hidden requests have a marker, and an early answer counts no body.
  const less = (words: string[]) => [words[0], words[1], isEarly(target) ? '' : words[3]].join(' ');
  return statusOf(answer) === status && less(marked) === less(wanted.split(' '));
}

const isRefusal = (answer: ReadAnswer) =>
  /^4\d\d$|^501$/.test(String(statusOf(answer))) &&
  fieldValues(answer.fields, 'connection').join().toLowerCase() === 'close' &&
  answer.complete &&
  echoIn(answer) === undefined;

/** The gateway’s log and the tool tell of the same requests, but for what need not have reached the tool as a whole. */
function judgeLog({ tried, place }: Attempt, { arrived, logged }: Observed): Problem[] {
  const { partly } = tried;
  const open = partly === null ? '' : `${partly.method} ${atPlace(partly.target, place)}`;
  const whole = (requests: readonly string[]) =>
    requests
      .filter((request) => request !== open)
      .sort()
      .join(', ');
  const understood = arrived.filter(({ kind }) => kind === 'request');
  const told = whole(logged.map(({ method, path }) => `${method} ${path}`));
  const got = whole(understood.map(({ method, target }) => `${method} ${safeTarget(target)}`));
  if (told === got) return [];
  return [leaked(`the gateway’s log tells of ${quoted(told)}, and the tool of ${quoted(got)}`)];
}
