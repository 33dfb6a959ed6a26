import { mkdirSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Browser } from 'playwright-core';
import { startGateway } from '../support/gateway';
import { difference } from './likeness';
import type { Tool } from './tool';
import { runTask, type Visited } from './visit';

/** What is said of a tool under one prefix. */
export interface Row {
  readonly tool: string;
  readonly prefix: string;
  readonly requests: number;
  readonly left: readonly string[];
  /** Requests that left and were answered by the tool all the same. */
  readonly saved: number;
  readonly newErrors: readonly string[];
  readonly websockets: number;
  readonly websocketsAtRoot: number;
  /** Of the picture that is least like the root's. */
  readonly difference: number;
}

/** Where the pictures are put, to be looked at. */
export const pictures = path.join(tmpdir(), 'kpow-gateway-tools-pictures');

/**
 * Does the task at the root, and under each prefix with `prefix: adopt`. Each time the tool is started anew, so that what
 * one run leaves behind is not there in the next.
 */
export async function prove(browser: Browser, tool: Tool, prefixes: readonly string[]): Promise<Row[]> {
  const atRoot = (await visited(browser, tool, '')).seen;
  const rows: Row[] = [];
  for (const prefix of prefixes) {
    const { seen, saved } = await visited(browser, tool, prefix);
    const differences = await Promise.all(
      [...atRoot.shots].map(([name, shot]) => difference(browser, shot, seen.shots.get(name) ?? shot)),
    );
    rows.push({
      tool: `${tool.name} ${tool.version()}`,
      prefix,
      requests: seen.requests,
      left: seen.left,
      saved,
      newErrors: seen.errors.filter((error) => !atRoot.errors.includes(error)),
      websockets: seen.websockets,
      websocketsAtRoot: atRoot.websockets,
      difference: Math.max(0, ...differences),
    });
  }
  return rows;
}

async function visited(browser: Browser, tool: Tool, prefix: string): Promise<{ seen: Visited; saved: number }> {
  const running = await tool.start();
  const mount = { name: tool.name, path: prefix || '/', target: running.origin };
  const gateway = await startGateway({ mounts: [{ ...mount, prefix: prefix === '' ? 'strip' : 'adopt' }] });
  try {
    const origin = `https://localhost:${gateway.httpsPort}`;
    const seen = await runTask(browser, origin, prefix, tool.task);
    mkdirSync(pictures, { recursive: true });
    for (const [name, shot] of seen.shots)
      writeFileSync(path.join(pictures, `${tool.name} ${name} ${prefix.replaceAll('/', '_') || 'root'}.png`), shot);
    const saved = gateway.lines.filter(({ msg }) => String(msg).includes('asked for a path outside')).length;
    return { seen, saved };
  } finally {
    await gateway.stop();
    await running.stop();
  }
}

/** The row as Markdown, for the README. */
export function rowText(row: Row): string {
  const cells = [
    row.tool,
    `\`${row.prefix}\``,
    row.requests,
    row.left.length,
    row.newErrors.length,
    `${row.websockets} (${row.websocketsAtRoot})`,
    `${(row.difference * 100).toFixed(2)} %`,
  ];
  return `| ${cells.join(' | ')} |`;
}
