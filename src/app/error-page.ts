import type { MountConfig } from '../config/config';
import { renderDocument } from '../portal/document';
import { html, withCode, type Html } from '../portal/html';
import { renderShape, renderShapes } from '../portal/state-shapes';
import { detailSentence, isTrouble, sentence, stateWord, utcText } from '../portal/status-text';
import { FramingError } from '../upstream/answer-framing';
import type { ProxyError, ProxyErrorCode } from '../upstream/proxy-error';
import type { MountStatus } from '../upstream/status';
import { failureTexts, framingText, type FailureText } from './failure-advice';

export interface Failure {
  readonly error: ProxyError;
  readonly requestId: string;
  /** The mount that the request was for; null where there is none. */
  readonly mount: Pick<MountConfig, 'name' | 'path'> | null;
  readonly status: MountStatus | null;
  readonly portalPath: string;
  /** What goes before the gateway's own paths: what a trusted proxy in front has taken off. */
  readonly prefix?: string | undefined;
  /** Whether the same address can be asked for again without harm: a GET. */
  readonly retry: boolean;
  readonly now?: Date;
}

/** The tool's own account of its state goes before the general one, where the state is what stopped the request. */
const stateCodes: ReadonlySet<ProxyErrorCode> = new Set(['UPSTREAM_UNHEALTHY', 'KPOW_ERROR_STATE']);

/** Failures of one answer rather than of the tool: asking again by itself would cost as much, and fail as well. */
const answerCodes: ReadonlySet<ProxyErrorCode> = new Set([
  'UPSTREAM_RESPONSE_TIMEOUT',
  'UPSTREAM_IDLE_TIMEOUT',
  'UPSTREAM_HEAD_TOO_LARGE',
  'UPSTREAM_BAD_ANSWER',
]);

/** What a failure is called, for people. */
export function failureText({ error, mount, status }: Pick<Failure, 'error' | 'mount' | 'status'>): FailureText {
  const name = mount?.name ?? error.mountName ?? 'the tool';
  const flawed = error.cause instanceof FramingError ? error.cause : null;
  const text = flawed ? framingText : failureTexts[error.code];
  const wait = waitText(error.retryAfter);
  const named = (words: string): string =>
    sentence(
      words
        .replaceAll('{name}', () => name)
        .replaceAll('{wait}', () => wait)
        .replaceAll('{flaw}', () => flawed?.message ?? ''),
    );
  const own = status !== null && isTrouble(status) && stateCodes.has(error.code) ? status : null;
  return {
    detail: own !== null && own.detail !== '' ? detailSentence(name, own) : named(text.detail),
    advice: (own !== null && own.advice.length > 0 ? own.advice : text.advice).map(named),
  };
}

/** @param seconds null: nobody knows */
function waitText(seconds: number | null): string {
  if (seconds === null) return 'a moment';
  const [count, unit] = seconds < 120 ? [seconds, 'second'] : [Math.ceil(seconds / 60), 'minute'];
  return `${count} ${unit}${count === 1 ? '' : 's'}`;
}

/**
 * How the page comes back by itself:
 * - state: when the tool's health says so
 * - poll: by asking for the same address now and then, since nothing else can tell
 * - no: not
 */
export function comesBack({ error, mount, status, retry }: Failure): 'state' | 'poll' | 'no' {
  if (!retry || mount === null || error.source !== 'upstream') return 'no';
  if (status !== null && isTrouble(status)) return 'state';
  return answerCodes.has(error.code) ? 'no' : 'poll';
}

/** The state that the page waits to see the end of; what is hidden at first, `retry.js` shows. */
function renderState(failure: Failure): Html | null {
  const { mount, status } = failure;
  if (mount === null) return null;
  const known = status !== null && isTrouble(status) ? status : null;
  const { state, word } =
    known === null ? { state: 'unknown' as const, word: '' } : { state: known.state, word: stateWord(known) };
  return html`<div class="waits">
    <p class="state" data-part="state" data-state="${state}" ${known === null && html`hidden`}>
      ${renderShape(state)} <span>${mount.name}: <b data-part="word">${word}</b></span>
    </p>
    ${
      comesBack(failure) !== 'no' &&
      html`<p role="status" data-part="comes-back">This page reloads itself when ${mount.name} is back.</p>`
    }
  </div>`;
}

/** The first is the one to offer. An empty reference is the same address again. */
function actions({ error, mount, portalPath, prefix = '', retry }: Failure): { label: string; href: string }[] {
  const portal = { label: 'Go to the portal', href: prefix + portalPath };
  if (error.source !== 'upstream' && !['INTERNAL', 'REQUEST_TIMEOUT'].includes(error.code)) return [portal];
  if (retry) return [{ label: 'Try again', href: '' }, portal];
  if (mount === null) return [portal];
  return [{ label: `Open ${mount.name}`, href: `${prefix}${mount.path === '/' ? '' : mount.path}/` }, portal];
}

/** A whole page for people; holds nothing of where the tool is, nor of the error's cause. */
export function renderErrorPage(failure: Failure): string {
  const { error, requestId, mount, prefix = '', now = new Date() } = failure;
  const { detail, advice } = failureText(failure);
  const reload = comesBack(failure);

  return renderDocument({
    title: error.message,
    prefix,
    styles: ['base.css', 'error-page.css'],
    script: reload === 'no' ? null : 'retry.js',
    head: reload === 'no' ? null : html`<noscript><meta http-equiv="refresh" content="15" /></noscript>`,
    body: html`<body data-reload="${reload}" data-mount="${mount?.path ?? ''}">
      ${renderShapes()}
      <main>
        <p class="status">${error.status}</p>
        <h1>${error.message}</h1>
        <p class="detail">${withCode(detail)}</p>
        <section aria-labelledby="what-to-try">
          <h2 id="what-to-try">What to try</h2>
          <ul>
            ${advice.map((item) => html`<li>${withCode(item)}</li>`)}
          </ul>
        </section>
        ${renderState(failure)}
        <p class="actions">
          ${actions(failure).map(
            ({ label, href }, index) =>
              html`<a class="${index === 0 ? 'button' : 'button plain'}" href="${href}">${label}</a>`,
          )}
        </p>
        <dl>
          <div>
            <dt>Request id</dt>
            <dd>${requestId}</dd>
          </div>
          <div>
            <dt>Time</dt>
            <dd><time datetime="${now.toISOString()}">${utcText(now)}</time></dd>
          </div>
          <div>
            <dt>Code</dt>
            <dd>${error.code}</dd>
          </div>
        </dl>
      </main>
    </body>`,
  });
}

export interface Problem {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  readonly instance: string;
  readonly code: ProxyErrorCode;
  readonly requestId: string;
  readonly mount: string | null;
  readonly advice: readonly string[];
}

/** The same for programs: an `application/problem+json` object (RFC 9457). `mount` is the mount's path. */
export function problemJson(failure: Failure): Problem {
  const { error, requestId, mount } = failure;
  return {
    type: `urn:kpow-gateway:problem:${error.code.toLowerCase().replaceAll('_', '-')}`,
    title: error.message,
    status: error.status,
    ...failureText(failure),
    instance: `urn:kpow-gateway:request:${encodeURIComponent(Buffer.from(requestId).toString())}`,
    code: error.code,
    requestId,
    mount: mount?.path ?? null,
  };
}
