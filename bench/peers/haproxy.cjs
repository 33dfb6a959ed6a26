const path = require('node:path');
const { execFileSync } = require('node:child_process');
const { writeFileSync } = require('node:fs');
const { forwarded } = require('./forwarded.cjs');
const { mountPaths } = require('./mounts.cjs');

/** The fields that the gateway logs. */
const format = String.raw`log-format '{"level":30,"time":"%T","id":"%ID","mount":"%b","method":"%HM","path":"%HU","status":%ST,"bytes":%B,"duration":%Ta,"upstream":%Tr,"client":"%ci"}'`;

const backend = (mount, target) => `
backend ${mount.slice(1)}
  http-request set-path %[path,bytes(${mount.length})]
  http-request set-header X-Forwarded-Prefix ${mount}
  http-response replace-header Location ^(?:https?://[^/]+)?/(.*) ${mount}/\\1
  server tool 127.0.0.1:${target} pool-max-conn 512 pool-purge-delay 60s`;

module.exports = {
  id: 'haproxy',
  title: 'HAProxy',
  program: 'haproxy',
  version: () => /version (\S+)/.exec(execFileSync('haproxy', ['-v'], { encoding: 'utf8' }))[1],
  tells: forwarded,
  logs: "the gateway's fields as JSON",
  command({ folder, ports, pair, target, mounts, access }) {
    const file = path.join(folder, 'haproxy.cfg');
    const map = path.join(folder, 'mounts.map');
    const paths = mountPaths(mounts);
    writeFileSync(map, paths.map((mount) => `${mount}/ ${mount.slice(1)}\n`).join(''));
    writeFileSync(
      file,
      `
global
  nbthread 1
  tune.bufsize 65536
  maxconn 7000
  log stdout format raw local0 info
  tune.ssl.cachesize 20000
  ssl-default-bind-options ssl-min-ver TLSv1.2
defaults
  mode http
  http-reuse always
  timeout connect 5s
  timeout client 75s
  timeout server 75s
  timeout tunnel 1h
  option splice-auto
  ${access ? 'log global' : 'no log'}
  ${format}
frontend public
  bind 127.0.0.1:${ports.http} backlog 4096
  bind 127.0.0.1:${ports.https} backlog 4096 ssl crt ${pair.both}
  unique-id-format %[uuid]
  unique-id-header X-Request-Id
  http-response set-header X-Request-Id %[unique-id]
  http-response set-header Strict-Transport-Security max-age=31536000 if { ssl_fc }
  http-request set-header X-Real-IP %[src]
  http-request set-header X-Forwarded-For %[src]
  http-request set-header X-Forwarded-Proto %[ssl_fc,iif(https,http)]
  http-request set-header X-Forwarded-Host %[req.hdr(host)]
  http-request set-header X-Forwarded-Port %[dst_port]
  http-request set-header Forwarded "for=%[src];host=\\"%[req.hdr(host)]\\";proto=%[ssl_fc,iif(https,http)]"
  use_backend %[path,map_beg(${map})]
${paths.map((mount) => backend(mount, target)).join('')}
`,
    );
    return { command: 'haproxy', args: ['-f', file, '-db'] };
  },
};
