import { classifyUpstreamError } from '../../../src/upstream/classify';

const failure = (code: string, syscall?: string) => Object.assign(new Error(`${syscall} ${code}`), { code, syscall });

test.each([
  ['ETIMEDOUT', 'connect', 'UPSTREAM_CONNECT_TIMEOUT'],
  ['EHOSTUNREACH', 'connect', 'UPSTREAM_UNREACHABLE'],
  // The network goes away under a connection: the tool had taken it.
  ['ETIMEDOUT', 'read', 'UPSTREAM_CLOSED'],
  ['EHOSTUNREACH', 'read', 'UPSTREAM_CLOSED'],
  ['ENETUNREACH', 'write', 'UPSTREAM_CLOSED'],
  ['ECONNRESET', 'read', 'UPSTREAM_CLOSED'],
  // A handshake fails in the middle of writing.
  ['EPROTO', 'write', 'UPSTREAM_TLS'],
  // It is the gateway that has no descriptor left: the tool knows nothing of it.
  ['EMFILE', 'connect', 'GATEWAY_EXHAUSTED'],
  ['ENOTFOUND', 'getaddrinfo', 'UPSTREAM_UNKNOWN_HOST'],
])('%s at %s is %s', (code, syscall, expected) => {
  expect(classifyUpstreamError(failure(code, syscall), 'kPow').code).toBe(expected);
});

test('what was thrown need not be an error', () => {
  expect(classifyUpstreamError(null, 'kPow').code).toBe('UPSTREAM_CLOSED');
});
