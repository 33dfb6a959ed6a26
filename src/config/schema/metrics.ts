import * as kinds from '../kinds';
import { addresses, mapping, optional, preset, shortOr } from './field';

const settings = mapping(
  {
    allow: addresses(kinds.readerGroups, {
      description:
        'Who may read the metrics: addresses, CIDRs, `loopback`, `linklocal`, `uniquelocal`, `any`; a list, or a text with commas.',
      examples: [['loopback', '10.20.0.0/16'], 'any'],
      defaultText: '`loopback`; `any` where they have a `port` of their own',
    }).optional(),
    port: optional(kinds.port(0), {
      description:
        'A port of their own for the metrics, in plain HTTP, at `/metrics`; then they are on no other. For a network that users do not reach.',
      defaultText: 'none: `/-/metrics` on the ports of `listen`',
      examples: [9464],
    }),
    host: preset(kinds.bindHost, '0.0.0.0', {
      description: 'The address that `port` listens on.',
      examples: ['127.0.0.1'],
    }),
  },
  'How Prometheus reads the metrics.',
  '{ allow: [loopback] }',
);

export const metrics = shortOr(kinds.off, settings, {
  description: 'How Prometheus reads the metrics at `/-/metrics`. `off`: not at all.',
}).prefault({});
