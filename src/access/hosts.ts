/**
 * Compiles the names that are served (nginx: server_name).
 * @param hosts lower case, each whole or as `*.example.com`, which is every name below it; null is any
 * @returns a test for a name in lower case
 */
export function compileHosts(hosts: readonly string[] | null): (hostname: string) => boolean {
  if (hosts === null) return () => true;
  const whole = new Set(hosts.filter((host) => !host.startsWith('*')));
  const below = hosts.filter((host) => host.startsWith('*')).map((host) => host.slice(1));
  return (hostname) => {
    // `tools.example.com.` is the same name, written out to the root (RFC 1034 §3.1).
    const name = hostname.endsWith('.') ? hostname.slice(0, -1) : hostname;
    return whole.has(name) || below.some((suffix) => name.endsWith(suffix) && name.length > suffix.length);
  };
}
