// http-proxy with custom server logic, as in its README: the mount is what stands before the second slash.
const { createProxy, listen, logWhenDone } = require('./node-proxy-parts.cjs');

const setting = JSON.parse(process.argv[2]);
const proxy = createProxy(setting);
const mounts = new Set(setting.paths);

/** @returns the mount, which is taken off the request's path; undefined where there is none */
function mountOf(request) {
  const mount = request.url.slice(0, request.url.indexOf('/', 1));
  if (!mounts.has(mount)) return undefined;
  request.url = request.url.slice(mount.length);
  return mount;
}

listen(
  setting,
  (request, response) => {
    const mount = mountOf(request);
    if (mount === undefined) {
      response.writeHead(404).end();
      return;
    }
    if (setting.access) logWhenDone(request, response, mount);
    proxy.web(request, response);
  },
  (request, socket, head) => {
    if (mountOf(request) === undefined) socket.destroy();
    else proxy.ws(request, socket, head);
  },
);
