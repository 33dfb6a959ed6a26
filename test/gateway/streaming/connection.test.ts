import type { ServerResponse } from 'node:http';
import { startGateway, type TestGateway } from '../../support/gateway';
import { exchangeRaw, RawClient } from '../../support/raw-client';
import { httpUpstream, type Upstream } from '../../support/upstreams';

let tool: Upstream;
let gateway: TestGateway;
let answer: (url: string, res: ServerResponse) => void;

beforeAll(async () => {
  tool = await httpUpstream((req, res) => {
    req.resume().on('end', () => answer(req.url ?? '', res));
  });
  gateway = await startGateway({ mounts: [{ name: 'Tool', path: '/tool', target: tool.url }] });
});
afterAll(async () => {
  await gateway.stop();
  await tool.close();
});

const get = (path: string, ...fields: string[]) =>
  `${[`GET /tool${path} HTTP/1.1`, 'Host: tools.example', ...fields].join('\r\n')}\r\n\r\n`;

describe('pipelined requests', () => {
  test('are answered in their order, and reach the tool one at a time', async () => {
    let under = 0;
    const most: number[] = [];
    answer = (url, res) => {
      most.push(++under);
      setImmediate(() => {
        under--;
        res.end(`answer to ${url}`);
      });
    };
    const answers = await exchangeRaw(gateway.httpsPort, get('/1') + get('/2') + get('/3', 'Connection: close'));
    expect(answers.match(/answer to \/\d/g)).toEqual(['answer to /1', 'answer to /2', 'answer to /3']);
    expect(most).toEqual([1, 1, 1]);
  });

  test('with bodies keep them apart', async () => {
    answer = (url, res) => res.end(`answer to ${url}`);
    const post = 'POST /tool/1 HTTP/1.1\r\nHost: tools.example\r\nContent-Length: 5\r\n\r\nhello';
    const chunked = `${post.replace('/1', '/2').replace('Content-Length: 5', 'Transfer-Encoding: chunked').slice(0, -5)}5\r\nhello\r\n0\r\n\r\n`;
    const answers = await exchangeRaw(gateway.httpsPort, post + chunked + get('/3', 'Connection: close'));
    expect(answers.match(/answer to \/\d/g)).toEqual(['answer to /1', 'answer to /2', 'answer to /3']);
  });

  test('are answered in their order, where one of them fails', async () => {
    answer = (url, res) => res.end(`answer to ${url}`);
    const nowhere = 'GET /nowhere HTTP/1.1\r\nHost: tools.example\r\nConnection: close\r\n\r\n';
    const answers = await exchangeRaw(gateway.httpsPort, get('/1') + nowhere);
    expect(answers).toMatch(/^HTTP\/1\.1 200 [^]*answer to \/1[^]*HTTP\/1\.1 404 /);
  });
});

describe('103 Early Hints', () => {
  const links = ['</a.css>; rel=preload; as=style', '</b.js>; rel=preload; as=script'];

  test('arrive before the answer is begun', async () => {
    let finish: () => void = () => undefined;
    answer = (_url, res) => {
      finish = () => res.end('ok');
      res.writeEarlyHints({ link: links });
    };
    const client = await RawClient.connect(gateway.httpsPort);
    const hints = await client.write(get('/', 'Connection: close')).until('\r\n\r\n');
    expect(hints).toMatch(/^HTTP\/1\.1 103 Early Hints\r\n/);
    for (const link of links) expect(hints).toContain(link);
    finish();
    expect(await client.end()).toMatch(/\r\n\r\nHTTP\/1\.1 200 OK\r\n[^]*\r\n\r\nok$/);
  });

  test('do not reach an HTTP/1.0 client, which would take them for the answer', async () => {
    answer = (_url, res) => {
      res.writeEarlyHints({ link: links });
      res.end('ok');
    };
    const whole = await exchangeRaw(gateway.httpsPort, 'GET /tool/ HTTP/1.0\r\nHost: tools.example\r\n\r\n');
    expect(whole).toMatch(/^HTTP\/1\.1 200 OK\r\n/);
  });
});
