import { readAnswer } from './support/answer';
import { brokenOnce, echoPath } from './support/tool';
import { lineOf, requestText, useScenes } from './support/scene';

const scenes = useScenes();
const poison = 'HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nPOISON';

describe('a tool that sends more than it said', () => {
  test.each([
    ['a few bytes', 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok and more'],
    ['a whole second answer', `HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok${poison}`],
    [
      'a second answer behind the last chunk',
      `HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n${poison}`,
    ],
  ])('%s: its client gets what was said, the next one an answer of its own', async (_, bytes) => {
    const scene = await scenes.with(brokenOnce(bytes));
    expect(await scene.ask()).toMatchObject({ status: 200, body: 'ok', complete: true });
    expect((await scene.ask('/tool/next')).body).toBe('/next');
    expect(scene.tool.connections).toBe(2);
  });

  test.each([
    ['HEAD', `HTTP/1.1 200 OK\r\nContent-Length: ${poison.length}\r\n\r\n${poison}`],
    ['GET', `HTTP/1.1 204 No Content\r\n\r\n${poison}`],
    ['GET', `HTTP/1.1 304 Not Modified\r\nContent-Length: ${poison.length}\r\n\r\n${poison}`],
  ])('a body in answer to %s that has none goes nowhere', async (method, bytes) => {
    const scene = await scenes.with(brokenOnce(bytes));
    const answer = await scene.ask('/tool/', { method });
    expect(answer.raw).not.toContain('POISON');
    expect((await scene.ask('/tool/next')).body).toBe('/next');
  });

  test('bytes that come when nobody has asked are nobody’s answer', async () => {
    const scene = await scenes.with(echoPath);
    await scene.ask('/tool/first');
    const { socket } = await scene.tool.request(0);
    await new Promise((resolve) => socket.write(poison, resolve));
    expect((await scene.ask('/tool/next')).body).toBe('/next');
    expect((await scene.ask('/tool/last')).body).toBe('/last');
  });
});

test('a tool that sends less than it said and goes silent keeps its own client waiting, and no other', async () => {
  const scene = await scenes.with(brokenOnce('HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf'));
  const client = await scene.client();
  client.write(requestText('/tool/'));
  await client.until('half');
  expect((await scene.ask('/tool/next')).body).toBe('/next');
  expect(client.closed).toBe(false);
});

test('a tool that sends less than it said and closes gives its client an answer that breaks off', async () => {
  const scene = await scenes.with(
    brokenOnce('HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf', (socket) => socket.end()),
  );
  const client = await scene.client();
  const answer = readAnswer(await client.write(requestText('/tool/')).end());
  expect(answer).toMatchObject({ status: 200, body: 'half', complete: false });
  expect(await lineOf(scene, answer)).toMatchObject({ code: 'UPSTREAM_CLOSED' });
});
