import type { Socket } from 'node:net';
import { requestText, useScenes, until, type Scene, type SceneOptions } from './support/scene';
import { startTool, type Script, type Tool } from './support/tool';
import type { RawClient } from '../support/raw-client';

const scenes = useScenes();

const say = (socket: Socket, status: string, fields: readonly string[], body = '') =>
  socket.write([`HTTP/1.1 ${status}`, ...fields, `Content-Length: ${body.length}`, '', body].join('\r\n'));

/**
 * Signs connections in as IIS does: NTLM in three messages, Negotiate in one; `type3-anna` is Anna's last message. Whoever
 * asks on a connection that is signed in gets the page of whom it was signed in by.
 */
function signingIn(name = 'tool'): Script {
  const people = new WeakMap<Socket, string>();
  return (socket, { head }) => {
    const [, scheme = '', token = ''] = /^authorization:(?:.*,)?\s*(ntlm|negotiate)\s+(\S+)/im.exec(head) ?? [];
    if (token === 'type1') {
      say(socket, '401 Unauthorized', [`WWW-Authenticate: ${scheme} type2`]);
      return;
    }
    if (token !== '') people.set(socket, token.replace('type3-', ''));
    const person = people.get(socket);
    if (person === undefined) {
      say(socket, '401 Unauthorized', ['WWW-Authenticate: Basic realm="a, b"', 'WWW-Authenticate: Negotiate, NTLM']);
      return;
    }
    const done = /negotiate/i.test(scheme) ? ['WWW-Authenticate: Negotiate oRQwEqADCgEA'] : [];
    say(socket, '200 OK', done, `${name}: page of ${person}`);
  };
}

/** Asks on a client's connection, which goes on. Returns status and body. */
function ask(client: RawClient, fields: readonly string[] = [], target = '/tool/'): Promise<string> {
  return send(client, requestText(target, { fields }));
}

async function send(client: RawClient, request: string): Promise<string> {
  const before = client.text.length;
  client.write(request);
  const answer = () =>
    /HTTP\/1\.1 (\d+)[^]*?content-length: (\d+)\r\n[^]*?\r\n\r\n([^]*)/i.exec(client.text.slice(before));
  await until(() => client.closed || answer()?.[3]?.length === Number(answer()?.[2]));
  const [, status = '', , body = ''] = answer() ?? [];
  return `${status} ${body}`.trim();
}

async function ntlm(client: RawClient, person: string, scheme = 'NTLM', field = 'Authorization'): Promise<string> {
  await ask(client, [`${field}: ${scheme} type1`]);
  return ask(client, [`${field}: ${scheme} type3-${person}`]);
}

const before = (options?: SceneOptions): Promise<Scene & { tool: Tool }> => scenes.with(signingIn(), options);

test.each([
  ['NTLM', 'Authorization'],
  ['ntlm ', 'AUTHORIZATION'],
  ['Negotiate', 'authorization'],
])('who signs in by %j in %s gets a connection that nobody else is given', async (scheme, field) => {
  const scene = await before();
  const [anna, eve, bert] = [await scene.client(), await scene.client(), await scene.client(false)];
  expect(await ask(anna)).toBe('401');
  expect(await ntlm(anna, 'anna', scheme, field)).toBe('200 tool: page of anna');
  expect(await ask(eve)).toBe('401');
  expect(await ask(eve)).toBe('401');
  // Hers stays signed in, whoever asked in between.
  expect(await ask(anna)).toBe('200 tool: page of anna');
  expect(await ntlm(bert, 'bert', scheme, field)).toBe('200 tool: page of bert');
  expect(await ask(anna)).toBe('200 tool: page of anna');
  expect(await ask(bert)).toBe('200 tool: page of bert');
});

test('Negotiate in one message, behind another Authorization of the same request', async () => {
  const scene = await before();
  const [anna, eve] = [await scene.client(), await scene.client()];
  expect(await ask(anna, ['Authorization: Basic YTpi', 'Authorization: Negotiate anna'])).toBe(
    '200 tool: page of anna',
  );
  expect(await ask(eve)).toBe('401');
  expect(await ask(anna)).toBe('200 tool: page of anna');
});

test.each([
  ['a method of WebDAV', 'PROPFIND /tool/ HTTP/1.1\r\nHost: a\r\n\r\n'],
  ['a request with odd blanks', 'GET  /tool/ HTTP/1.1\r\nHost:a\r\n\r\n'],
])('who is signed in stays so over %s', async (_, request) => {
  const scene = await before();
  const [anna, eve] = [await scene.client(), await scene.client()];
  await ask(anna);
  await ntlm(anna, 'anna');
  expect(await send(anna, request)).toBe('200 tool: page of anna');
  expect(await ask(eve)).toBe('401');
  expect(await ask(anna)).toBe('200 tool: page of anna');
});

test('whoever signs in holds one connection to the tool, and not the one on which the login was asked for too', async () => {
  const scene = await before();
  const anna = await scene.client();
  await ask(anna);
  await ntlm(anna, 'anna');
  await until(() => scene.tool.requests[0]!.socket.destroyed);
  expect(await ask(anna)).toBe('200 tool: page of anna');
});

test('credentials of several schemes that somebody has joined in one field', async () => {
  const scene = await before();
  const [anna, eve] = [await scene.client(), await scene.client()];
  await ask(anna, ['Authorization: Basic YTpi, NTLM anna']);
  expect(await ask(eve)).toBe('401');
});

test('the connection to the tool ends with that of the client, and no sooner', async () => {
  const scene = await before();
  const anna = await scene.client();
  await ntlm(anna, 'anna');
  const signedIn = scene.tool.requests.at(-1)!.socket;
  const eve = await scene.client();
  await ask(eve);
  expect(signedIn.destroyed).toBe(false);
  anna.destroy();
  await until(() => signedIn.destroyed);
});

test('a request that is under way when the client leaves takes its connection with it', async () => {
  const scene = await scenes.with((socket, { index }) => {
    if (index === 0) say(socket, '200 OK', [], 'in');
  });
  const anna = await scene.client();
  await ask(anna, ['Authorization: Negotiate anna']);
  anna.write(requestText('/tool/slow'));
  const { socket } = await scene.tool.request(1);
  anna.destroy();
  await until(() => socket.destroyed);
});

test.each(['WWW-Authenticate: Basic realm="x",  ntlm', 'www-authenticate: NEGOTIATE abc==', 'Persistent-Auth: true'])(
  'an answer with %j is enough',
  async (field) => {
    const scene = await scenes.with((socket) => say(socket, '200 OK', [field]));
    const [anna, eve] = [await scene.client(), await scene.client()];
    await ask(anna);
    await ask(eve);
    await ask(anna);
    const [annas, eves, last] = scene.tool.requests.map(({ socket }) => socket);
    expect(annas === eves || eves === last).toBe(false);
  },
);

test.each([
  ['Authorization: Basic bnRsbQ==', 'WWW-Authenticate: Basic realm="ntlm"'],
  ['Authorization: Bearer negotiate', 'WWW-Authenticate: Negotiated x'],
  ['X-Authorization: NTLM x', 'Persistent-Auth: false'],
])('with %j and %j one connection serves all', async (asked, said) => {
  const scene = await scenes.with((socket) => say(socket, '200 OK', [said]));
  for (let i = 0; i < 3; i++) {
    const client = await scene.client();
    await ask(client, [asked]);
    client.destroy();
  }
  expect(scene.tool.connections).toBe(1);
});

test('of several targets, requests stay at the one where they are signed in', async () => {
  const tools = await Promise.all(['one', 'two'].map((name) => startTool(signingIn(name))));
  for (const tool of tools) scenes.after(() => tool.close());
  const target = tools.map(({ url }) => url);
  const scene = await scenes.before('', { mount: { target, balance: 'least-connections' } });
  const [anna, eve] = [await scene.client(), await scene.client()];
  const page = await ask(anna, ['Authorization: Negotiate anna']);
  for (let i = 0; i < 4; i++) {
    expect(await ask(eve)).toBe('401');
    expect(await ask(anna)).toBe(page);
  }
});
