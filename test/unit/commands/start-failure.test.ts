import { startFailure } from '../../../src/commands/start-failure';
import { ListenError } from '../../../src/listener/listen-error';

const listening = (listener: 'https' | 'http', fields: object) =>
  startFailure(new ListenError(listener, Object.assign(new Error('listen failed'), fields)));

test.each([
  [
    listening('https', { code: 'EADDRINUSE', address: '0.0.0.0', port: 8443 }),
    'listen.https.port: 0.0.0.0:8443 is in use by another program; stop that one, or choose another port',
  ],
  [
    listening('http', { code: 'EACCES', address: '0.0.0.0', port: 80 }),
    'listen.http.port: this user may not listen on 0.0.0.0:80; choose a port above 1023, or grant CAP_NET_BIND_SERVICE',
  ],
  [
    listening('https', { code: 'ENOTFOUND', hostname: 'foo.invalid' }),
    'listen.https.host: the name foo.invalid is not known; write an address, or 0.0.0.0 for all',
  ],
  [
    listening('http', { code: 'EADDRNOTAVAIL', address: '192.0.2.1' }),
    'listen.http.host: this machine has no address 192.0.2.1; use 0.0.0.0 for all',
  ],
  [listening('http', { code: 'EMFILE' }), 'listen.http: listen failed'],
  [startFailure(new Error('odd')), 'The gateway cannot start: Error: odd'],
])('%s', (said, expected) => {
  expect(said).toBe(expected);
});
