const path = require('node:path');
const { execFileSync } = require('node:child_process');
const { writeFileSync } = require('node:fs');
const { forwarded } = require('./forwarded.cjs');
const { mountPaths } = require('./mounts.cjs');

/** Caddy sends X-Forwarded-For, -Proto and -Host by itself. */
const route = (mount, target) => `
  handle_path ${mount}/* {
    reverse_proxy 127.0.0.1:${target} {
      header_up X-Real-IP {remote_host}
      header_up X-Forwarded-Port {http.request.port}
      header_up X-Forwarded-Prefix ${mount}
      header_up Forwarded "for={remote_host};host=\\"{hostport}\\";proto={scheme}"
      header_up X-Request-Id {http.request.uuid}
      header_down Location ^(?:https?://[^/]+)?/(.*)$ ${mount}/$1
      transport http {
        versions 1.1
        keepalive 60s
        keepalive_idle_conns 1024
        keepalive_idle_conns_per_host 512
      }
    }
  }`;

module.exports = {
  id: 'caddy',
  title: 'Caddy',
  program: 'caddy',
  version: () => execFileSync('caddy', ['version'], { encoding: 'utf8' }).split(' ')[0].trim(),
  tells: forwarded,
  logs: 'its own JSON lines',
  command({ folder, ports, pair, target, mounts, access }) {
    const file = path.join(folder, 'Caddyfile');
    writeFileSync(
      file,
      `{
  admin off
  auto_https off
  default_bind 127.0.0.1
  servers {
    protocols h1
  }
}
(mounts) {
  header X-Request-Id {http.request.uuid}
  ${access ? 'log {\n    output stdout\n    format json\n  }' : ''}${mountPaths(mounts)
    .map((mount) => route(mount, target))
    .join('')}
}
http://:${ports.http} {
  import mounts
}
https://:${ports.https} {
  tls ${pair.cert} ${pair.key}
  header Strict-Transport-Security max-age=31536000
  import mounts
}
`,
    );
    const env = { GOMAXPROCS: '1', XDG_DATA_HOME: folder, XDG_CONFIG_HOME: folder, HOME: folder };
    return { command: 'caddy', args: ['run', '--adapter', 'caddyfile', '--config', file], env };
  },
};
