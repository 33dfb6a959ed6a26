const { closeSync, mkdirSync, openSync, ftruncateSync, writeFileSync } = require('node:fs');
const { randomBytes } = require('node:crypto');
const path = require('node:path');
const { surroundings } = require('../peers/nginx.cjs');
const { accepting, start } = require('../processes.cjs');
const { freePorts } = require('../free-ports.cjs');

/** 208 bytes, such as a tool's page asks for. */
const json = `{"cluster":"production","topics":214,"partitions":2568,"brokers":6,"state":"healthy","lag":{"total":18342,"groups":37},"throughput":{"in":48211932,"out":96020417},"updated":"2026-01-01T12:00:00Z","note":"ok"}`;

const sizes = { asset: 200_000, download: 1024 ** 3, upload: 1024 ** 2 };

/** What /seen tells of a request: the field's name, and nginx's variable for it. */
const told = [
  ['x-real-ip', 'http_x_real_ip'],
  ['x-forwarded-for', 'http_x_forwarded_for'],
  ['x-forwarded-proto', 'http_x_forwarded_proto'],
  ['x-forwarded-host', 'http_x_forwarded_host'],
  ['x-forwarded-port', 'http_x_forwarded_port'],
  ['x-forwarded-prefix', 'http_x_forwarded_prefix'],
  ['forwarded', 'http_forwarded'],
  ['x-request-id', 'http_x_request_id'],
  ['host', 'http_host'],
  ['uri', 'request_uri'],
];

/**
 * The tool behind every proxy, an nginx that costs as little as can be: /api is small JSON, /asset and /download are
 * files, /upload answers with the number of bytes that it has got once it has got them all, /seen tells the forwarded
 * fields and the path that arrived; /count tells how many requests there have been.
 */
async function startUpstream(folder) {
  const [port] = await freePorts(1);
  const files = path.join(folder, 'files');
  mkdirSync(files, { recursive: true });
  writeFileSync(path.join(files, 'asset'), randomBytes(sizes.asset));
  sparse(path.join(files, 'download'), sizes.download);
  const seen = told.map(([name, variable]) => `${name}: $${variable}`).join('\\n');
  const config = path.join(folder, 'upstream.conf');
  writeFileSync(
    config,
    surroundings({
      folder,
      http: `
  access_log off;
  sendfile on;
  tcp_nodelay on;
  keepalive_requests 1000000000;
  open_file_cache max=10;
  default_type application/json;
  upstream itself { server 127.0.0.1:${port}; keepalive 300; keepalive_requests 1000000000; }
  server {
    listen 127.0.0.1:${port} backlog=4096;
    location = /api { return 200 '${json}'; }
    location = /seen { default_type text/plain; return 200 "${seen}\\n"; }
    location = /asset { root ${files}; default_type application/javascript; }
    location = /download { root ${files}; default_type application/octet-stream; }
    # Not "return", which answers before the body is there. The body ends in memory.
    location = /upload {
      client_max_body_size 0;
      client_body_buffer_size ${2 * sizes.upload};
      proxy_http_version 1.1;
      proxy_pass_request_body off;
      proxy_set_header Connection "";
      proxy_set_header Content-Length "";
      proxy_set_header X-Bytes $request_length;
      proxy_pass http://itself/uploaded;
    }
    location = /count { stub_status; }
    location = /uploaded { return 200 '{"received":"$http_x_bytes"}'; }
  }`,
    }),
  );
  const nginx = start('nginx', ['-p', folder, '-c', config, '-e', 'stderr']);
  await accepting(port, nginx);
  return { port, process: nginx };
}

/** A file of zeros that takes no room on the disk. */
function sparse(file, size) {
  const descriptor = openSync(file, 'w');
  ftruncateSync(descriptor, size);
  closeSync(descriptor);
}

module.exports = { json, sizes, startUpstream };
