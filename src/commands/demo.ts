import { resolveConfig } from '../config/load';
import { startDemoTools } from '../demo/demo';
import { serve } from './serve';

export interface DemoOptions {
  /** Ports of the gateway; 0 takes a free one. */
  readonly httpsPort: number;
  readonly httpPort: number;
}

/** Serves with the stand-in for kPow and two small sibling tools, so that nothing else is needed to look at it. */
export async function demo({ httpsPort, httpPort }: DemoOptions): Promise<number> {
  const tools = await startDemoTools();
  const config = resolveConfig({
    listen: { https: { port: httpsPort, host: '127.0.0.1' }, http: { port: httpPort, host: '127.0.0.1' } },
    portal: { title: 'Demo tools' },
    mounts: tools.mounts,
  });
  const code = await serve({
    config,
    source: null,
    ready: ({ https }, log) => {
      log.info(
        `Open https://localhost:${https?.port ?? ''}/ - the certificate is self-signed, so the browser asks once`,
      );
    },
    stopped: () => tools.close(),
  });
  if (code !== 0) await tools.close();
  return code;
}
