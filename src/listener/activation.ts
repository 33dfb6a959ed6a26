/**
 * Socket activation: listening sockets that systemd opened and passes on (sd_listen_fds(3)), so that they stay open
 * while the gateway restarts and no connection is refused.
 */

/** File descriptors of listening sockets, by the listener that each is for. */
export interface InheritedSockets {
  readonly https?: number;
  readonly http?: number;
}

export interface Activation {
  readonly sockets: InheritedSockets;
  /** Sentences; [] when every socket has its listener. */
  readonly problems: readonly string[];
  readonly warnings: readonly string[];
}

type Environment = Readonly<Record<string, string | undefined>>;

/** The first descriptor that is passed on (SD_LISTEN_FDS_START). */
const firstDescriptor = 3;

const variables = ['LISTEN_PID', 'LISTEN_FDS', 'LISTEN_FDNAMES', 'LISTEN_PIDFDID'];

const names = ['https', 'http'] as const;

/**
 * Reads LISTEN_PID, LISTEN_FDS and LISTEN_FDNAMES.
 *
 * @param pid this process; sockets that are meant for another one are left alone
 */
export function readActivation(env: Environment, pid: number): Activation {
  const { LISTEN_PID: owner, LISTEN_FDS: count, LISTEN_FDNAMES: listed } = env;
  if (owner === undefined || count === undefined) return { sockets: {}, problems: [], warnings: [] };
  if (!/^\d{1,10}$/.test(owner)) return refuse('LISTEN_PID: is not the id of a process');
  if (!/^\d{1,5}$/.test(count)) return refuse('LISTEN_FDS: is not a number of sockets');
  if (Number(owner) !== pid) {
    const warning = `LISTEN_PID: the sockets that were passed on are for process ${owner}, not for this one; the ports of the configuration are opened instead. Start the gateway itself, without a shell or npm in between.`;
    return { sockets: {}, problems: [], warnings: [warning] };
  }
  const given = listed === undefined || listed === '' ? [] : listed.split(':');
  const sockets: { https?: number; http?: number } = {};
  const problems: string[] = [];
  for (let index = 0; index < Number(count); index++) {
    const name = names.find((known) => known === given[index]);
    if (name === undefined) {
      const called = given[index] === undefined ? 'has no name' : `is named ${JSON.stringify(given[index])}`;
      problems.push(
        `LISTEN_FDNAMES: socket ${index + 1} ${called}; write FileDescriptorName=https or FileDescriptorName=http in its .socket unit`,
      );
    } else if (sockets[name] !== undefined) {
      problems.push(
        `LISTEN_FDNAMES: two sockets are named ${name}; leave one ListenStream= in its .socket unit (a bare port serves IPv4 and IPv6)`,
      );
    } else sockets[name] = firstDescriptor + index;
  }
  return problems.length > 0 ? { sockets: {}, problems, warnings: [] } : { sockets, problems, warnings: [] };
}

/** Takes the variables away, so that no program that this one starts takes the sockets for its own. */
export function forgetActivation(env: Record<string, string | undefined>): void {
  for (const name of variables) Reflect.deleteProperty(env, name);
}

/**
 * Sockets that no listener would answer: whoever connects to them would wait for ever.
 *
 * @param listen the listeners of the configuration; null is off
 */
export function unansweredSockets(
  sockets: InheritedSockets,
  listen: { readonly https: object | null; readonly http: object | null },
): string[] {
  return names.flatMap((name) =>
    sockets[name] === undefined || listen[name] !== null
      ? []
      : [
          `listen.${name}: is off, and a socket named ${name} is passed on for it; turn it on, or disable that .socket unit`,
        ],
  );
}

function refuse(problem: string): Activation {
  return { sockets: {}, problems: [`${problem}; unset it, or let systemd set it`], warnings: [] };
}
