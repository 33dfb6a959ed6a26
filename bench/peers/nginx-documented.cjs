const path = require('node:path');
const { writeFileSync } = require('node:fs');
const { mountPaths } = require('./mounts.cjs');
const { surroundings, version } = require('./nginx.cjs');

/** kPow's deployment notes, for kPow at a path: each directive as it stands there. */
const location = (mount, target) => `
    location ${mount}/ {
      proxy_pass http://127.0.0.1:${target}/;
      rewrite ${mount}/(.*) /$1 break;
      proxy_redirect http://localhost/ ${mount}/;
      proxy_http_version 1.1;
      proxy_set_header Upgrade $http_upgrade;
      proxy_set_header Connection 'upgrade';
      proxy_set_header X-Real-IP $remote_addr;
      proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
      proxy_set_header Host $http_host;
    }`;

module.exports = {
  id: 'nginx-documented',
  title: "nginx, kPow's notes",
  program: 'nginx',
  version,
  tells: ['x-real-ip', 'x-forwarded-for'],
  logs: "Debian's default: the combined format, a write each",
  /** Around the location: what Debian's nginx.conf has. */
  command({ folder, ports, pair, target, mounts, access, log }) {
    const file = path.join(folder, 'nginx.conf');
    const locations = mountPaths(mounts).map((mount) => location(mount, target));
    writeFileSync(
      file,
      surroundings({
        folder,
        http: `
  sendfile on;
  tcp_nopush on;
  types_hash_max_size 2048;
  gzip on;
  ssl_protocols TLSv1.2 TLSv1.3;
  ssl_prefer_server_ciphers on;
  access_log ${access ? log : 'off'};
  server {
    listen 127.0.0.1:${ports.http};
    listen 127.0.0.1:${ports.https} ssl;
    ssl_certificate ${pair.cert};
    ssl_certificate_key ${pair.key};${locations.join('')}
  }`,
      }),
    );
    return { command: 'nginx', args: ['-p', folder, '-c', file, '-e', 'stderr'] };
  },
};
