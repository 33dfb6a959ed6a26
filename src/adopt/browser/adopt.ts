import { wrapElements } from './elements';
import { insertImportMap } from './import-map';
import { prototypeOf, watchGetter } from './natives';
import { wrapNavigation } from './navigation';
import { wrapRequests } from './requests';
import { showRouterItsPaths } from './router';
import { scopeOf } from './scope';
import { separateStorage } from './storage';
import { wrapStyles } from './styles';
import { isUnder } from './url';

type AnyWindow = Window & typeof globalThis;

/** In the window itself, since a frame's window is reached from more than one of its own kind. */
const mark = Symbol.for('kpow-gateway.adopt');

function install(window: AnyWindow, mount: string, origin: string, separate: boolean): void {
  if (mark in window) return;
  Object.defineProperty(window, mark, { value: true });
  const scope = scopeOf(window, mount, origin);
  wrapNavigation(scope);
  wrapRequests(scope);
  wrapElements(scope);
  wrapStyles(scope);
  showRouterItsPaths(scope);
  if (separate) separateStorage(scope);

  // A frame with a page of the tool has the script from the gateway; one that a script fills has not.
  const inFrame = (frame: unknown): void => {
    const inner = frame as AnyWindow | null;
    if (inner?.location.protocol === 'about:') install(inner, mount, origin, separate);
  };
  for (const name of ['HTMLIFrameElement', 'HTMLFrameElement']) {
    watchGetter(prototypeOf(window, name), 'contentWindow', inFrame);
    watchGetter(prototypeOf(window, name), 'contentDocument', (inner) => {
      inFrame((inner as Document | null)?.defaultView);
    });
  }
}

const script = document.currentScript;
if (script instanceof HTMLScriptElement) {
  const { mount, imports, storage } = script.dataset;
  if (mount !== undefined && !(mark in window) && isUnder(location.pathname, mount)) {
    install(window, mount, location.origin, storage === 'separate');
    try {
      if (imports !== 'no') insertImportMap(script, mount);
    } catch (refused) {
      console.warn(`kpow-gateway: modules that are named from the root stay outside ${mount}`, refused);
    }
  }
  script.remove();
}
