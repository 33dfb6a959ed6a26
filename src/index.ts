/** The gateway within another program: docs/embedding.md. */
export { createGateway } from './embedding/gateway';
export type { Address, Addresses, Gateway, GatewayOptions } from './embedding/gateway';
export type { Logger } from './embedding/logger';
export { loadConfig } from './embedding/loaded-config';
export type { LoadConfigOptions, LoadedConfig } from './embedding/loaded-config';
export { ConfigError } from './config/config-error';
export type { GatewayConfig } from './config/input';
export { ListenError } from './listener/listen-error';
