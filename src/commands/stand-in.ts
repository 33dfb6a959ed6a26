import { standIns } from '../demo/stand-ins';
import type { Tool } from '../demo/tool-server';
import { whenToldToEnd } from './end-signals';

/**
 * Runs one of the demo's tools alone, for a gateway elsewhere, until SIGTERM or SIGINT.
 * @returns the exit code
 */
export async function standIn(
  name: keyof typeof standIns,
  { host, port }: { readonly host: string; readonly port: number },
): Promise<number> {
  const ended = new Promise<void>((resolve) => {
    whenToldToEnd(() => resolve());
  });
  let tool: Tool;
  try {
    tool = await standIns[name]({ host, port });
  } catch (error) {
    process.stderr.write(`The stand-in ${name} cannot listen on ${host}, port ${port}: ${(error as Error).message}\n`);
    return 1;
  }
  process.stdout.write(`The stand-in ${name} serves at ${tool.url}\n`);
  await ended;
  await tool.close();
  return 0;
}
