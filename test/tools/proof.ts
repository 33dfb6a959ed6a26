import { mkdirSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Browser } from 'playwright-core';
import { freePorts } from '../support/free-ports';
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
  const ports = await freePorts(tool.ports);
  const atRoot = (await visited(browser, tool, ports, '')).seen;
  const rows: Row[] = [];
  for (const prefix of prefixes) {
    const { seen, saved } = await visited(browser, tool, ports, prefix);
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

/** @param prefix '' for the tool by itself: some have paths that are the gateway's at its root */
async function visited(
  browser: Browser,
  tool: Tool,
  ports: readonly number[],
  prefix: string,
): Promise<{ seen: Visited; saved: number }> {
  const running = await tool.start(...ports);
  try {
    if (prefix === '')
      return { seen: kept(tool, prefix, await runTask(browser, running.origin, '', tool.task)), saved: 0 };
    const gateway = await startGateway({
      mounts: [{ name: tool.name, path: prefix, target: running.origin, prefix: 'adopt' }],
    });
    try {
      const seen = await runTask(browser, `https://localhost:${gateway.httpsPort}`, prefix, tool.task);
      const saved = gateway.lines.filter(({ msg }) => String(msg).includes('asked for a path outside')).length;
      return { seen: kept(tool, prefix, seen), saved };
    } finally {
      await gateway.stop();
    }
  } finally {
    await running.stop();
  }
}

/** Keeps the pictures. */
function kept(tool: Tool, prefix: string, seen: Visited): Visited {
  mkdirSync(pictures, { recursive: true });
  for (const [name, shot] of seen.shots)
    writeFileSync(path.join(pictures, `${tool.name} ${name} ${prefix.replaceAll('/', '_') || 'root'}.png`), shot);
  return seen;
}

/** The row as Markdown, for docs/tools.md. */
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
