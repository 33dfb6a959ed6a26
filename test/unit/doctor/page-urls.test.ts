import { pageUrls, scriptUrls, titleOf } from '../../../src/doctor/page-urls';

test('what a page loads is told apart from its links, each once', () => {
  const page = `<base href="/b/"><link rel=stylesheet href=/a.css><LINK REL="canonical" HREF="/not">
    <script src='/a.js'></script><script src='/a.js'></script><a href="/x?a=1&amp;b">x</a><a href="#top">
    <form action="&#x2f;login"><img alt="a > b" src="/i.png"><video src="/v"></video>`;
  expect(pageUrls(page)).toEqual([
    { tag: 'base', url: '/b/', loads: false },
    { tag: 'link', url: '/a.css', loads: true },
    { tag: 'script', url: '/a.js', loads: true },
    { tag: 'a', url: '/x?a=1&b', loads: false },
    { tag: 'form', url: '/login', loads: true },
    { tag: 'img', url: '/i.png', loads: true },
    { tag: 'video', url: '/v', loads: true },
  ]);
});

test('what a script opens is found where it stands in letters', () => {
  const script = `const a = new WebSocket("wss://x/live"); new EventSource('/events'); new WebSocket(url); new WebSocket(\`\${b}/c\`)`;
  expect(scriptUrls(script)).toEqual([
    { kind: 'websocket', url: 'wss://x/live' },
    { kind: 'events', url: '/events' },
  ]);
});

test('a title is read, and none is none', () => {
  expect(titleOf('<head><title lang="en"> Grafana </title>')).toBe('Grafana');
  expect(titleOf('<p>')).toBe('');
});
