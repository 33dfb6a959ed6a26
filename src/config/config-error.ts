/** A configuration that cannot be used. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
  /**
   * @param file what the configuration is called: its file
   * @param problems one sentence each, beginning with the path of the field: `mounts[1].target: ...`
   */
  constructor(
    readonly file: string,
    readonly problems: readonly string[],
    /** Whether all of them are of files that single tools need, so that the gateway can start without those tools. */
    readonly ofSingleTools = false,
  ) {
    super(`${file}: ${problems.join('\n')}`);
  }
}
