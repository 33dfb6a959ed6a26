import { z } from 'zod';
import * as acmeKinds from '../acme-kinds';
import * as kinds from '../kinds';
import { show } from '../problem';
import { mapping, optional, preset, required, shortOr } from './field';

const second = 1_000;
const hour = 3600 * second;
const day = 24 * hour;

/** What an authority puts into one certificate at most (Let's Encrypt). */
const mostDomains = 100;

const domains = z
  .array(
    required(acmeKinds.certificateDomain, { description: 'A DNS name without wildcard, such as tools.example.com.' }),
    { error: (issue) => `${show(issue.input)} is not a list; write one such as [tools.example.com]` },
  )
  .min(1, { error: 'is empty; write the names, such as [tools.example.com]' })
  .max(mostDomains, {
    error: `has more than ${mostDomains} names, the most that one certificate holds; take some out`,
  });

export const acme = mapping(
  {
    domains: shortOr(acmeKinds.certificateDomains, domains, {
      description:
        'The names that browsers use; each has to lead to this gateway. DNS names without wildcards; a list, or a text with commas.',
      examples: [['tools.example.com']],
    }),
    termsOfServiceAgreed: required(acmeKinds.termsAgreed, {
      description: "That you agree to the authority's terms of service.",
      examples: [true],
    }),
    email: optional(acmeKinds.email, {
      description: 'Where the authority may write to.',
      examples: ['ops@example.com'],
    }),
    directory: preset(acmeKinds.acmeDirectory, 'letsencrypt', {
      description:
        "The authority: Let's Encrypt, its staging (try it there first: generous limits, certificates that no browser trusts), or the https URL of another's directory.",
      examples: ['letsencrypt-staging', 'https://ca.example.com/acme/acme/directory'],
    }),
    challenge: preset(kinds.choice('http-01', 'tls-alpn-01'), 'http-01', {
      description:
        'How the authority sees that the names lead here: `http-01` asks for a file on port 80, `tls-alpn-01` makes a TLS handshake on port 443. These ports have to lead to `listen.http` or `listen.https`.',
      examples: ['tls-alpn-01'],
    }),
    storage: preset(kinds.file, 'certs/acme', {
      description:
        'The folder for account keys, certificates and pending challenges. Keep it; gateways that serve the same names share it.',
      examples: ['/var/lib/kpow-gateway/acme'],
    }),
    renewBefore: preset(kinds.duration({ least: hour, most: 365 * day }), '30d', {
      description:
        "How long before its end a certificate is renewed; never before two thirds of the certificate's lifetime are over.",
      examples: ['20d'],
    }),
    retry: preset(kinds.duration({ least: second, most: 6 * hour }), '1m', {
      description:
        'How long after a failure the next try comes; the time doubles with each failure, up to 6h. Public authorities count failures.',
      examples: ['5m'],
    }),
    ca: optional(kinds.file, {
      description:
        "PEM file with the authority that signed the directory's own certificate, where it is a private one.",
      examples: ['/etc/tls/ca.crt'],
    }),
    eab: mapping(
      {
        keyId: required(kinds.text(500), { description: 'The key identifier.', examples: ['${ACME_KEY_ID}'] }),
        hmacKey: required(acmeKinds.macKey, {
          description: 'The key, in base64url.',
          examples: ['${ACME_HMAC_KEY}'],
        }),
      },
      'What ties the account to one that you have with the authority (external account binding), where it asks for that.',
      '{ keyId: "${ACME_KEY_ID}", hmacKey: "${ACME_HMAC_KEY}" }',
    ).optional(),
  },
  "A certificate from an ACME authority such as Let's Encrypt, ordered and renewed by the gateway itself; takes the place of `cert` and `key`. See docs/certificates.md.",
  '{ domains: [tools.example.com], termsOfServiceAgreed: true }',
);
