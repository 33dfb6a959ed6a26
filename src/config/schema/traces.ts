import { headerFields } from '../header-fields';
import * as kinds from '../kinds';
import { mapping, optional, preset, required, shortOr } from './field';

const settings = mapping(
  {
    endpoint: required(kinds.otlpEndpoint, {
      description:
        'The receiver, which takes OTLP over HTTP. `/v1/traces` is added unless the path ends in `/traces` already.',
      examples: ['http://localhost:4318', 'https://otlp.example.com/otlp'],
    }),
    ratio: preset(kinds.ratio, 0.1, {
      description:
        'How much of the requests is traced. A trusted proxy that sends `traceparent` decides for its own requests.',
      examples: [1],
    }),
    service: preset(kinds.text(100), 'kpow-gateway', {
      description: "The gateway's name in traces: `service.name`.",
      examples: ['kafka-tools'],
    }),
    headers: optional(headerFields(), {
      description: 'Header fields for the receiver. They stand in no log.',
      examples: [{ Authorization: 'Bearer ${OTLP_TOKEN}' }],
    }),
    ca: optional(kinds.file, {
      description: "PEM file with the authority that signed the receiver's certificate, where it is a private one.",
      examples: ['certs/ca.crt'],
    }),
    trust: preset(kinds.flag, false, {
      description:
        "Whose `traceparent` is continued, its sampled flag obeyed: `false` only that of `trustedProxies`, `true` everyone's, which lets any client have all of its requests traced.",
      examples: [true],
    }),
  },
  'Where traces of requests go, and which requests have one.',
  '{ endpoint: http://localhost:4318 }',
);

export const traces = shortOr(kinds.off, settings, {
  description: 'Traces of requests, sent by OTLP. `off`: none.',
}).prefault('off');
