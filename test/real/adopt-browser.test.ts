import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Browser } from 'playwright-core';
import { WebSocketServer } from 'ws';
import { adoptScript, scriptElement } from '../../src/adopt/script';
import { openPage, startBrowser, type WatchedPage } from '../support/browser';

/** Where each request went, by the last part of its path. */
const went = new Map<string, string>();
const waiting = new Map<string, (path: string) => void>();

const lastPart = (path: string): string => /([^/?#]*)(?:[?#].*)?$/.exec(path)?.[1] ?? '';

function note({ url = '', method }: IncomingMessage): void {
  const said = method === 'GET' ? url : `${method} ${url}`;
  went.set(lastPart(url), said);
  waiting.get(lastPart(url))?.(said);
}

const requestFor = (name: string): Promise<string> => {
  const known = went.get(name);
  return known === undefined ? new Promise((resolve) => waiting.set(name, resolve)) : Promise.resolve(known);
};

const types: Readonly<Record<string, string>> = {
  js: 'text/javascript',
  css: 'text/css',
  svg: 'image/svg+xml',
  sse: 'text/event-stream',
  html: 'text/html',
  vtt: 'text/vtt',
};
const bodies: Readonly<Record<string, string>> = {
  js: '',
  svg: '<svg xmlns="http://www.w3.org/2000/svg" width="1" height="1"/>',
  sse: 'retry: 60000\n\n',
  html: 'other page',
  vtt: 'WEBVTT\n\n',
};

let head: string;
let more = '';
let policy: string | null = null;

function answer(request: IncomingMessage, response: ServerResponse): void {
  const { pathname } = new URL(request.url ?? '', 'http://tool');
  if (pathname === adoptScript.path) {
    response.writeHead(200, { 'content-type': 'text/javascript' }).end(adoptScript.body);
    return;
  }
  note(request);
  const name = lastPart(pathname);
  if (name === 'page') {
    const fields = { 'content-type': 'text/html', ...(policy && { 'content-security-policy': policy }) };
    response
      .writeHead(200, fields)
      .end(`<!doctype html><html><head>${head}${more}<title>t</title></head><body></body>`);
    return;
  }
  const extension = /\.([a-z]+)$/.exec(name)?.[1] ?? 'html';
  response.writeHead(200, { 'content-type': types[extension] ?? 'text/plain', 'cache-control': 'no-store' });
  response.end(bodies[extension] ?? '');
}

const server = createServer(answer);
const sockets = new WebSocketServer({ noServer: true });
server.on('upgrade', (request, socket, first) => {
  note(request);
  sockets.handleUpgrade(request, socket, first, (client) => {
    client.close();
  });
});

let browser: Browser;
let watched: WatchedPage;
let origin: string;

beforeAll(async () => {
  head = process.env['WITHOUT_ADOPT_SCRIPT']
    ? ''
    : scriptElement({ base: '/tool', nonce: null, hashed: false, imports: true, separateStorage: false });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  browser = await startBrowser();
  watched = await openPage(browser);
  await watched.page.goto(`${origin}/tool/deep/page`);
});
afterAll(async () => {
  await browser.close();
  server.closeAllConnections();
  server.close();
});

let count = 0;

describe('a request that a script makes for a path of its own goes under the mount', () => {
  // P is a path that the tool believes to be its own, `/r1`; `put` inserts an element into the body.
  const asks: readonly (readonly [what: string, code: string])[] = [
    ['fetch of a text', `fetch(P)`],
    ['fetch of a whole URL', `fetch(location.origin + P)`],
    ['fetch of a URL', `fetch(new URL(P, location.origin))`],
    ['fetch of an object with toString', `fetch({ toString: () => P })`],
    ['fetch of a Request', `fetch(new Request(P))`],
    ['fetch of //host', `fetch('//' + location.host + P)`],
    ['fetch with a backslash', `fetch('\\\\' + P.slice(1))`],
    ['fetch past the mount', `fetch('../..' + P)`],
    ['fetch with white space before', `fetch(' \\n' + P)`],
    ['XMLHttpRequest', `const x = new XMLHttpRequest(); x.open('GET', P); x.send()`],
    ['WebSocket from the root', `new WebSocket(P)`],
    ['WebSocket of location.host', `new WebSocket('ws://' + location.host + P)`],
    ['WebSocket of http:', `new WebSocket(location.origin + P)`],
    ['a subclass of WebSocket', `new (class extends WebSocket {})(P)`],
    ['EventSource', `const s = new EventSource(P + '.sse'); s.onopen = () => s.close()`],
    ['sendBeacon', `navigator.sendBeacon(P)`],
    ['Worker', `new Worker(P + '.js')`],
    ['SharedWorker', `new SharedWorker(P + '.js')`],
    ['a service worker', `navigator.serviceWorker.register(P + '.js', { scope: '/sub/' })`],
    ['Cache.add', `caches.open('c').then((c) => c.add(P))`],
    ['import()', `import(P + '.js')`],
    [
      'a module',
      `const s = put('script'); s.type = 'module'; s.textContent = 'import "' + P + '.js"'; document.body.append(s)`,
    ],
    ['img.src', `new Image().src = P + '.svg'`],
    ['img.srcset', `new Image().srcset = P + '.svg 1x'`],
    ['setAttribute src', `document.createElement('img').setAttribute('SRC', P + '.svg')`],
    ['script.src', `const s = document.createElement('script'); s.src = P + '.js'; document.head.append(s)`],
    [
      'link.href',
      `const l = document.createElement('link'); l.rel = 'stylesheet'; l.href = P + '.css'; document.head.append(l)`,
    ],
    ['iframe.src', `const f = document.createElement('iframe'); f.src = P + '.html'; document.body.append(f)`],
    [
      'iframe.srcdoc',
      `const f = document.createElement('iframe'); f.srcdoc = '<img src=' + P + '.svg>'; document.body.append(f)`,
    ],
    ['object.data', `const o = document.createElement('object'); o.data = P + '.svg'; document.body.append(o)`],
    ['embed.src', `const e = document.createElement('embed'); e.src = P + '.svg'; document.body.append(e)`],
    ['video.poster', `put('video').poster = P + '.svg'`],
    ['input.src', `const i = put('input'); i.type = 'image'; i.src = P + '.svg'`],
    ['source.srcset', `put('picture').innerHTML = '<source srcset="' + P + '.svg 1x, /other.svg 2x"><img>'`],
    ['new Audio', `new Audio(P + '.mp3').load()`],
    [
      'an attribute node',
      `const a = document.createAttribute('src'); a.value = P + '.svg'; put('img').setAttributeNode(a)`,
    ],
    [
      'the value of an attribute node',
      `const i = put('img'); i.setAttribute('src', ''); i.attributes[0].value = P + '.svg'`,
    ],
    ['innerHTML', `put('div').innerHTML = '<p><img alt="a > b" src="' + P + '.svg">'`],
    ['innerHTML with a style', `put('div').innerHTML = '<p style="background: url(' + P + '.svg)">x</p>'`],
    [
      'innerHTML with a style sheet',
      `put('div').innerHTML = '<style>p { background: url(' + P + '.svg) }</style><p>x'`,
    ],
    ['outerHTML', `put('div').outerHTML = '<img src=' + P + '.svg>'`],
    ['insertAdjacentHTML', `put('div').insertAdjacentHTML('beforeend', "<img src='" + P + ".svg'>")`],
    [
      'createContextualFragment',
      `put('div').append(document.createRange().createContextualFragment('<img src=' + P + '.svg>'))`,
    ],
    ['setHTMLUnsafe', `put('div').setHTMLUnsafe('<img src=' + P + '.svg>')`],
    ['a shadow root', `put('div').attachShadow({ mode: 'open' }).innerHTML = '<img src=' + P + '.svg>'`],
    [
      'a template',
      `const t = document.createElement('template'); t.innerHTML = '<img src=' + P + '.svg>'; document.body.append(t.content.cloneNode(true))`,
    ],
    ['style.background', `put('p').style.background = 'url(' + P + '.svg)'`],
    ['style.backgroundImage', `put('p').style.backgroundImage = 'url("' + P + '.svg")'`],
    ['style.cssText', `put('p').style.cssText = 'background: url(' + P + '.svg)'`],
    ['style itself', `put('p').style = 'background: url(' + P + '.svg)'`],
    ['style.setProperty', `put('p').style.setProperty('background', 'url(' + P + '.svg)')`],
    ['setAttribute style', `put('p').setAttribute('style', 'background: url(' + P + '.svg)')`],
    [
      'insertRule',
      `put('p').id = P.slice(1); put('style').sheet.insertRule('#' + P.slice(1) + ' { background: url(' + P + '.svg) }')`,
    ],
    [
      'replaceSync',
      `put('p').id = P.slice(1); const s = new CSSStyleSheet(); s.replaceSync('#' + P.slice(1) + ' { background: url(' + P + '.svg) }'); document.adoptedStyleSheets.push(s)`,
    ],
    ['the text of a style', `put('style').textContent = '@import "' + P + '.css"'`],
    ['a text in a style', `put('style').appendChild(document.createTextNode('@import url(' + P + '.css)'))`],
    ['FontFace', `new FontFace('f', 'url(' + P + '.woff)').load().catch(() => 0)`],
    [
      'SVG image',
      `const i = document.createElementNS('http://www.w3.org/2000/svg', 'image'); put('svg'); i.setAttributeNS('http://www.w3.org/1999/xlink', 'xlink:href', P + '.svg'); const s = document.createElementNS('http://www.w3.org/2000/svg', 'svg'); s.append(i); document.body.append(s)`,
    ],
    ['fetch of a frame that a script made', `put('iframe').contentWindow.fetch(P)`],
    [
      'an image of a frame that a script wrote',
      `const d = put('iframe').contentDocument; d.open(); d.write('<img src=' + P + '.svg>'); d.close()`,
    ],
    ['a window that a script opened', `const w = open(P + '.html'); setTimeout(() => w.close(), 1000)`],
  ];

  test.each(asks)(
    '%s',
    async (_what, code) => {
      const name = `r${(count += 1)}`;
      const suffix = /P \+ '(\.[a-z0-9]+)|' \+ P \+ '(\.[a-z]+)/.exec(code);
      const path = name + (suffix?.[1] ?? suffix?.[2] ?? /P \+ "(\.[a-z]+)/.exec(code)?.[1] ?? '');
      await watched.page.evaluate(
        `(() => { const P = '/${name}'; const put = (tag) => document.body.appendChild(document.createElement(tag)); ${code} })()`,
      );
      expect(await requestFor(path)).toMatch(new RegExp(`^(?:POST )?/tool/${path.replace('.', '\\.')}$`));
    },
    2000,
  );

  it('without an error in the console', () => {
    expect(watched.trouble).toEqual([]);
  });
});

describe('a page that is left for a path of the tool comes to one under the mount', () => {
  const leaves: readonly (readonly [what: string, code: string, search?: string])[] = [
    ['location =', `location = '/next.html'`],
    ['location.href =', `location.href = '/next.html'`],
    ['location.assign', `location.assign('/next.html')`],
    ['location.replace', `location.replace(location.origin + '/next.html')`],
    ['location.pathname =', `location.pathname = '/next.html'`],
    ['window.open into itself', `open('/next.html', '_self')`],
    ['navigation.navigate', `navigation.navigate('/next.html')`],
    ['a link that a script clicks', `const a = document.createElement('a'); a.href = '/next.html'; a.click()`],
    [
      'a link whose path was set',
      `const a = document.createElement('a'); a.href = location.href; a.pathname = '/next.html'; document.body.append(a); a.click()`,
    ],
    [
      'a link of a document parsed apart',
      `document.body.append(new DOMParser().parseFromString('<a href="/next.html">', 'text/html').querySelector('a')); document.querySelector('a').click()`,
    ],
    [
      'form.submit',
      `const f = document.createElement('form'); f.action = '/next.html'; document.body.append(f); f.submit()`,
      '?',
    ],
    [
      'requestSubmit of a POST form parsed apart',
      `document.body.append(new DOMParser().parseFromString('<form method=post action=/next.html>', 'text/html').querySelector('form')); document.forms[0].requestSubmit()`,
    ],
    [
      'submit of a POST form parsed apart',
      `document.body.append(new DOMParser().parseFromString('<form method=post action=/next.html>', 'text/html').querySelector('form')); document.forms[0].submit()`,
    ],
    [
      'a button with an action of its own',
      `document.body.append(new DOMParser().parseFromString('<form><button formaction=/next.html>', 'text/html').querySelector('form')); document.querySelector('button').click()`,
      '?',
    ],
  ];

  test.each(leaves)('%s', async (_what, code, search = '') => {
    const { page } = watched;
    await page.goto(`${origin}/tool/deep/page`);
    const arrived = page.waitForURL(/next\.html/, { timeout: 2000 });
    await page.evaluate(`setTimeout(() => { ${code} })`);
    await arrived;
    expect(page.url()).toBe(`${origin}/tool/next.html${search}`);
  });

  it('and goes back to where it was', async () => {
    const { page } = watched;
    await page.goto(`${origin}/tool/deep/page`);
    await page.evaluate(`setTimeout(() => { location.href = '/next.html' })`);
    await page.waitForURL(/next/);
    await page.goBack();
    expect(page.url()).toBe(`${origin}/tool/deep/page`);
  });
  it('but not for one of the gateway itself, nor of another origin', async () => {
    const { page } = watched;
    await page.goto(`${origin}/tool/deep/page`);
    await page.evaluate(`setTimeout(() => { location.href = '/-/portal.html' })`);
    await page.waitForURL(/portal/);
    expect(page.url()).toBe(`${origin}/-/portal.html`);
    await page.goto(`${origin}/tool/deep/page`);
    const elsewhere = origin.replace('127.0.0.1', 'localhost');
    await page.evaluate(`setTimeout(() => { location.href = '${elsewhere}/far.html' })`);
    await page.waitForURL(/far/).catch(() => null);
    expect(await page.evaluate('location.origin')).not.toBe(origin);
  });
});

describe('the page', () => {
  const found = async (code: string): Promise<unknown> => watched.page.evaluate(code);
  beforeAll(async () => {
    await watched.page.goto(`${origin}/tool/deep/page`);
  });

  test.each<readonly [what: string, code: string, value: unknown]>([
    [
      'history',
      `history.pushState(null, '', '/a/b?c#d'); [location.pathname, history.replaceState(null, '', '/tool/deep/page')][0]`,
      '/tool/a/b',
    ],
    ['cookies', `document.cookie = 'own=1; path=/'; document.cookie.includes('own=1')`, true],
    ['cookies of other paths', `document.cookie = 'own=2; Path=/other'; document.cookie`, 'own=1'],
    ['no element of the script', `document.scripts.length`, 0],
    ['the native text of fetch', `Function.prototype.toString.call(fetch)`, 'function () { [native code] }'],
    [
      'names and lengths',
      `[fetch.name, WebSocket.name, WebSocket.length, history.pushState.length].join()`,
      'fetch,WebSocket,1,2',
    ],
    ['constants', `WebSocket.OPEN + EventSource.CLOSED`, 3],
    ['constructor', `[WebSocket, Request, Worker, EventSource].every((c) => c.prototype.constructor === c)`, true],
    [
      'instanceof',
      `[new Request('/x') instanceof Request, new Image() instanceof HTMLImageElement, new Audio() instanceof Audio].join()`,
      'true,true,true',
    ],
    [
      'subclasses',
      `class X extends Request {}; const x = new X('/x'); [x instanceof X, x.constructor === X, x.url.endsWith('/tool/x')].join()`,
      'true,true,true',
    ],
    [
      'Reflect.construct',
      `class Y {}; Object.getPrototypeOf(Reflect.construct(Request, ['/x'], Y)) === Y.prototype`,
      true,
    ],
    [
      'descriptors',
      `Object.keys(Object.getOwnPropertyDescriptor(Element.prototype, 'innerHTML')).sort().join()`,
      'configurable,enumerable,get,set',
    ],
    ['native errors', `try { new WebSocket('http://') } catch (e) { e.name }`, 'SyntaxError'],
    [
      'native errors of too few arguments',
      `try { new WebSocket() } catch (e) { e.constructor === TypeError && e.message.includes('1 argument required') }`,
      true,
    ],
    ['other origins', `new Request('https://else.example/x').url`, 'https://else.example/x'],
    [
      'what is under the mount',
      `[new Request('/tool/x').url === location.origin + '/tool/x', new Request('y').url === location.origin + '/tool/deep/y'].join()`,
      'true,true',
    ],
    [
      'blob:, data:, javascript:',
      `const a = document.createElement('a'); ['blob:x', 'data:,/x', 'javascript:/x/', '#/x', '?/x'].map((u) => (a.setAttribute('href', u), a.getAttribute('href'))).join(' ')`,
      'blob:x data:,/x javascript:/x/ #/x ?/x',
    ],
    [
      'texts of other attributes',
      `const d = document.createElement('div'); d.title = d.dataset.src = '/x'; d.setAttribute('alt', '/x'); d.outerHTML`,
      '<div data-src="/x" title="/x" alt="/x"></div>',
    ],
    [
      'markup parts as they are',
      `const e = document.createElement('div'); e.innerHTML = '<p title="/x">a = "/b" <img alt=/y src=/z>'; e.innerHTML`,
      '<p title="/x">a = "/b" <img alt="/y" src="/tool/z"></p>',
    ],
    [
      'a style that has no URL',
      `const s = document.createElement('p').style; s.background = 'red'; s.backgroundImage = null; s.listStyle = 'none'; s.backgroundColor + s.cssText.length`,
      (value: unknown) => /^red\d+$/.test(String(value)),
    ],
  ])('%s', async (_what, code, value) => {
    const it = await found(`eval(${JSON.stringify(code)})`);
    if (typeof value === 'function') expect((value as (it: unknown) => boolean)(it)).toBe(true);
    else expect(it).toEqual(value);
  });

  it('runs the script once, and not outside the mount', async () => {
    await watched.page.goto(`${origin}/elsewhere/page`);
    expect(await found(`new Request('/x').url`)).toBe(`${origin}/x`);
    more = head;
    await watched.page.goto(`${origin}/tool/page`);
    more = '';
    expect(await found(`new Request('/x').url`)).toBe(`${origin}/tool/x`);
  });

  it('works under a strict policy, with trusted types', async () => {
    const plain = head;
    head = scriptElement({ base: '/tool', nonce: 'n0nce', hashed: false, imports: true, separateStorage: false });
    policy =
      "default-src 'self'; script-src 'nonce-n0nce' 'strict-dynamic'; require-trusted-types-for 'script'; trusted-types own kpow-gateway";
    more = `<script nonce="n0nce">
      const own = trustedTypes.createPolicy('own', { createHTML: (t) => t, createScriptURL: (t) => t });
      addEventListener('DOMContentLoaded', () => {
        document.body.innerHTML = own.createHTML('<img src=/trusted.svg>');
        const s = document.createElement('script');
        s.src = own.createScriptURL('/trusted.js');
        document.body.append(s);
        import('/trusted-module.js');
      });</script>`;
    const strict = await openPage(browser);
    await strict.page.goto(`${origin}/tool/page`);
    const all = Promise.all(['trusted.svg', 'trusted.js', 'trusted-module.js'].map(requestFor));
    expect(await all).toEqual(['/tool/trusted.svg', '/tool/trusted.js', '/tool/trusted-module.js']);
    expect(strict.trouble).toEqual([]);
    await strict.close();
    [head, policy, more] = [plain, null, ''];
  });

  it('shows React Router the tool’s own paths, and nobody else', async () => {
    const page = await openPage(browser);
    await page.page.goto(`${origin}/tool/deep/page?a#b`);
    const seen = (): Promise<unknown> =>
      page.page.evaluate(`(() => {
        const { location: l, history: h, navigator: n } = document.defaultView;
        return [document.defaultView === window, l.pathname, l.href, l.search, l.hash, h === history, n === navigator];
      })()`);
    const at = `${origin}/tool/deep/page?a#b`;
    expect(await seen()).toEqual([true, '/tool/deep/page', at, '?a', '#b', true, true]);
    // As it marks the window, before it looks where it is.
    await page.page.evaluate(`window.__reactRouterVersion = '7.9.0'`);
    expect(await seen()).toEqual([false, '/deep/page', at.replace('/tool', ''), '?a', '#b', true, true]);
    await page.page.evaluate(`document.defaultView.history.pushState(null, '', '/brokers?x')`);
    expect(await page.page.evaluate('location.href')).toBe(`${origin}/tool/brokers?x`);
    expect((await seen()) as unknown[]).toContain('/brokers');
    const asked = requestFor('assigned');
    await page.page.evaluate(`document.defaultView.location.assign('/a/assigned')`);
    expect(await asked).toBe('/tool/a/assigned');
    expect(page.trouble).toEqual([]);
    await page.close();
  });

  it('has a storage of its own where that is wanted', async () => {
    const plain = head;
    await watched.page.goto(`${origin}/tool/page`);
    await found(`localStorage.setItem('shared', 'of all')`);
    head = scriptElement({ base: '/tool', nonce: null, hashed: false, imports: true, separateStorage: true });
    await watched.page.goto(`${origin}/tool/page`);
    head = plain;
    const seen = await found(`(() => {
      const s = localStorage;
      const before = [s.length, s.getItem('shared'), s.shared, 'shared' in s, Object.keys(s).join()];
      s.setItem('a', 1); s.b = 2; s['c'] = 3; delete s.c;
      const filled = [s.length, s.getItem('a'), s.a, s.b, 'b' in s, s.c, Object.keys(s).sort().join(), JSON.stringify(s)];
      const same = [s === localStorage, s instanceof Storage, [s.key(0), s.key(1)].sort().join(), s.key(9)];
      return [before, filled, same];
    })()`);
    expect(seen).toEqual([
      [0, null, undefined, false, ''],
      [2, '1', '1', '2', true, undefined, 'a,b', expect.stringContaining('"a":"1"')],
      [true, true, 'a,b', null],
    ]);
    await found('localStorage.clear()');
    await watched.page.goto(`${origin}/tool/page`);
    expect(await found(`JSON.stringify(localStorage)`)).toBe('{"shared":"of all"}');
  });
});
