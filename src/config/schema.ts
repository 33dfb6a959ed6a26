import { z } from 'zod';
import * as kinds from './kinds';
import type { Kind } from './kinds';
import { Refusal } from './kinds';
import { show } from './problem';
import { nearest } from './spelling';

/*
 * The configuration file: every field with its kind, default and meaning. The JSON Schema for editors and the
 * reference in docs/ are generated from here (`npm run build && node dist/config/generate.js`).
 */

/** What people are told of a field. */
interface Doc {
  readonly description: string;
  readonly examples?: readonly unknown[];
  /** The default in words, where it is not one fixed value. */
  readonly defaultText?: string;
}

/**
 * What zod does not carry into JSON Schema by itself travels under this keyword, and `json-schema.ts` puts it where it
 * belongs: zod drops `examples` of what it transforms, and takes every such field for an optional one.
 */
export interface Told {
  readonly required: boolean;
  readonly examples: readonly unknown[];
  readonly defaultText: string | null;
}

function described({ description, examples = [], defaultText }: Doc, required = false) {
  return { description, told: { required, examples, defaultText: defaultText ?? null } satisfies Told };
}

function required<T>(kind: Kind<T>, doc: Doc) {
  return read(kind).meta({ title: kind.title, ...kind.json, ...described(doc, true) });
}

function optional<T>(kind: Kind<T>, doc: Doc) {
  return read(kind)
    .meta({ title: kind.title, ...kind.json, ...described(doc) })
    .optional();
}

/** @param value the default as it would be written in the file */
function preset<T>(kind: Kind<T>, value: unknown, doc: Doc) {
  return read(kind)
    .meta({ title: kind.title, ...kind.json, ...described(doc) })
    .prefault(value);
}

function read<T>(kind: Kind<T>) {
  return z.unknown().transform((value, context): T => {
    const result =
      value === undefined ? new Refusal(`is missing; write one such as ${kind.example}`) : kind.read(value);
    if (!(result instanceof Refusal)) return result;
    context.addIssue({ code: 'custom', message: result.message });
    return z.NEVER;
  });
}

/** A mapping whose unknown keys are errors: one line of the message for each, in the order of `issue.keys`. */
function mapping<Shape extends z.ZodRawShape>(shape: Shape, description: string, example: string) {
  const known = Object.keys(shape);
  return z
    .strictObject(shape, {
      error: (issue) => {
        if (issue.code !== 'unrecognized_keys')
          return `${show(issue.input)} is not a mapping; write one such as ${example}`;
        return issue.keys
          .map((key) => {
            const meant = nearest(key, known);
            return meant === null
              ? `unknown key; the keys here are ${known.join(', ')}`
              : `unknown key; did you mean ${meant}?`;
          })
          .join('\n');
      },
    })
    .meta({ description });
}

/** `off`, another short form, or a mapping. `problems.ts` relies on the mapping (or list) being the last. */
function shortOr<T, Long extends z.ZodType>(kind: Kind<T>, long: Long, doc: Doc) {
  return z.union([read(kind).meta(kind.json), long]).meta({ title: kind.title, ...described(doc) });
}

const port = (value: number, description: string) =>
  preset(kinds.port(0), value, { description: `${description} 0 takes any free one.`, examples: [value] });
const host = preset(kinds.bindHost, '0.0.0.0', {
  description: 'The address to listen on: `0.0.0.0` is every IPv4 address of the machine, `::` also every IPv6 one.',
  examples: ['127.0.0.1'],
});

const https = mapping(
  {
    port: port(8443, 'The port for HTTPS.'),
    host,
    cert: preset(kinds.file, 'certs/tls.crt', {
      description:
        "PEM file: the server's certificate, then the intermediate ones. When `cert` and `key` are both missing, a self-signed pair for localhost is generated there.",
      examples: ['/etc/tls/tls.crt'],
    }),
    key: preset(kinds.file, 'certs/tls.key', {
      description: "PEM file: the certificate's private key, not encrypted.",
      examples: ['/etc/tls/tls.key'],
    }),
    publicPort: optional(kinds.port(1), {
      description: 'The port that browsers see, where it is another one: a published container port, a load balancer.',
      defaultText: 'as `port`',
      examples: [443],
    }),
    hsts: preset(kinds.duration({ off: true, most: 36_500 * 86_400_000 }), '365d', {
      description: 'How long browsers remember to come back over HTTPS only (Strict-Transport-Security).',
      examples: ['30d', 'off'],
    }),
  },
  'Where HTTPS is served. `off`: not at all.',
  '{ port: 8443 }',
);

const http = mapping(
  {
    port: port(8080, 'The port for plain HTTP.'),
    host,
    mode: optional(kinds.choice('redirect', 'serve', 'off'), {
      description:
        '`redirect` sends browsers to HTTPS. `serve` serves the mounts in plain HTTP: only behind a proxy that does TLS. `off` does not listen.',
      defaultText: '`redirect`; `serve` where https is off',
      examples: ['serve'],
    }),
  },
  'Where plain HTTP is served. `off`: not at all.',
  '{ port: 8080, mode: redirect }',
);

/** A field that may stand at the top, with its default, and in a mount, where the top's value is the default. */
function layered<T>(name: string, kind: Kind<T>, value: unknown, doc: Doc) {
  return { top: preset(kind, value, doc), own: optional(kind, { ...doc, defaultText: `as \`${name}\`` }) };
}

const timeoutKind = kinds.duration({ off: true });
const connect = layered('timeouts.connect', timeoutKind, '5s', {
  description: 'For connecting to the tool, TLS handshake included.',
  examples: ['2s'],
});
const response = layered('timeouts.response', timeoutKind, '60s', {
  description: "From the end of the request to the first byte of the tool's answer.",
  examples: ['5m'],
});
const idle = layered('timeouts.idle', timeoutKind, 'off', {
  description: 'The longest silence within an answer or on a websocket.',
  examples: ['10m'],
});
const topTimeouts = mapping(
  { connect: connect.top, response: response.top, idle: idle.top },
  'How long a tool may take; a mount may have its own.',
  '{ response: 60s }',
);
const ownTimeouts = mapping(
  { connect: connect.own, response: response.own, idle: idle.own },
  'How long this tool may take.',
  '{ response: 60s }',
);

const probePath = (defaultText: string) =>
  optional(kinds.healthPath, {
    description:
      "What is asked for at the tool, exactly as it stands: neither the mount's path nor the target's is put before it. 2xx is healthy.",
    examples: ['/healthy'],
    defaultText,
  });
const interval = layered('health.interval', kinds.duration({ least: 10 }), '5s', {
  description: 'The time between two probes.',
  examples: ['15s'],
});
const timeout = layered('health.timeout', kinds.duration({ least: 10 }), '3s', {
  description: 'When a probe is given up.',
  examples: ['10s'],
});
const healthyAfter = layered('health.healthyAfter', kinds.count(1, 100), 1, {
  description: 'How many good probes in a row make the tool healthy.',
  examples: [2],
});
const unhealthyAfter = layered('health.unhealthyAfter', kinds.count(1, 100), 2, {
  description: 'How many bad probes in a row make it unhealthy.',
  examples: [3],
});
const whenUnhealthy = layered('health.whenUnhealthy', kinds.choice('refuse', 'pass'), 'refuse', {
  description:
    'While the tool itself answers that it is not healthy: `refuse` answers 503 with a page that says so, `pass` lets requests through.',
  examples: ['pass'],
});
const healthExample = '{ path: /healthy, interval: 5s }';
const topHealth = mapping(
  {
    path: probePath('none: only mounts with a path of their own are probed'),
    interval: interval.top,
    timeout: timeout.top,
    healthyAfter: healthyAfter.top,
    unhealthyAfter: unhealthyAfter.top,
    whenUnhealthy: whenUnhealthy.top,
  },
  'How tools are probed; a mount may have its own.',
  healthExample,
);
const ownHealth = mapping(
  {
    path: probePath('as `health.path`'),
    interval: interval.own,
    timeout: timeout.own,
    healthyAfter: healthyAfter.own,
    unhealthyAfter: unhealthyAfter.own,
    whenUnhealthy: whenUnhealthy.own,
  },
  'How this tool is probed.',
  healthExample,
);

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

const mountExample = '{ path: /kpow, target: http://localhost:3000 }';

const mount = mapping(
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
    target: required(kinds.target, {
      description: "The tool's own address; a path in it goes before each request's.",
      examples: ['http://localhost:3000', 'https://grafana.internal:3000'],
    }),
    prefix: preset(kinds.choice('strip', 'keep'), 'strip', {
      description:
        'Whether `path` is taken off before the request goes to the tool. `keep` for a tool that has `path` as its own base path.',
      examples: ['keep'],
    }),
    trailingSlash: optional(kinds.choice('redirect', 'pass'), {
      description:
        "What a request for `path` without its trailing slash gets: a redirect to it, or the tool's own answer.",
      defaultText: '`redirect` when stripping, `pass` when keeping',
      examples: ['pass'],
    }),
    host: preset(kinds.choice('client', 'target'), 'client', {
      description: 'The `Host` that the tool gets: as the client sent it, or the one in `target`.',
      examples: ['target'],
    }),
    forwardedPrefix: preset(kinds.flag, true, {
      description:
        'Whether the tool gets `X-Forwarded-Prefix` (only ever when stripping). `false` for a tool that puts it before its links itself and so doubles it.',
      examples: [false],
    }),
    tls: upstreamTls.optional(),
    health: shortOr(kinds.healthShort, ownHealth, {
      description: 'How this tool is probed: a path is short for `{ path }`, `off` is not at all.',
      examples: ['/healthy'],
      defaultText: 'as `health`',
    }).optional(),
    timeouts: ownTimeouts.optional(),
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

export const documentSchema = mapping(
  {
    listen: mapping(
      {
        https: shortOr(kinds.off, https, { description: 'Where HTTPS is served. `off`: not at all.' }).prefault({}),
        http: shortOr(kinds.off, http, { description: 'Where plain HTTP is served. `off`: not at all.' }).prefault({}),
      },
      'The ports.',
      '{ https: { port: 8443 } }',
    ).prefault({}),
    trustedProxies: shortOr(
      kinds.proxyAddresses,
      z.array(
        required(kinds.proxyAddress, { description: 'An address, a CIDR, or loopback, linklocal, uniquelocal.' }),
        { error: (issue) => `${show(issue.input)} is not a list; write one such as [10.0.0.0/8, loopback]` },
      ),
      {
        description:
          'The proxies in front of the gateway whose word on client address, scheme and host is taken: addresses, CIDRs, `loopback`, `linklocal`, `uniquelocal`; a list, or a text with commas. Nobody, by default.',
        examples: [['10.0.0.0/8', 'loopback']],
      },
    ).prefault([]),
    mounts: z
      .array(mount, {
        error: (issue) =>
          issue.input === undefined
            ? `is missing; add at least one mount, such as - ${mountExample}`
            : `${show(issue.input)} is not a list; begin each mount with a dash: - ${mountExample}`,
      })
      .min(1, { error: `is empty; add at least one mount, such as - ${mountExample}` })
      .meta({ description: 'The tools, and where they appear.' }),
    health: topHealth.prefault({}),
    timeouts: topTimeouts.prefault({}),
    limits: mapping(
      {
        head: preset(kinds.size(1024, 16 * 1024 * 1024), '64kb', {
          description: "The largest head of a request (its first line and headers), and of a tool's answer.",
          examples: ['128kb'],
        }),
        url: preset(kinds.size(1024, 16 * 1024 * 1024), '16kb', {
          description: 'The longest path with query; not more than `head`.',
          examples: ['32kb'],
        }),
      },
      'What is refused as too large.',
      '{ head: 64kb }',
    ).prefault({}),
    drain: mapping(
      {
        timeout: preset(kinds.duration(), '10s', {
          description:
            'How long requests may go on after SIGTERM before they are cut. Websockets are ended once no request is under way.',
          examples: ['30s', '0s'],
        }),
      },
      'What happens at the end.',
      '{ timeout: 10s }',
    ).prefault({}),
    log: mapping(
      {
        level: preset(kinds.choice('trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'), 'info', {
          description: 'What is logged: this and everything graver.',
          examples: ['debug'],
        }),
        format: preset(kinds.choice('auto', 'json', 'pretty'), 'auto', {
          description: '`auto` is readable on a terminal and JSON otherwise.',
          examples: ['json'],
        }),
        access: preset(kinds.flag, true, { description: 'Whether each request gets a line.', examples: [false] }),
      },
      'The log.',
      '{ level: info }',
    ).prefault({}),
    portal: mapping(
      {
        title: preset(kinds.text(100), 'Tools', {
          description: 'The heading of the portal.',
          examples: ['Kafka tools'],
        }),
      },
      'The page at `/` that lists the tools.',
      '{ title: Tools }',
    ).prefault({}),
  },
  'Configuration of kpow-gateway.',
  `mounts: [${mountExample}]`,
);

/** The configuration file as read: defaults filled in, values parsed, nothing merged or resolved yet. */
export type Document = z.output<typeof documentSchema>;
export type MountEntry = Document['mounts'][number];
