import { forgetActivation, readActivation, unansweredSockets } from '../../../src/listener/activation';

const pid = 4711;
const read = (LISTEN_FDS: string, LISTEN_FDNAMES?: string, LISTEN_PID = String(pid)) =>
  readActivation({ LISTEN_PID, LISTEN_FDS, LISTEN_FDNAMES }, pid);

test('sockets go by their names, and begin at descriptor 3', () => {
  expect(read('2', 'http:https')).toEqual({ sockets: { http: 3, https: 4 }, problems: [], warnings: [] });
  expect(read('1', 'https').sockets).toEqual({ https: 3 });
});

test.each([
  ['nothing is passed on', {}],
  ['no process is named', { LISTEN_FDS: '1', LISTEN_FDNAMES: 'https' }],
  ['there are none', { LISTEN_PID: String(pid), LISTEN_FDS: '0' }],
])('%s: no sockets', (_, env) => {
  expect(readActivation(env, pid)).toEqual({ sockets: {}, problems: [], warnings: [] });
});

test('sockets for another process are left alone, and it is said why', () => {
  const { sockets, problems, warnings } = read('1', 'https', '1');
  expect({ sockets, problems }).toEqual({ sockets: {}, problems: [] });
  expect(warnings).toEqual([
    'LISTEN_PID: the sockets that were passed on are for process 1, not for this one; the ports of the configuration are opened instead. Start the gateway itself, without a shell or npm in between.',
  ]);
});

const name = 'write FileDescriptorName=https or FileDescriptorName=http in its .socket unit';
const two = 'leave one ListenStream= in its .socket unit (a bare port serves IPv4 and IPv6)';
test.each([
  ['an unknown name', '2', 'https:web', [`LISTEN_FDNAMES: socket 2 is named "web"; ${name}`]],
  ['names of objects', '1', 'constructor', [`LISTEN_FDNAMES: socket 1 is named "constructor"; ${name}`]],
  ['no names', '1', undefined, [`LISTEN_FDNAMES: socket 1 has no name; ${name}`]],
  ['too few names', '2', 'https', [`LISTEN_FDNAMES: socket 2 has no name; ${name}`]],
  ['a name twice', '2', 'https:https', [`LISTEN_FDNAMES: two sockets are named https; ${two}`]],
  [
    'several at once',
    '3',
    'http:http:',
    [`LISTEN_FDNAMES: two sockets are named http; ${two}`, `LISTEN_FDNAMES: socket 3 is named ""; ${name}`],
  ],
  ['no count', 'two', 'https', ['LISTEN_FDS: is not a number of sockets; unset it, or let systemd set it']],
])('%s: refused, and none is used', (_, count, names, problems) => {
  expect(read(count, names)).toEqual({ sockets: {}, problems, warnings: [] });
});

test('a process that is none is refused', () => {
  expect(read('1', 'https', '-1').problems).toEqual([
    'LISTEN_PID: is not the id of a process; unset it, or let systemd set it',
  ]);
});

test('a socket whose listener is off would leave people waiting: refused', () => {
  expect(unansweredSockets({ https: 3, http: 4 }, { https: {}, http: null })).toEqual([
    'listen.http: is off, and a socket named http is passed on for it; turn it on, or disable that .socket unit',
  ]);
  expect(unansweredSockets({ https: 3 }, { https: {}, http: {} })).toEqual([]);
});

test('no program that this one starts takes the sockets for its own', () => {
  const env = { LISTEN_PID: '1', LISTEN_FDS: '1', LISTEN_FDNAMES: 'https', LISTEN_PIDFDID: '9', PATH: '/bin' };
  forgetActivation(env);
  expect(env).toEqual({ PATH: '/bin' });
});
