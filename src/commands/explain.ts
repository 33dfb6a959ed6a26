import type { Config } from '../config/config';
import { readAsked, type AskedRequest } from '../explain/asked';
import { createIdleSite, followRequest } from '../explain/explain';
import { hereOf } from '../explain/here';
import { exchange, sendLimits, shownAnswer, type ShownAnswer } from '../explain/send';
import { answerLines, explanationLines } from '../explain/text';
import { printableJson } from '../observe/printable';
import { fieldNames, valuesOf, type RawHeaders } from '../headers/raw';

export interface ExplainOptions {
  /** `Name: value` each. */
  readonly header: readonly string[];
  /** Address of the client. */
  readonly from: string;
  /** Whether the request is sent to the tool. */
  readonly send: boolean;
  readonly json: boolean;
}

/**
 * Shows what becomes of a request, and of its answer where it is sent.
 * @param words `[METHOD] URL`
 * @param out called with each line to print
 * @param error called with what is wrong with the request itself
 * @returns the exit code: 0; 1 where the gateway answers with a failure; 2 where the request is none
 */
export async function explain(
  config: Config,
  words: readonly string[],
  { header, from, send, json }: ExplainOptions,
  { out, error }: { out: (line: string) => void; error: (line: string) => void },
): Promise<number> {
  let asked: AskedRequest;
  try {
    asked = readAsked({ words, fields: header, address: from, here: hereOf(config) });
    if (send) refuseBody(asked.fields);
  } catch (problem) {
    if (!(problem instanceof RangeError)) throw problem;
    error(problem.message);
    return 2;
  }
  const site = createIdleSite(config);
  const { explanation, toTool } = followRequest(asked, site);
  const unusable = toTool && site.routeOf(toTool.mount.config)?.upstreams[0]?.tls.unusable;
  if (unusable) error(`The gateway itself answers 502, for the mount's ${unusable}`);
  const answer: ShownAnswer | null =
    send && toTool ? shownAnswer(await exchange(toTool, site, sendLimits(toTool.mount.config))) : null;
  const lines = json
    ? [printableJson(send ? { ...explanation, answer } : explanation)]
    : [...explanationLines(explanation), ...(answer ? answerLines(answer) : [])];
  for (const line of lines) out(line);
  return unusable || explanation.outcome.kind === 'refused' || answer?.kind === 'failed' ? 1 : 0;
}

/** @throws RangeError for a request that says it has one */
function refuseBody(fields: RawHeaders): void {
  const length = valuesOf(fields, 'content-length').some((value) => Number(value) !== 0);
  if (length || fieldNames(fields).includes('transfer-encoding'))
    throw new RangeError('--send sends no body: leave Content-Length and Transfer-Encoding out');
}
