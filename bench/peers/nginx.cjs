const { mkdirSync } = require('node:fs');
const { execFileSync } = require('node:child_process');

/** What a configuration needs around it: all files in one folder that is ours alone, enough connections for 5,000 websockets. */
function surroundings({ folder, http }) {
  mkdirSync(folder, { recursive: true });
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']
    .map((kind) => `  ${kind}_temp_path ${folder}/${kind};`)
    .join('\n');
  return `
daemon off;
${process.getuid() === 0 ? 'user root;' : ''}
worker_processes 1;
worker_rlimit_nofile 20000;
pid ${folder}/nginx.pid;
error_log stderr error;
events {
  worker_connections 16384;
}
http {
${temporary}
${http}
}
`;
}

/** `nginx version: nginx/1.22.1` */
function version() {
  return execFileSync('sh', ['-c', 'nginx -v 2>&1'], { encoding: 'utf8' }).trim().split('/').at(-1);
}

module.exports = { surroundings, version };
