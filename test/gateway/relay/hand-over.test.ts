import { startGateway, type TestGateway } from '../../support/gateway';
import { parseMetrics } from '../../support/metrics';
import { RawClient } from '../../support/raw-client';
import { recordingUpstream, type RecordingUpstream } from '../../support/upstreams';

let gateway: TestGateway;
let tool: RecordingUpstream;
beforeEach(async () => {
  tool = await recordingUpstream((req, res) => {
    res.end(`answer to ${req.url}.`);
  });
  gateway = await startGateway({ listen: { http: { mode: 'serve' } }, mounts: [{ path: '/tool', target: tool.url }] });
});
afterEach(async () => {
  await gateway.stop();
  await tool.close();
});

/** As the relay takes it. */
const relayed = (target: string) => `GET ${target} HTTP/1.1\r\nHost: tools.example\r\n\r\n`;
/** As only Node's parser takes it. */
const odd = (target: string, body: string) =>
  `POST ${target} HTTP/1.1\r\nHost:tools.example\r\nContent-Length: ${body.length}\r\n\r\n${body}`;

/** A linear congruential generator (Numerical Recipes). @returns a function of a limit that the numbers stay below */
function randomNumbers(seed: number): (limit: number) => number {
  let state = (seed * 2_654_435_761) >>> 0;
  return (limit) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * limit);
  };
}

const waysOf = () =>
  gateway.lines.flatMap(({ way, path }) => (typeof way === 'string' ? [`${String(path)} by ${way}`] : []));

describe.each([
  ['HTTP', false],
  ['HTTPS', true],
])('over %s, a connection that the relay has served', (_, tls) => {
  const connect = () => RawClient.connect(tls ? gateway.httpsPort : gateway.httpPort, tls);

  test('goes on by Node’s parser from the first request that the relay does not take', async () => {
    const client = await connect();
    await client.write(relayed('/tool/1')).until('answer to /1');
    await client.write(odd('/tool/2', 'body')).until('answer to /2');
    await client.write(relayed('/-/up')).until('up\n');
    await client.write(relayed('/tool/3')).until('answer to /3');
    expect(waysOf()).toEqual(['/tool/1 by relay', '/tool/2 by app', '/-/up by app', '/tool/3 by app']);
    expect(tool.requests[1]?.body.toString()).toBe('body');
    client.destroy();
  });

  test('does so with all that waits behind requests under way, in order and whole, however it comes in', async () => {
    const ask = async (seed: number) => {
      const random = randomNumbers(seed);
      const count = 2 + random(7);
      const oddOne = random(count);
      const asked = Array.from({ length: count }, (_, index) => {
        const body = 'q'.repeat(random(random(3) === 0 ? 100_000 : 300));
        const text = odd(`/tool/${seed}/${index}`, body);
        return {
          text: index === oddOne ? text : text.replace('Host:', 'Host: '),
          answer: `answer to /${seed}/${index}.`,
        };
      });
      const client = await connect();
      const text = await client
        .write(asked.map(({ text }) => text).join(''))
        .until(new RegExp(`${asked[count - 1]?.answer}|HTTP/1.1 400`));
      expect(text.match(/answer to [^.]*\./g)).toEqual(asked.map(({ answer }) => answer));
      client.destroy();
    };
    let seed = 0;
    const askMore = async () => {
      while (seed < 150) await ask(seed++);
    };
    await Promise.all(Array.from({ length: 30 }, askMore));
  });
});

test('requests behind an answer that is the last one are neither sent nor counted', async () => {
  const client = await RawClient.connect(gateway.httpPort, false);
  client.write(odd('/tool/../../up', '') + odd('/tool/2', '') + odd('/tool/3', ''));
  expect((await client.end()).match(/HTTP\/1.1 \d+/g)).toEqual(['HTTP/1.1 400']);
  const asking = await RawClient.connect(gateway.httpPort, false);
  const metrics = await asking.write(relayed('/-/metrics')).until(/kpow_gateway_requests_in_flight \d+\n/);
  expect(parseMetrics(metrics).get('kpow_gateway_requests_in_flight')).toBe(1);
  expect(tool.requests).toEqual([]);
  asking.destroy();
});
