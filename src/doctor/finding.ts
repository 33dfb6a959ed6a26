/** `wrong` is a fault that somebody will meet; `warning` one that may bite; `note` something to know of. */
export type Severity = 'wrong' | 'warning' | 'note';

/** Something that was found out about a tool, or about the gateway. */
export interface Finding {
  readonly severity: Severity;
  /** What is wrong, in a few words. */
  readonly title: string;
  /** What was sent and what came back, a line each. May hold a tool's own words: see `printable`. */
  readonly evidence: readonly string[];
  readonly cause: string;
  /** Lines of the mount in gateway.yaml, or settings of the tool; the best first. */
  readonly fix: readonly string[];
}
