import { once } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';
import WebSocket from 'ws';
import type { HealthReport } from '../../src/app/endpoints';
import { freePorts } from '../support/free-ports';
import { exchangeRaw } from '../support/raw-client';
import { field, readAnswer } from '../real/read-answer';
import { buildTimeout, describeCompose, isHealthy, Project, run } from './engine';

describeCompose('docker-compose.demo.yml', () => {
  let https: number;
  let http: number;
  let project: Project;
  const ask = async (request: string) => readAnswer(await exchangeRaw(https, request));
  const get = (target: string) =>
    ask(`GET ${target} HTTP/1.1\r\nHost: localhost:${https}\r\nConnection: close\r\n\r\n`);

  beforeAll(async () => {
    [https = 0, http = 0] = await freePorts(2);
    project = new Project('docker-compose.demo.yml', { HTTPS_PORT: String(https), HTTP_PORT: String(http) });
    await project.up();
    // The engine's proxy accepts connections before the gateway does.
    while ((await get('/-/up').catch(() => null))?.status !== 200) await pause(100);
  }, buildTimeout);
  afterAll(() => project.down(), 60_000);

  test('every service is healthy, and so is every mount', async () => {
    const services = await project.containers();
    expect([...services.keys()].sort()).toEqual(['gateway', 'kpow', 'schemas', 'tail']);
    for (const [service, name] of services) expect([service, await isHealthy(name)]).toEqual([service, true]);
    const report = async () => JSON.parse((await get('/-/healthy')).body) as HealthReport;
    let mounts: HealthReport['mounts'];
    do ({ mounts } = await report());
    while (mounts.some(({ state }) => state === 'unknown'));
    expect(mounts.map(({ name, state }) => [name, state])).toEqual([
      ['kPow (stand-in)', 'healthy'],
      ['Schemas', 'healthy'],
      ['Tail', 'healthy'],
    ]);
    expect((await get('/')).body).toContain('All 3 tools are well');
  });

  test('only the gateway is published', async () => {
    for (const [service, name] of await project.containers()) {
      const ports = await run('port', name);
      if (service === 'gateway') expect(ports).toContain(`127.0.0.1:${https}`);
      else expect([service, ports]).toEqual([service, '']);
    }
  });

  test('plain HTTP leads to the published HTTPS port', async () => {
    const plain = `GET /kpow/?x HTTP/1.1\r\nHost: localhost:${http}\r\nConnection: close\r\n\r\n`;
    const answer = readAnswer(await exchangeRaw(http, plain, false));
    expect([answer.status, field(answer, 'location')]).toEqual([308, `https://localhost:${https}/kpow/?x`]);
  });

  test('one signs in at kPow through the gateway, and its websocket brings live data', async () => {
    const form = 'j_username=admin&j_password=admin';
    const login = await ask(
      `POST /kpow/j_security_check HTTP/1.1\r\nHost: localhost:${https}\r\nConnection: close\r\n` +
        `Content-Type: application/x-www-form-urlencoded\r\nContent-Length: ${form.length}\r\n\r\n${form}`,
    );
    expect(field(login, 'location')).toBe('/kpow/');
    const [cookie = ''] = field(login, 'set-cookie')?.split(';') ?? [];
    const page = await ask(
      `GET /kpow/topics HTTP/1.1\r\nHost: localhost:${https}\r\nCookie: ${cookie}\r\nConnection: close\r\n\r\n`,
    );
    expect([page.status, page.body.includes('<h1>Topics</h1>')]).toEqual([200, true]);

    const socket = new WebSocket(`wss://localhost:${https}/kpow/chsk`, {
      rejectUnauthorized: false,
      headers: { Cookie: cookie },
    });
    const [message] = (await once(socket, 'message')) as [Buffer];
    expect(JSON.parse(message.toString())).toMatchObject({ type: 'snapshot' });
    socket.terminate();
  });

  test('when kPow is stopped the gateway says so, and sees it come back', async () => {
    const state = async () =>
      (JSON.parse((await get('/-/healthy')).body) as HealthReport).mounts.find(({ path }) => path === '/kpow')?.state;
    const kpow = (await project.containers()).get('kpow') ?? '';
    await run('stop', kpow);
    while ((await state()) === 'healthy') await pause(100);
    expect((await get('/-/healthy')).status).toBe(503);
    await run('start', kpow);
    while ((await state()) !== 'healthy') await pause(100);
    expect((await get('/-/healthy')).status).toBe(200);
  }, 60_000);

  test('down leaves no container and no volume', async () => {
    expect((await project.down()).code).toBe(0);
    expect(await project.containers()).toEqual(new Map());
    expect(await project.volumes()).toEqual([]);
  }, 60_000);
});
