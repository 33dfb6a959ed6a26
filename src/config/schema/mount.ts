import * as accessKinds from '../access-kinds';
import * as kinds from '../kinds';
import { ownName } from '../own-name';
import { ownCircuit } from './circuit';
import { addresses, layered, listOf, mapping, oneOrMore, optional, preset, required, shortOr } from './field';
import { ownHealth } from './health';
import { ownLimits } from './limits';
import { rateLimit } from './rate-limit';
import { ownTimeouts } from './timeouts';

const upstreamTls = mapping(
  {
    ca: optional(kinds.file, {
      description: "PEM file with the authority that signed the tool's certificate, where it is a private one.",
      examples: ['certs/ca.crt'],
    }),
    cert: optional(kinds.file, {
      description: 'PEM file with the client certificate that the tool asks for; goes with `key`.',
      examples: ['certs/client.crt'],
    }),
    key: optional(kinds.file, {
      description: "PEM file with the client certificate's private key.",
      examples: ['certs/client.key'],
    }),
    verify: preset(kinds.flag, true, {
      description: 'Whether the certificate of the tool is verified. `false` accepts any: for tests.',
      examples: [false],
    }),
  },
  'How an `https://` target is spoken to.',
  '{ ca: certs/ca.crt }',
);

const identity = layered('trustedIdentity', kinds.flag, false, {
  description:
    'Whether the proxies in `trustedProxies` have authenticated the person: then fields such as `X-WEBAUTH-USER`, `Remote-User` and `X-Forwarded-User` go on to the tool from them, and from nobody else. See [access.md](access.md#who-the-person-is).',
  examples: [true],
});

export const topTrustedIdentity = identity.top;

export const mountExample = '{ path: /kpow, target: http://localhost:3000 }';

export const mount = mapping(
  {
    name: optional(kinds.text(100), {
      description: 'What people see on the portal, in failures and in the log.',
      defaultText: 'from `path`',
      examples: ['kPow'],
    }),
    path: required(kinds.mountPath, {
      description:
        'Where the tool appears, without a trailing slash; `/` is the root. The longest path wins, on whole segments. Not under `/-/`.',
      examples: ['/kpow', '/'],
    }),
    target: oneOrMore(
      kinds.target,
      '[http://kpow-a:3000, http://kpow-b:3000]',
      {
        description:
          "The tool's own address; a path in it goes before each request's. Several, in the order in which they are wanted: see [upstreams.md](upstreams.md).",
        examples: [
          'http://localhost:3000',
          'https://grafana.internal:3000',
          ['http://kpow-a:3000', 'http://kpow-b:3000'],
        ],
      },
      true,
    ),
    names: oneOrMore(ownName, '[a1b2c3d4:20116]', {
      description:
        'Other names that the tool knows itself by, with the port: its redirects, cookies and (with `prefix: adopt`) pages that say one of them are put right as those that say the name in `target` are. `kpow-gateway doctor` finds such a name.',
      examples: ['a1b2c3d4:20116', ['a1b2c3d4:20116', 'grafana.internal']],
      defaultText: 'none',
    }).optional(),
    balance: preset(kinds.choice('active-standby', 'least-connections'), 'active-standby', {
      description:
        'Which of several targets requests go to. `active-standby`: all to the first that is well. `least-connections`: to that which has the fewest under way; for tools that may run more than once, which kPow may not.',
      examples: ['least-connections'],
    }),
    sticky: preset(kinds.flag, false, {
      description:
        'Whether a browser stays with its target while that is well, by a signed cookie; with `least-connections`. Several gateways need the same `secret`.',
      examples: [true],
    }),
    circuit: ownCircuit.optional(),
    prefix: preset(kinds.choice('strip', 'keep', 'adopt'), 'strip', {
      description:
        'Whether `path` is taken off before the request goes to the tool. `keep` for a tool that has `path` as its own base path; `adopt` for one that knows of no base path and writes `/...` in its pages: see [adopt.md](adopt.md).',
      examples: ['keep', 'adopt'],
    }),
    storage: preset(kinds.choice('shared', 'separate'), 'shared', {
      description:
        'Whether the tool’s pages have names of their own in `localStorage` and `sessionStorage`, which otherwise all tools of the address share; with `prefix: adopt`.',
      examples: ['separate'],
    }),
    trailingSlash: optional(kinds.choice('redirect', 'pass'), {
      description:
        "What a request for `path` without its trailing slash gets: a redirect to it, or the tool's own answer. A websocket's handshake is not redirected, which browsers do not follow, but sent on with the slash.",
      defaultText: '`pass` when keeping, otherwise `redirect`',
      examples: ['pass'],
    }),
    host: preset(kinds.choice('client', 'target'), 'client', {
      description:
        'The `Host` that the tool gets: as the client sent it, or the one in `target`. With `target`, `Origin` and `Referer` of the gateway’s own pages, `X-Forwarded-Host`, `X-Forwarded-Port` and `Forwarded` name the target too.',
      examples: ['target'],
    }),
    forwardedPrefix: preset(kinds.flag, true, {
      description:
        'Whether the tool gets `X-Forwarded-Prefix`: what was taken off the path here, and before that by a trusted proxy in front. `false` for a tool that puts it before its links itself and so doubles it.',
      examples: [false],
    }),
    trustedIdentity: identity.own,
    tls: upstreamTls.optional(),
    allow: addresses(kinds.readerGroups, {
      description:
        'Whose requests are let through, the others get 403: addresses, CIDRs, `loopback`, `linklocal`, `uniquelocal`, `any`; a list, or a text with commas.',
      examples: [['10.0.0.0/8']],
      defaultText: '`any`',
    }).optional(),
    deny: oneOrMore(accessKinds.innerPath, '[/metrics/v1]', {
      description:
        'Paths inside the mount that are not served, with all that is below them: 403, however a request spells them.',
      examples: [['/metrics/v1', '/offsets/v1', '/streams/v1']],
      defaultText: 'none',
    }).optional(),
    methods: shortOr(
      accessKinds.readOnlyMethods,
      listOf(accessKinds.method, '[GET, POST]', { description: 'A method; HEAD comes with GET.' }),
      {
        description:
          'The methods that are let through, the others get 405; `read-only` is GET, HEAD and OPTIONS. Websockets are GET.',
        examples: ['read-only', ['GET', 'POST']],
        defaultText: 'all',
      },
    ).optional(),
    origins: shortOr(
      accessKinds.any,
      listOf(accessKinds.pageOrigin, '[https://portal.example.com]', { description: 'An origin, or `any`.' }),
      {
        description:
          "The origins, besides the gateway's own, whose pages may open websockets here. Any page that somebody looks at could otherwise use their login.",
        examples: [['https://portal.example.com'], 'any'],
        defaultText: "the gateway's own alone",
      },
    ).optional(),
    rateLimit,
    health: shortOr(kinds.healthShort, ownHealth, {
      description: 'How this tool is probed: a path is short for `{ path }`, `off` is not at all.',
      examples: ['/healthy'],
      defaultText: 'as `health`',
    }).optional(),
    timeouts: ownTimeouts.optional(),
    limits: ownLimits.prefault({}),
    required: preset(kinds.flag, false, {
      description: 'Whether `/-/healthy` answers 503 while this tool is not healthy.',
      examples: [true],
    }),
    kind: optional(kinds.choice('kpow', 'other'), {
      description: "`kpow` gets kPow's own diagnosis and advice when it fails.",
      defaultText: '`kpow` where name, path or the host of the target says kpow',
      examples: ['kpow'],
    }),
    description: optional(kinds.text(500), {
      description: 'A sentence for the portal.',
      examples: ['Topics, consumers and messages'],
    }),
    icon: optional(kinds.icon, {
      description: 'For the portal: a character or two, or an .svg or .png file.',
      defaultText: 'chosen by the portal',
      examples: ['📈', 'config/icons/grafana.svg'],
    }),
  },
  'A tool, and where it appears.',
  mountExample,
);
