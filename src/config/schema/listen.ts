import { z } from 'zod';
import * as kinds from '../kinds';
import { show } from '../problem';
import { acme } from './acme';
import { mapping, optional, preset, required } from './field';

const port = (value: number, description: string) =>
  preset(kinds.port(0), value, { description: `${description} 0 takes any free one.`, examples: [value] });
const host = preset(kinds.bindHost, '0.0.0.0', {
  description: 'The address to listen on: `0.0.0.0` is every IPv4 address of the machine, `::` also every IPv6 one.',
  examples: ['127.0.0.1'],
});

const pairExample = '{ cert: certs/other.crt, key: certs/other.key }';

const certificates = z
  .array(
    mapping(
      {
        cert: required(kinds.file, {
          description: "PEM file: the server's certificate, then the intermediate ones.",
          examples: ['certs/other.crt'],
        }),
        key: required(kinds.file, {
          description: "PEM file: the certificate's private key, not encrypted.",
          examples: ['certs/other.key'],
        }),
      },
      'A certificate, and its key.',
      pairExample,
    ),
    { error: (issue) => `${show(issue.input)} is not a list; begin each certificate with a dash: - ${pairExample}` },
  )
  .meta({
    description:
      'More certificates, each served to those who ask for a name in it (SNI), wildcards included. `cert` is served to all others.',
  });

export const https = mapping(
  {
    port: port(8443, 'The port for HTTPS.'),
    host,
    cert: optional(kinds.file, {
      description:
        "PEM file: the server's certificate, then the intermediate ones. When `cert` and `key` are both missing, a self-signed pair for localhost is generated there.",
      defaultText: '`certs/tls.crt`',
      examples: ['/etc/tls/tls.crt'],
    }),
    key: optional(kinds.file, {
      description: "PEM file: the certificate's private key, not encrypted.",
      defaultText: '`certs/tls.key`',
      examples: ['/etc/tls/tls.key'],
    }),
    publicPort: optional(kinds.port(1), {
      description: 'The port that browsers see, where it is another one: a published container port, a load balancer.',
      defaultText: 'as `port`',
      examples: [443],
    }),
    hsts: preset(kinds.maxAge(36_500 * 86_400_000), 'off', {
      description:
        'How long browsers remember to ask this host by HTTPS alone, on every port (Strict-Transport-Security): its other plain HTTP ports no longer open in them. `0s` has them forget it. See [certificates.md](certificates.md#strict-transport-security).',
      examples: ['30d', '0s'],
    }),
    acme: acme.optional(),
    certificates: certificates.optional(),
    clientCa: optional(kinds.file, {
      description:
        'PEM file with the authorities whose client certificates are taken (mutual TLS). Tools are told whose it was in `X-SSL-Client-Verify`, `X-SSL-Client-DN` and `X-SSL-Client-Fingerprint`.',
      examples: ['certs/clients-ca.crt'],
    }),
    clientAuth: optional(kinds.choice('required', 'optional'), {
      description:
        'Whether everybody needs a client certificate; those without get 403, but for `/-/up` and `/-/healthy`. Goes with `clientCa`.',
      defaultText: '`required`',
      examples: ['optional'],
    }),
    forwardClientCert: optional(kinds.flag, {
      description:
        'Whether tools also get the whole client certificate, in `Client-Cert` (RFC 9440): 1 to 3 kB with each request. Goes with `clientCa`.',
      defaultText: '`false`',
      examples: [true],
    }),
  },
  'Where HTTPS is served. `off`: not at all.',
  '{ port: 8443 }',
);

export const http = mapping(
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

export const reusePort = preset(kinds.flag, false, {
  description:
    'Whether other processes of the same user may listen on the same ports, so that a new one can start before the old one ends (SO_REUSEPORT). Needs Linux or FreeBSD, and Node 22.12 or newer; see [restarts.md](restarts.md).',
  examples: [true],
});

export const keepAlive = preset(kinds.duration({ least: 1000 }), '75s', {
  description:
    'How long a connection may be idle between two requests. Longer than the idle limit of a balancer in front, or it sends requests into connections that are just being closed.',
  examples: ['370s'],
});
