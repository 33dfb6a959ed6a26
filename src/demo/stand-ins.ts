import { startKpow } from './kpow';
import { startSchemas } from './schemas';
import { startTail } from './tail';
import type { ToolServerOptions } from './tool-server';

/** The demo's tools, as the demo has them; on a free port of 127.0.0.1 unless told otherwise. */
export const standIns = {
  kpow: (at: ToolServerOptions = {}) => startKpow({ ...at, login: true }),
  schemas: (at: ToolServerOptions = {}) => startSchemas({ ...at, basePath: '/schemas' }),
  tail: (at: ToolServerOptions = {}) => startTail(at),
};
