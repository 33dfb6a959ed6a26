// Express with http-proxy behind `app.use`, which takes the mount off the path.
const express = require('express');
const { createProxy, listen, logWhenDone } = require('./node-proxy-parts.cjs');

const setting = JSON.parse(process.argv[2]);
const proxy = createProxy(setting);
const app = express();
for (const mount of setting.paths) {
  app.use(mount, (request, response) => {
    if (setting.access) logWhenDone(request, response, mount);
    proxy.web(request, response);
  });
}

listen(setting, app, (request, socket, head) => {
  const mount = setting.paths.find((each) => request.url.startsWith(`${each}/`));
  if (mount === undefined) {
    socket.destroy();
    return;
  }
  request.url = request.url.slice(mount.length);
  proxy.ws(request, socket, head);
});
