import { adoptAnswer, type Adopted } from '../adopt/adopted-answer';
import { routeTo, type Site } from '../app/site';
import type { MountConfig } from '../config/config';
import { formatTarget } from '../config/target';
import type { AnswerContext } from '../headers/location';
import { valuesOf, type RawHeaders } from '../headers/raw';
import { formatTraceparent } from '../headers/trace-context';
import { behind, withTarget } from '../mount/mount';
import { newRequestId } from '../observe/request-id';
import { sendOnce, type NoAnswer, type OneAnswer, type OneRequest, type SendLimits } from '../upstream/send-once';
import { answerFields } from './answer-fields';
import { refusalOutcome, type Outcome, type ToolRequest, type ToTool } from './explain';
import { newId, type FieldChange } from './fields';

/** A request as it went out, and what came back. */
export interface Exchanged {
  readonly request: OneRequest;
  /** `http://localhost:3000` */
  readonly target: string;
  readonly result: OneAnswer | NoAnswer;
  /** What its URLs are read against. */
  readonly context: AnswerContext;
  /** What is done to an answer of an adopted tool; null for others, and where there is no answer. */
  readonly adopted: Adopted | null;
  /** The fields of the answer and what became of each; [] where there is none. */
  readonly fields: readonly FieldChange[];
}

/** An answer, as people and programs are shown it. */
export type ShownAnswer =
  | {
      readonly kind: 'answered';
      readonly from: string;
      readonly status: number;
      readonly fields: readonly FieldChange[];
      /** Bytes as they came; `whole` where it ended there. */
      readonly body: {
        readonly type: string | null;
        readonly received: number;
        readonly end: string;
        readonly rewritten: boolean;
      };
    }
  | { readonly kind: 'failed'; readonly from: string; readonly outcome: Outcome & { readonly kind: 'refused' } };

/** As much of a body as is worth looking at. */
const mostBytes = 256 * 1024;

/** Milliseconds in which a tool has to answer where nothing else is said. */
const patience = 10_000;

/** Somebody sits and waits: a mount's own limits count where they are lower. */
export function sendLimits({ timeouts }: Pick<MountConfig, 'timeouts'>, most = patience): SendLimits {
  const within = (limit: number) => Math.min(limit || most, most);
  return { connect: within(timeouts.connect), head: within(timeouts.response), body: most, bytes: mostBytes };
}

/**
 * Sends a request to its tool as the gateway would: to the first of the targets that takes the connection.
 * Never rejects.
 */
export async function exchange(
  { mount, asked, escaped, peer, answer, requestTo }: ToTool,
  site: Site,
  limits: SendLimits,
) {
  const { upstreams, sticky } = routeTo(site, mount);
  let exchanged: Exchanged | null = null;
  for (const upstream of upstreams) {
    const { target, tls, maxHead } = upstream;
    const id = newRequestId();
    const request = withIds(requestTo(target), id);
    const context = { ...answer, mount: behind(withTarget(mount, target), answer.prefix) };
    const result = await sendOnce(request, { name: mount.config.name, target, tls, maxHead }, limits);
    const adopted = mount.adopts && result.kind === 'answered' ? adoptAnswer(asked, result, context, escaped) : null;
    const targetCookie = sticky?.cookieOf(upstream, answer.origin.proto === 'https', answer.prefix) ?? null;
    const own = {
      peer,
      https: site.config.listen.https,
      targetCookie,
      requestId: saidId(request.fields) ?? id,
      adopted,
    };
    const fields =
      result.kind === 'failed'
        ? []
        : answerFields(result.fields, { method: request.method, status: result.status }, context, own);
    exchanged = { request, target: formatTarget(target), result, context, adopted, fields };
    if (result.kind === 'answered' || !result.error.nothingSent) break;
  }
  if (!exchanged) throw new Error(`${mount.config.path} has no target`);
  return exchanged;
}

const saidId = (fields: RawHeaders) => valuesOf(fields, 'x-request-id')[0];

/** What stands for an id in an explanation is one here. */
function withIds({ method, target, fields }: ToolRequest, id: string): OneRequest {
  const idFor = (name: string) =>
    name === 'traceparent'
      ? formatTraceparent({ traceId: newRequestId(), spanId: newRequestId().slice(16), sampled: false, random: true })
      : id;
  return {
    method,
    target,
    fields: fields.flatMap(({ name, after }) => (after === null ? [] : [name, after === newId ? idFor(name) : after])),
  };
}

export function shownAnswer({ target, result, context, adopted, fields }: Exchanged): ShownAnswer {
  if (result.kind === 'failed')
    return { kind: 'failed', from: target, outcome: refusalOutcome(result.error, context.mount) };
  const { status, body } = result;
  const [type = null] = valuesOf(result.fields, 'content-type');
  const { received, end } = body;
  return {
    kind: 'answered',
    from: target,
    status,
    fields,
    body: { type, received, end, rewritten: received > 0 && adopted !== null && adopted.rewriter !== null },
  };
}
