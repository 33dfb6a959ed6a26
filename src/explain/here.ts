import type { Config } from '../config/config';
import type { AskedWords } from './asked';

/** Where a browser on this machine asks for a path. */
export function hereOf({ listen: { https, http }, hosts }: Config): AskedWords['here'] {
  const name = hosts?.find((host) => !host.startsWith('*')) ?? 'localhost';
  const port = https?.publicPort ?? http?.port ?? 80;
  const usual = https ? 443 : 80;
  return { secure: https !== null, authority: port === usual ? name : `${name}:${port}` };
}
