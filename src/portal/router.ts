import { Router, type Request, type RequestHandler, type Response } from 'express';
import { adoptScript } from '../adopt/script';
import { assets, assetType, type Asset } from './assets';
import { renderPortal } from './page';
import { portalSnapshot, type Portal } from './portal';

/** Icons come from people's own files: whatever is in one must not run in the gateway's origin when it is opened. */
const iconPolicy = "default-src 'none'; style-src 'unsafe-inline'; sandbox";

function sendAsset(response: Response, { type, body }: Asset): void {
  response.set('Cache-Control', 'public, max-age=31536000, immutable');
  response.set('X-Content-Type-Options', 'nosniff');
  response.type(type).send(body);
}

/**
 * GET and HEAD of the portal page (HTML, or JSON where that is preferred), of its styles and scripts, and of icon
 * files. Everything else goes on to the next handler.
 * @param current asked for each request, since a reload of the configuration replaces the portal
 * @param prefixOf what a proxy in front has taken off a request's path
 */
export function createPortalRouter(current: () => Portal, prefixOf: (request: Request) => string = () => ''): Router {
  const page: RequestHandler = (request, response, next) => {
    const portal = current();
    if (request.path === '/' && portal.path !== '/') {
      next();
      return;
    }
    response.set('Cache-Control', 'no-store').vary('Accept');
    const view = portal.view();
    const prefix = prefixOf(request);
    if (request.accepts(['html', 'json']) === 'json') response.json(portalSnapshot(view, prefix));
    else response.type('html').send(renderPortal(view, prefix));
  };

  const router = Router({ caseSensitive: true, strict: true });
  router.get(['/', '/-/portal'], page);
  router.get('/-/assets/:file', (request, response, next) => {
    const asset = assets.get(request.path);
    if (asset === undefined) next();
    else sendAsset(response, asset);
  });
  // A page that a browser has kept may name another version of it.
  router.get(/^\/-\/assets\/adopt\.[0-9a-f]+\.js$/, (_request, response) => {
    sendAsset(response, { type: assetType('.js'), body: adoptScript.body });
  });
  router.get('/-/icons/:file', (request, response, next) => {
    const icon = current().icons.get(request.path);
    if (icon === undefined) {
      next();
      return;
    }
    response.set('Content-Security-Policy', iconPolicy);
    sendAsset(response, icon);
  });
  return router;
}
