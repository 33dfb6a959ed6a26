import { z } from 'zod';
import * as accessKinds from '../access-kinds';
import * as kinds from '../kinds';
import { show } from '../problem';
import { addresses, listOf, mapping, optional, preset, shortOr } from './field';
import { topCircuit } from './circuit';
import { topHealth } from './health';
import { http, https, keepAlive, reusePort } from './listen';
import { topLimits } from './limits';
import { metrics } from './metrics';
import { mount, mountExample, topTrustedIdentity } from './mount';
import { notify } from './notify';
import { rateLimitStore } from './rate-limit';
import { topTimeouts } from './timeouts';
import { traces } from './traces';

/*
 * The configuration file: every field with its kind, default and meaning. The JSON Schema for editors and the
 * reference in docs/ are generated from here (`npm run build && node dist/config/generate.js`).
 */

export const documentSchema = mapping(
  {
    listen: mapping(
      {
        https: shortOr(kinds.off, https, { description: 'Where HTTPS is served. `off`: not at all.' }).prefault({}),
        http: shortOr(kinds.off, http, { description: 'Where plain HTTP is served. `off`: not at all.' }).prefault({}),
        keepAlive,
        reusePort,
      },
      'The ports.',
      '{ https: { port: 8443 } }',
    ).prefault({}),
    trustedProxies: addresses(kinds.proxyGroups, {
      description:
        'The proxies in front of the gateway whose word on client address, scheme and host is taken: addresses, CIDRs, `loopback`, `linklocal`, `uniquelocal`; a list, or a text with commas. Nobody, by default.',
      examples: [['10.0.0.0/8', 'loopback']],
    }).prefault([]),
    trustedFields: preset(kinds.choice('auto', 'x-forwarded', 'forwarded'), 'auto', {
      description:
        'Which fields the trusted proxies write: `X-Forwarded-*`, or `Forwarded` (RFC 7239). The others are not read: they may be what a client has sent to the proxy. `auto`: `Forwarded` only where no `X-Forwarded-` field of the address (`-For`, `-Proto`, `-Host`, `-Port`, `-Prefix` and the like) comes with it.',
      examples: ['x-forwarded', 'forwarded'],
    }),
    trustedIdentity: topTrustedIdentity,
    hosts: shortOr(
      accessKinds.any,
      listOf(accessKinds.servedHost, '[tools.example.com]', {
        description: 'A name, or `*.example.com` for all names below it.',
      }),
      {
        description:
          'The names that are served; a request for another gets 421. `*.example.com` is every name below it. Probes of `/-/up` and `/-/healthy` may use any.',
        examples: [['tools.example.com']],
      },
    ).prefault('any'),
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
    circuit: topCircuit.prefault({}),
    secret: optional(kinds.secret, {
      description:
        'What the gateway signs its cookies with (`sticky`). Several gateways behind one address need the same; it stands in no log.',
      examples: ['${KPOW_GATEWAY_SECRET}'],
      defaultText: 'made at each start',
    }),
    limits: topLimits.prefault({}),
    rateLimitStore,
    workers: preset(kinds.workers, 1, {
      description:
        'How many processes serve: `auto` is one for each processor. One is enough for most. Several serve more requests, and when one fails, the others keep their connections. See [scaling.md](scaling.md).',
      examples: ['auto', 4],
    }),
    drain: mapping(
      {
        delay: preset(kinds.duration(), '0s', {
          description:
            'How long connections are still accepted after SIGTERM, while `/-/healthy` answers 503 and each answer is the last of its connection: as long as a balancer in front takes to notice.',
          examples: ['15s'],
        }),
        timeout: preset(kinds.duration(), '10s', {
          description:
            'How long requests may go on after that before they are cut. Websockets are closed once no request is under way.',
          examples: ['30s', '0s'],
        }),
      },
      'What happens at the end.',
      '{ timeout: 10s }',
    ).prefault({}),
    reload: mapping(
      {
        watch: preset(kinds.flag, true, {
          description:
            'Whether a change of this file, or of one that a mount names, is put in force, as SIGHUP does it. A broken file is reported, and the old one stays in force.',
          examples: [false],
        }),
      },
      'How another configuration is put in force.',
      '{ watch: false }',
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
    metrics,
    traces,
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
    notify: notify.prefault({}),
  },
  'Configuration of kpow-gateway.',
  `mounts: [${mountExample}]`,
);

/** The configuration file as read: defaults filled in, values parsed, nothing merged or resolved yet. */
export type Document = z.output<typeof documentSchema>;
export type MountEntry = Document['mounts'][number];
export type AcmeEntry = NonNullable<Exclude<Document['listen']['https'], 'off'>['acme']>;
