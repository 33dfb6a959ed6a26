import { messageOf, type Message } from '../../../src/notify/message';
import { payload } from '../../../src/notify/payload';
import { placeholders, renderTemplate, templateProblem } from '../../../src/notify/template';
import { statusOf, type Kind } from './status';

const sender = { gateway: 'gw-1', link: 'https://tools.example.com/' };
const began = new Date('2026-10-01T14:03:00Z');
const now = new Date('2026-10-01T14:03:32Z');
const json = 'application/json';

function message(kind: Kind = 'kpowError', event: Message['event'] = 'trouble', name = 'kPow'): Message {
  const since = event === 'recovery' ? now : began;
  return messageOf({ name, path: '/kpow' }, { status: statusOf(kind, since), since: began }, event, now);
}
const slack = (first: Message, ...others: Message[]) => {
  const body: unknown = JSON.parse(
    payload({ format: 'slack', template: null, contentType: json }, [first, ...others], sender),
  );
  expect(Object.keys(body as object)).toEqual(['text']);
  return (body as { text: string }).text;
};

describe('for Slack', () => {
  it('kPow’s ERROR state is told with what has happened, since when, and what to do', () => {
    const lines = slack(message()).split('\n');
    expect(lines[0]).toBe('🔴 *kPow: ERROR state*, since 1 Oct, 14:03 UTC (32 s)');
    expect(lines[1]).toMatch(/^kPow’s internal Kafka Streams have stopped and kPow is in its ERROR state\./);
    expect(lines[2]).toMatch(/^• Restart kPow:/);
    expect(lines.at(-1)).toBe('Gateway gw-1 · https://tools.example.com/');
  });

  it('its end is told with how long it lasted', () => {
    expect(slack(message('healthy', 'recovery'))).toBe(
      '🟢 *kPow is well again after 32 s*, since 1 Oct, 14:03 UTC\n\nGateway gw-1 · https://tools.example.com/',
    );
  });

  it('a reminder says that it is one', () => {
    expect(slack(message('refused', 'reminder', 'Prometheus'))).toContain('*Prometheus: No answer (reminder)*');
  });

  it('many are short: each with what has happened, none with advice', () => {
    const many = ['a', 'b', 'c', 'd'].map((name) => message('refused', 'trouble', name));
    const text = slack(many[0]!, ...many.slice(1));
    expect(text.match(/refuses the connection/g)).toHaveLength(4);
    expect(text).not.toContain('•');
  });

  it('a name cannot call the whole channel', () => {
    expect(slack(message('refused', 'trouble', '<!channel> & co'))).toContain('*&lt;!channel&gt; &amp; co: No answer*');
  });
});

it('as JSON, everything is told', () => {
  const webhook = { format: 'json', template: null, contentType: json } as const;
  expect(JSON.parse(payload(webhook, [message(), message('healthy', 'recovery')], sender))).toEqual({
    gateway: 'gw-1',
    link: 'https://tools.example.com/',
    events: [
      {
        event: 'trouble',
        test: false,
        name: 'kPow',
        path: '/kpow',
        state: 'unhealthy',
        reason: 'kpow-error-state',
        summary: 'kPow: ERROR state',
        detail: expect.stringContaining('ERROR state'),
        advice: expect.arrayContaining([expect.stringContaining('Restart kPow')]),
        since: '2026-10-01T14:03:00.000Z',
        until: null,
        lastedSeconds: 32,
      },
      expect.objectContaining({
        event: 'recovery',
        state: 'healthy',
        reason: null,
        since: '2026-10-01T14:03:00.000Z',
        until: '2026-10-01T14:03:32.000Z',
      }),
    ],
  });
});

describe('a template', () => {
  const nasty = () => message('refused', 'trouble', 'a "b" \\ \n{{path}} \ud800');

  it('has every placeholder filled in', () => {
    const template = JSON.stringify(Object.fromEntries(placeholders.map((name) => [name, `{{ ${name} }}`])));
    expect(JSON.parse(renderTemplate(template, json, message(), sender))).toEqual({
      name: 'kPow',
      path: '/kpow',
      state: 'unhealthy',
      reason: 'kpow-error-state',
      event: 'trouble',
      action: 'trigger',
      summary: 'kPow: ERROR state',
      detail: expect.stringContaining('ERROR state'),
      advice: expect.stringMatching(/^Restart kPow: .*restart policy: kPow then ends, and is started again\.$/),
      text: expect.stringContaining('• Restart kPow'),
      since: '2026-10-01T14:03:00.000Z',
      until: '0001-01-01T00:00:00.000Z',
      lasted: '32 s',
      gateway: 'gw-1',
      link: 'https://tools.example.com/',
    });
  });

  it('resolves what it has triggered', () => {
    const body = renderTemplate('{{action}} {{until}}', 'text/plain', message('healthy', 'recovery'), sender);
    expect(body).toBe('resolve 2026-10-01T14:03:32.000Z');
  });

  it('of JSON keeps its structure, whatever a value holds', () => {
    const body = renderTemplate('{"a": "{{name}}"}', 'application/vnd.x+json; charset=utf-8', nasty(), sender);
    expect(JSON.parse(body)).toEqual({ a: 'a "b" \\ \n{{path}} \ufffd' });
  });

  it('of a form too', () => {
    const body = renderTemplate('a={{name}}&b=1', 'application/x-www-form-urlencoded', nasty(), sender);
    expect([...new URLSearchParams(body)]).toEqual([
      ['a', 'a "b" \\ \n{{path}} \ufffd'],
      ['b', '1'],
    ]);
  });

  it('of text has values as they are', () => {
    expect(renderTemplate('{{name}}', 'text/plain', nasty(), sender)).toBe('a "b" \\ \n{{path}} \ufffd');
  });
});

describe('a template is refused', () => {
  test.each<readonly [string, string, string, RegExp]>([
    [
      'an unknown placeholder',
      '{"a": "{{nam}}"}',
      json,
      /^there is no placeholder \{\{nam\}\}; there are \{\{name\}\}, /,
    ],
    ['one of Object.prototype', '{"a": "{{constructor}}"}', json, /^there is no placeholder \{\{constructor\}\}/],
    ['no placeholder', '{"a": "b"}', json, /^has no placeholder/],
    ['broken JSON', '{"a": "{{name}}",}', json, /^is not JSON once its placeholders are filled in/],
    ...placeholders.map(
      (name) => [`{{${name}}} without quotes`, `{"a": {{${name}}}}`, json, /^is not JSON once/] as const,
    ),
  ])('for %s', (_, template, contentType, problem) => {
    expect(templateProblem(template, contentType)).toMatch(problem);
  });

  test('and otherwise not', () => {
    expect(templateProblem('{"a": {"b": "{{name}}"}}', json)).toBeNull();
    expect(templateProblem('{{name}}', 'text/plain')).toBeNull();
  });
});
