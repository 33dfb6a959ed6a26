import { startNginx } from '../../support/nginx';
import { startNodeReader } from './node-reader';
import type { Reader } from './reader';

/** A real nginx. What it has understood is told by the tool behind it, to which it writes each request anew. */
export async function startNginxReader(): Promise<Reader> {
  const behind = await startNodeReader(false);
  const nginx = await startNginx([
    {
      locations: `
    client_max_body_size 1m;
    large_client_header_buffers 4 32k;
    location / {
      proxy_pass ${behind.url};
      proxy_http_version 1.1;
      proxy_set_header Connection "";
      proxy_set_header Host $http_host;
    }`,
    },
  ]);
  return {
    url: `http://127.0.0.1:${String(nginx.ports[0])}`,
    arrived: behind.arrived,
    tools: ['all'],
    close: async () => {
      await nginx.stop();
      await behind.close();
    },
  };
}
