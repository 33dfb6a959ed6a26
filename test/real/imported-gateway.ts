import { parse } from 'yaml';
import { importNginx } from '../../src/commands/import-nginx';
import { startGateway, type RawConfig, type TestGateway } from '../support/gateway';
import { exchangeRaw } from '../support/raw-client';
import type { RecordingUpstream } from '../support/upstreams';
import { readAnswer } from './read-answer';

export interface Imported {
  readonly gateway: TestGateway;
  readonly code: number;
  readonly yaml: string;
  readonly config: RawConfig;
  /** What is told beside it, line by line. */
  readonly said: readonly string[];
}

/** A gateway with what import-nginx makes of a server that nginx runs with, on a port of its own. */
export async function importServer(file: string, server: string): Promise<Imported> {
  const [out, said]: [string[], string[]] = [[], []];
  const code = await importNginx(
    { file, output: null, server },
    { out: (text) => Promise.resolve(void out.push(text)), error: (line) => said.push(line) },
  );
  const yaml = out.join('');
  const config = parse(yaml) as RawConfig & { listen: { http: object } };
  const listen = { https: 'off', http: { ...config.listen.http, port: 0 } };
  return { gateway: await startGateway({ ...config, listen }), code, yaml, config, said };
}

export interface Probe {
  readonly method: string;
  readonly target: string;
  readonly fields: readonly string[];
}

/** What the tool hears of a request; an auth_request asks it before. */
export async function heard(tool: RecordingUpstream, port: number, host: string, { method, target, fields }: Probe) {
  tool.requests.length = 0;
  const head = [`${method} ${target} HTTP/1.1`, `Host: ${host}`, 'Connection: close', ...fields, '', ''];
  const { status } = readAnswer(await exchangeRaw(port, head.join('\r\n'), false));
  const got = tool.requests.at(-1);
  return { status, url: got?.url ?? null, headers: got?.headers ?? {} };
}
