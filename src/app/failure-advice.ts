import { kpowErrorAdvice, kpowErrorDetail } from '../upstream/kpow-advice';
import type { ProxyErrorCode } from '../upstream/proxy-error';

export interface FailureText {
  /** What happened, in a sentence or two; `{name}` is the tool's name. */
  readonly detail: string;
  /** What to try, a sentence each; `{wait}` is the time until it is worth it. */
  readonly advice: readonly string[];
}

const checkAddress = 'Check the address that brought you here: a link, a bookmark, or what was typed.';
const askOperator = 'If it stays like this, tell the people who run the gateway the request id below.';

/** For people who cannot see the gateway's configuration as well as for those who can; never an address. */
export const failureTexts: Readonly<Record<ProxyErrorCode, FailureText>> = {
  BAD_REQUEST: {
    detail: 'The gateway could not make sense of the request, so it was sent nowhere.',
    advice: [checkAddress, 'A program that made this request should send well-formed HTTP/1.1 (RFC 9112).'],
  },
  PATH_ESCAPES: {
    detail: 'The path holds “..” segments that lead out of the tool’s own part of this site. It was sent nowhere.',
    advice: [checkAddress, 'Write the path without “..”, encoded or not.'],
  },
  REQUEST_TIMEOUT: {
    detail: 'The request did not arrive in full within the time that the gateway allows.',
    advice: ['Try again; an upload may need a better connection.', askOperator],
  },
  BODY_TOO_LARGE: {
    detail: 'The body is larger than the gateway passes on to {name}.',
    advice: ['Send less at once, or in parts.', 'The limit is `limits.body`, for all tools or in the mount.'],
  },
  URI_TOO_LONG: {
    detail: 'The address is longer than the gateway takes.',
    advice: [
      'Shorten it, for instance by selecting less at once in the tool.',
      'The limit is `limits.url` in the gateway’s configuration.',
    ],
  },
  HEAD_TOO_LARGE: {
    detail: 'The request’s headers, most often its cookies, are larger than the gateway takes.',
    advice: [
      'Delete this site’s cookies in your browser and sign in again.',
      'The limit is `limits.head` in the gateway’s configuration.',
    ],
  },
  CLIENT_CERT_MISSING: {
    detail: 'Only those who show a certificate of their own are let in here, and none was shown.',
    advice: [
      'Import your certificate, with its private key, into the browser or the system, and restart the browser.',
      'Was the browser told not to send one? Then restart it, so that it asks again.',
      'A program is given one as well: with curl, `--cert FILE --key FILE`.',
    ],
  },
  CLIENT_CERT_REFUSED: {
    detail: 'A client certificate was shown that is not accepted: it has expired, or another authority has signed it.',
    advice: [
      'Choose another certificate: restart the browser, so that it asks again.',
      'Ask the people who run the gateway for a certificate; its log has the reason beside the request id below.',
    ],
  },
  CLIENT_CLOSED: {
    detail: 'The client closed its connection before the answer was complete.',
    advice: ['If nobody did that on purpose, something between client and gateway gave up: look at its timeouts.'],
  },
  METHOD_NOT_ALLOWED: {
    detail: 'What is served here cannot be asked for with this method.',
    advice: ['Use GET.', 'A request for a tool needs the tool’s own path in front.'],
  },
  UNKNOWN_METHOD: {
    detail: 'The gateway does not know the method of the request. It was sent nowhere.',
    advice: [
      'Is the method spelled right? Its letters have a case: `GET`, not `get`.',
      'The gateway passes on the methods that HTTP and WebDAV have registered.',
    ],
  },
  UNKNOWN_TRANSFER_CODING: {
    detail: 'The request’s body is sent with a transfer coding that the gateway does not know. It was sent nowhere.',
    advice: ['Send the body chunked or with its length (RFC 9112, section 6).'],
  },
  NO_MOUNT: {
    detail: 'No tool is mounted at this path.',
    advice: [
      'Go to the portal: it lists every tool that is served here.',
      'If a tool’s own link brought you here, the tool does not know its prefix: look for its base path or root URL setting.',
    ],
  },
  MISDIRECTED: {
    detail: 'The gateway does not serve the host name that the request asks for.',
    advice: ['Use the name that the gateway’s certificate is for.', checkAddress],
  },
  CLIENT_NOT_ALLOWED: {
    detail: '{name} is served to certain addresses only, and the one that this request came from is none of them.',
    advice: [
      'Come from a network that may use it, a VPN for instance.',
      'The addresses are in `allow` of the mount.',
      'Behind a proxy, clients are seen with the proxy’s address: name that proxy in `trustedProxies`.',
    ],
  },
  PATH_DENIED: {
    detail: 'The gateway does not let requests for this part of {name} through.',
    advice: ['The rest of {name} is served.', 'What is held back is in `deny` of the mount.'],
  },
  METHOD_DENIED: {
    detail: 'The gateway lets only certain methods through to {name}: it may be looked at here, and not be changed.',
    advice: ['The methods are in the Allow header of this answer, and in `methods` of the mount.'],
  },
  DESTINATION_OUTSIDE: {
    detail: 'The file was to be moved or copied to a place that {name} does not serve. It was sent nowhere.',
    advice: [
      'Choose a destination in {name} itself: what is in another tool has to be downloaded and uploaded.',
      'A program should write Destination as it writes the address of the file: with the public host, and the tool’s path in front.',
    ],
  },
  ORIGIN_DENIED: {
    detail: 'A page of another site asked for a websocket here, and could use the login of whoever looks at it.',
    advice: [
      'Open the tool at the gateway’s own address.',
      'If that other page is one of yours, name its origin in `origins` of the mount.',
      'A proxy in front that changes Host has to say the public one in X-Forwarded-Host, and stand in `trustedProxies`.',
    ],
  },
  RATE_LIMITED: {
    detail: 'More requests came from this address than {name} is served with.',
    advice: [
      'Try again in {wait}.',
      'A program should wait as long as the Retry-After header of this answer says.',
      'The limit is `rateLimit` of the mount.',
      'Behind a proxy, clients are seen with the proxy’s address: name that proxy in `trustedProxies`.',
    ],
  },
  RATE_LIMIT_UNKNOWN: {
    detail: 'Requests to {name} are counted, and the gateway cannot reach the store that it counts in.',
    advice: [
      'Try again in a moment.',
      'Is the server that `rateLimitStore` names up, and can the gateway reach it? The gateway’s log has the reason.',
      'To have requests served all the same, set `rateLimit.whenStoreAway` of the mount to `count-alone` or `allow`.',
    ],
  },
  METRICS_FORBIDDEN: {
    detail:
      'Only addresses that the gateway’s configuration names may read its metrics: its own machine, if nothing else is said.',
    advice: [
      'Name the address of your Prometheus in `metrics.allow`, or give the metrics a port of their own with `metrics.port`.',
      'A Prometheus behind a proxy is seen with the proxy’s address: name that proxy in `trustedProxies`.',
    ],
  },
  GATEWAY_EXHAUSTED: {
    detail:
      'The gateway has as many files and connections open as its system lets it have, and could not reach {name}.',
    advice: [
      'Try again in a moment.',
      'Raise what the gateway’s process may open (`ulimit -n`, LimitNOFILE) and restart it, or lower `limits.connections`.',
    ],
  },
  INTERNAL: {
    detail: 'The gateway could not deal with this request. That is a fault of the gateway, not of the tool.',
    advice: ['Try again.', 'Look in the gateway’s log for the request id below, and report what it says.'],
  },
  UPSTREAM_REFUSED: {
    detail: 'Nothing accepts connections where {name} should be.',
    advice: [
      'Is {name} started? Some tools need a minute or two before they listen.',
      'Does it listen on the port that `target` names, and not only for its own machine?',
      'In a container, `localhost` is the container itself: name the other container or the host in `target`.',
    ],
  },
  UPSTREAM_UNKNOWN_HOST: {
    detail: 'The host name in {name}’s `target` does not lead to a machine.',
    advice: [
      'Is the name in `target` spelled right?',
      'In docker-compose, is {name}’s service running and on the same network as the gateway?',
      'Can the machine that the gateway runs on look the name up?',
    ],
  },
  UPSTREAM_UNREACHABLE: {
    detail: 'There is no way from the gateway to {name} at the moment.',
    advice: [
      'Is the machine that {name} runs on up, and on a network that the gateway can reach?',
      'Does a firewall, security group or network policy stand between the two?',
    ],
  },
  UPSTREAM_TLS: {
    detail: 'The gateway could not make a secure connection to {name}, so it sent nothing.',
    advice: [
      'Does {name} speak https on the port in `target`? If it speaks plain http, write `http://` there.',
      'Is its certificate current, and made for the name in `target`?',
      'Is it from a private authority? Then name that authority’s certificate as `tls.ca` of the mount.',
      'Does it ask for a client certificate? Then set `tls.cert` and `tls.key`.',
    ],
  },
  UPSTREAM_CLOSED: {
    detail: '{name} took the connection and closed it before the answer was complete.',
    advice: [
      'It may be restarting: wait a moment and try again.',
      'Look in {name}’s log: was it stopped, or out of memory?',
      'Does it speak https on that port while `target` says `http://`?',
    ],
  },
  UPSTREAM_BAD_ANSWER: {
    detail: 'What came back from {name} cannot be read as an HTTP answer.',
    advice: [
      'Is the port in `target` the one of its web interface, and not of another protocol?',
      'Does it speak https there while `target` says `http://`?',
    ],
  },
  UPSTREAM_HEAD_TOO_LARGE: {
    detail: '{name}’s answer begins with more header bytes than the gateway takes.',
    advice: [
      'Delete this site’s cookies in your browser and sign in again.',
      'If {name} really sends so much, raise `limits.head` in the gateway’s configuration.',
    ],
  },
  UPSTREAM_UNHEALTHY: {
    detail: '{name} answers, but says that it is not well, so requests are held back.',
    advice: [
      'Look in {name}’s log: it says there what it is missing.',
      'To have requests sent to it all the same, set `health.whenUnhealthy: pass` on its mount.',
    ],
  },
  KPOW_ERROR_STATE: { detail: kpowErrorDetail, advice: kpowErrorAdvice },
  UPSTREAM_CONNECT_TIMEOUT: {
    detail: '{name} did not take the connection within the time that the gateway waits.',
    advice: [
      'Does a firewall, security group or network policy drop what the gateway sends?',
      'Is the address in `target` the right one, and its machine up?',
      'Is the machine overloaded?',
    ],
  },
  UPSTREAM_CIRCUIT_OPEN: {
    detail:
      'The last connections to {name} all timed out, so the gateway keeps nobody waiting for another one. It goes on trying by itself.',
    advice: [
      'Is the machine that {name} runs on up, and the address in `target` the right one?',
      'Does a firewall, security group or network policy drop what the gateway sends?',
    ],
  },
  UPSTREAM_BUSY: {
    detail:
      '{name} is busy with as many requests as the gateway lets through at once, and no place became free in time.',
    advice: [
      'Try again in a moment.',
      'Is {name} slower than usual? Look in its log.',
      'Where it can take more at once, raise `limits.connections` of its mount.',
    ],
  },
  UPSTREAM_RESPONSE_TIMEOUT: {
    detail: '{name} took the request, but did not begin to answer within the time that the gateway waits.',
    advice: [
      'Is {name} busy? Ask for less at once, or try again later.',
      'Where answers do take that long, raise `timeouts.response` of the mount.',
    ],
  },
  UPSTREAM_IDLE_TIMEOUT: {
    detail: '{name} began to answer and then sent nothing for longer than the gateway waits.',
    advice: ['Try again.', 'Where such silences are in order, raise `timeouts.idle` of the mount.'],
  },
};

/** For an UPSTREAM_BAD_ANSWER that is HTTP, but for its framing; `{flaw}` is what is wrong with that. */
export const framingText: FailureText = {
  detail:
    '{name} answered, but {flaw}. Two readers could take its end to be in two places, so the gateway does not pass it on (RFC 9112, section 6).',
  advice: [
    'Correct it in {name}, or in a proxy between the gateway and it. An update may already do that.',
    'The usual reason: the application sets this header, and its server or framework sets it too.',
  ],
};
