import type { Config } from '../config/config';
import { explain as explainRequest } from '../explain/explain';
import { readAsked, type AskedRequest } from '../explain/asked';
import { explanationLines } from '../explain/text';

export interface ExplainOptions {
  /** `Name: value` each. */
  readonly header: readonly string[];
  /** Address of the client. */
  readonly from: string;
  readonly json: boolean;
}

/**
 * Shows what becomes of a request, and sends none.
 * @param words `[METHOD] URL`
 * @param out called with each line to print
 * @param error called with what is wrong with the request itself
 * @returns the exit code: 0; 1 where the request is refused or nothing is there; 2 where it is none
 */
export function explain(
  config: Config,
  words: readonly string[],
  { header, from, json }: ExplainOptions,
  { out, error }: { out: (line: string) => void; error: (line: string) => void },
): number {
  let asked: AskedRequest;
  try {
    asked = readAsked({ words, fields: header, address: from, here: here(config) });
  } catch (problem) {
    if (!(problem instanceof RangeError)) throw problem;
    error(problem.message);
    return 2;
  }
  const explanation = explainRequest(asked, config);
  for (const line of json ? [JSON.stringify(explanation, null, 2)] : explanationLines(explanation)) out(line);
  return explanation.outcome.kind === 'refused' ? 1 : 0;
}

/** Where a browser on this machine asks for a path. */
function here({ listen: { https, http }, hosts }: Config): { secure: boolean; authority: string } {
  const name = hosts?.find((host) => !host.startsWith('*')) ?? 'localhost';
  const port = https?.publicPort ?? http?.port ?? 80;
  const usual = https ? 443 : 80;
  return { secure: https !== null, authority: port === usual ? name : `${name}:${port}` };
}
