const path = require('node:path');
const { writeFileSync } = require('node:fs');
const { forwarded } = require('./forwarded.cjs');
const { mountPaths } = require('./mounts.cjs');
const { surroundings, version } = require('./nginx.cjs');

/** The fields that the gateway logs. */
const format = `log_format lines escape=json '{"level":30,"time":"$time_iso8601","id":"$request_id","mount":"$mount",'
    '"method":"$request_method","path":"$request_uri","status":$status,"bytes":$body_bytes_sent,'
    '"duration":$request_time,"upstream":"$upstream_response_time","client":"$remote_addr"}';`;

/** The fields that the gateway sends on, and the same repairs of the answer. */
const location = (mount, access) => `
    location ${mount}/ {${
      access
        ? `
      set $mount ${mount};`
        : ''
    }
      proxy_pass http://tool/;
      proxy_redirect / ${mount}/;
      proxy_cookie_path / ${mount}/;
      proxy_set_header Host $http_host;
      proxy_set_header Upgrade $http_upgrade;
      proxy_set_header Connection $upgraded;
      proxy_set_header X-Real-IP $remote_addr;
      proxy_set_header X-Forwarded-For $remote_addr;
      proxy_set_header X-Forwarded-Proto $scheme;
      proxy_set_header X-Forwarded-Host $http_host;
      proxy_set_header X-Forwarded-Port $server_port;
      proxy_set_header X-Forwarded-Prefix ${mount};
      proxy_set_header Forwarded 'for=$remote_addr;host="$http_host";proto=$scheme';
      proxy_set_header X-Request-Id $request_id;
    }`;

module.exports = {
  id: 'nginx-tuned',
  title: 'nginx, tuned',
  program: 'nginx',
  version,
  tells: forwarded,
  logs: "the gateway's fields as JSON, 64 kB at a write",
  command({ folder, ports, pair, target, mounts, access, log }) {
    const file = path.join(folder, 'nginx.conf');
    writeFileSync(
      file,
      surroundings({
        folder,
        http: `
  ${
    access
      ? `${format}
  access_log ${log} lines buffer=64k flush=1s;`
      : 'access_log off;'
  }
  tcp_nodelay on;
  keepalive_timeout 75s;
  keepalive_requests 1000000000;
  reset_timedout_connection on;
  ssl_protocols TLSv1.2 TLSv1.3;
  ssl_session_cache shared:tls:10m;
  proxy_http_version 1.1;
  proxy_buffer_size 16k;
  proxy_buffers 8 64k;
  proxy_busy_buffers_size 128k;
  proxy_max_temp_file_size 0;
  proxy_request_buffering off;
  client_max_body_size 0;
  client_body_buffer_size 512k;
  # "upgrade" for a websocket; for all else an empty Connection, without which no connection to the tool is kept.
  map $http_upgrade $upgraded { default upgrade; '' ''; }
  map $https $hsts { on max-age=31536000; default ''; }
  upstream tool {
    server 127.0.0.1:${target};
    keepalive 512;
    keepalive_requests 1000000000;
    keepalive_timeout 60s;
  }
  server {
    listen 127.0.0.1:${ports.http} backlog=4096;
    listen 127.0.0.1:${ports.https} ssl backlog=4096;
    ssl_certificate ${pair.cert};
    ssl_certificate_key ${pair.key};
    add_header X-Request-Id $request_id always;
    add_header Strict-Transport-Security $hsts always;${mountPaths(mounts)
      .map((mount) => location(mount, access))
      .join('')}
  }`,
      }),
    );
    return { command: 'nginx', args: ['-p', folder, '-c', file, '-e', 'stderr'] };
  },
};
