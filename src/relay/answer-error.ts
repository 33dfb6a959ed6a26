/** What is wrong with an answer that cannot be read as HTTP; `classifyUpstreamError` tells it by its code. */
export class AnswerError extends Error {
  readonly code: string = 'ERR_HTTP_INVALID_ANSWER';
}
