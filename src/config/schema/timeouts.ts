import * as kinds from '../kinds';
import { layered, mapping } from './field';

const timeoutKind = kinds.duration({ off: true });
const connect = layered('timeouts.connect', timeoutKind, '5s', {
  description: 'For connecting to the tool, TLS handshake included.',
  examples: ['2s'],
});
const response = layered('timeouts.response', timeoutKind, '60s', {
  description:
    "From the end of the request to the first byte of the tool's answer. A pause of the upload has a limit of its own: `limits.bodyTimeout`.",
  examples: ['5m'],
});
const idle = layered('timeouts.idle', timeoutKind, 'off', {
  description: 'The longest silence within an answer or on a websocket.',
  examples: ['10m'],
});
export const topTimeouts = mapping(
  { connect: connect.top, response: response.top, idle: idle.top },
  'How long a tool may take; a mount may have its own.',
  '{ response: 60s }',
);
export const ownTimeouts = mapping(
  { connect: connect.own, response: response.own, idle: idle.own },
  'How long this tool may take.',
  '{ response: 60s }',
);
