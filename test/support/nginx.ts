import { mkdirSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { temporaryFolder } from './gateway';
import { freePorts } from './free-ports';
import { startProgram, type Program } from './program';

/** What kPow's deployment notes have in either configuration. */
const documented = `
      proxy_http_version 1.1;
      proxy_set_header Upgrade $http_upgrade;
      proxy_set_header Connection 'upgrade';
      proxy_set_header X-Real-IP $remote_addr;
      proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
      proxy_set_header Host $http_host;`;

/** kPow's deployment notes: kPow at the root. @param tool `localhost:3000` */
export const standardRecipe = (tool: string): string => `
    location / {
      proxy_pass http://${tool};${documented}
    }`;

/** kPow's deployment notes: kPow at a custom path. @param tool `localhost:3000` */
export const pathRecipe = (tool: string): string => `
    location /kpow/ {
      proxy_pass http://${tool}/;
      rewrite /kpow/(.*) /$1 break;
      proxy_redirect http://localhost/ /kpow/;${documented}
    }`;

export interface NginxServer {
  readonly locations: string;
  /** PEM files; without them it is plain HTTP. */
  readonly tls?: { readonly cert: string; readonly key: string };
}

export interface Nginx {
  /** Its configuration. */
  readonly file: string;
  /** Of each server, in order. */
  readonly ports: readonly number[];
  stop(): Promise<void>;
}

/**
 * A real nginx, a port for each server, with all its files in a folder of its own.
 * @param shared directives that stand beside the servers: `upstream`, `map`
 */
export async function startNginx(servers: readonly NginxServer[], shared = ''): Promise<Nginx> {
  const folder = temporaryFolder();
  const ports = await freePorts(servers.length);
  mkdirSync(path.join(folder, 'logs'));
  const file = path.join(folder, 'nginx.conf');
  writeFileSync(file, configuration(folder, servers, ports, shared));
  const nginx = await startProgram(process.env['NGINX'] ?? 'nginx', ['-p', folder, '-c', file, '-e', 'stderr'], {
    // Debian keeps it where only root's PATH looks.
    env: { ...process.env, PATH: `${process.env['PATH'] ?? ''}:/usr/sbin:/sbin` },
    package: 'nginx',
  });
  await Promise.all(ports.map((port) => untilAccepting(port, nginx)));
  return { file, ports, stop: () => nginx.stop() };
}

/** One process, in the foreground, as the user who runs the tests. */
function configuration(
  folder: string,
  servers: readonly NginxServer[],
  ports: readonly number[],
  shared: string,
): string {
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']
    .map((kind) => `  ${kind}_temp_path ${folder}/${kind};`)
    .join('\n');
  const blocks = servers.map(
    ({ locations, tls }, i) => `
  server {
    listen 127.0.0.1:${ports[i] ?? 0}${tls ? ' ssl' : ''};
    ${tls ? `ssl_certificate ${tls.cert};\n    ssl_certificate_key ${tls.key};` : ''}${locations}
  }`,
  );
  return `
daemon off;
master_process off;
pid ${folder}/nginx.pid;
error_log stderr warn;
events {}
http {
  access_log off;
${shared}
${temporary}${blocks.join('')}
}
`;
}

async function untilAccepting(port: number, nginx: Program): Promise<void> {
  for (;;) {
    const accepted = await new Promise<boolean>((resolve) => {
      const socket = connect({ port, host: '127.0.0.1' });
      socket.once('connect', () => resolve(true));
      socket.once('error', () => resolve(false));
      socket.once('connect', () => socket.destroy());
    });
    if (accepted) return;
    if (nginx.over) throw new Error(`nginx did not start; it said:\n${nginx.output}`);
    await pause(20);
  }
}
