/** Systems on which libuv has SO_REUSEPORT share connections out (`uv_tcp_flags`). */
const systems: readonly string[] = ['linux', 'freebsd', 'dragonfly', 'sunos', 'aix'];

/**
 * Why several processes cannot listen on one port here; null where they can.
 *
 * @param node as in `process.version`
 * @param system as in `process.platform`
 */
export function noReusePort(node: string, system: string): string | null {
  if (!systems.includes(system)) return `this system (${system}) does not share a port among processes; take it out`;
  const [major = 0, minor = 0] = node.replace(/^v/, '').split('.').map(Number);
  // Where Node does not know the option, it says nothing of it.
  const known = major > 23 || (major === 23 && minor >= 1) || (major === 22 && minor >= 12);
  return known
    ? null
    : `Node ${node} cannot share a port among processes; use Node 22.12 or newer, or let systemd keep the port open`;
}
