import { problemJson, renderErrorPage, type Failure } from './error-page';

export interface FailureBody {
  readonly type: string;
  readonly body: string;
}

/** A failure as people (a page) or programs (problem JSON, RFC 9457) are told it. */
export function failureBody(failure: Failure, html: boolean): FailureBody {
  return html
    ? { type: 'text/html; charset=utf-8', body: renderErrorPage(failure) }
    : { type: 'application/problem+json', body: `${JSON.stringify(problemJson(failure), null, 2)}\n` };
}
