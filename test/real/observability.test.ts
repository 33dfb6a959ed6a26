import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { request } from 'node:https';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { WebSocket } from 'ws';
import { parse } from 'yaml';
import { startKpow, type KpowStandIn } from '../../src/demo/kpow';
import { freePorts, refusingPort } from '../support/free-ports';
import { startGateway, temporaryFolder, type TestGateway } from '../support/gateway';
import type { Program } from '../support/program';
import { gatewayJob, startPrometheus } from '../support/prometheus';

interface Rule {
  readonly alert: string;
  readonly expr: string;
  readonly labels: Record<string, string>;
  readonly annotations: Record<string, string>;
}
interface Target {
  readonly refId: string;
  readonly expr: string;
  readonly datasource: { readonly type: string; readonly uid: string };
}
interface Panel {
  readonly id: number;
  readonly type: string;
  readonly title: string;
  readonly description?: string;
  readonly gridPos: { readonly h: number; readonly w: number; readonly x: number; readonly y: number };
  readonly datasource?: { readonly type: string; readonly uid: string };
  readonly fieldConfig?: { readonly defaults: { readonly unit?: string } };
  readonly options?: { readonly yAxis?: { readonly unit?: string } };
  readonly targets?: readonly Target[];
}
interface Dashboard {
  readonly schemaVersion: number;
  readonly refresh: string;
  readonly annotations: { readonly list: readonly { readonly name: string; readonly expr?: string }[] };
  readonly templating: {
    readonly list: readonly { readonly name: string; readonly query: string | { query: string } }[];
  };
  readonly panels: readonly Panel[];
}

const folder = 'deploy/observability';
const alertsText = readFileSync(`${folder}/alerts.yaml`, 'utf8');
const alerts = (parse(alertsText) as { groups: { rules: Rule[] }[] }).groups.flatMap(({ rules }) => rules);
const scenesText = readFileSync(`${folder}/alerts_test.yaml`, 'utf8');
const dashboardText = readFileSync(`${folder}/grafana-dashboard.json`, 'utf8');
const dashboard = JSON.parse(dashboardText) as Dashboard;
const doc = readFileSync('docs/observability.md', 'utf8');

const graphs = dashboard.panels.filter(({ type }) => type !== 'row');
const queries = graphs.flatMap(({ title, targets = [] }) =>
  targets.map(({ expr, refId }) => [`${title}, ${refId}`, expr] as const),
);
const annotations = dashboard.annotations.list.flatMap(({ name, expr }) =>
  expr === undefined ? [] : [[`annotation ${name}`, expr] as const],
);

/** Names of metrics in an expression, or in all there are: histograms without what their series add. */
function metricsIn(text: string): string[] {
  const names = [...text.matchAll(/\b(?:kpow_gateway|nodejs|process)_[a-z_]+/g)].map(([name]) => name);
  return [...new Set(names)];
}
const family = (name: string) => name.replace(/_(bucket|sum|count)$/, '');

function promtool(...args: string[]) {
  const { status, stdout, stderr } = spawnSync('promtool', args, { encoding: 'utf8' });
  return { status, said: stdout + stderr };
}

describe('the alert rules', () => {
  test('promtool finds no fault with them', () => {
    expect(promtool('check', 'rules', `${folder}/alerts.yaml`)).toMatchObject({ status: 0 });
  });

  test('each fires when it should and not when it should not, in the scenes that promtool plays', () => {
    expect(promtool('test', 'rules', `${folder}/alerts_test.yaml`)).toMatchObject({ status: 0 });
  });

  test('there is a scene in which each fires', () => {
    const fired = [...scenesText.matchAll(/alertname="(\w+)"/g)].map(([, name = '']) => name);
    expect(alerts.map(({ alert }) => alert).filter((name) => !fired.includes(name))).toEqual([]);
  });

  test.each(alerts.map((rule) => [rule.alert, rule] as const))(
    '%s says how bad, what, and what to do',
    (name, rule) => {
      expect(rule.labels).toEqual({ severity: expect.stringMatching(/^(critical|warning)$/) });
      expect(rule.annotations).toEqual({
        summary: expect.any(String),
        description: expect.any(String),
        runbook: `docs/observability.md#${name.toLowerCase()}`,
      });
      expect(doc).toContain(`\n### ${name}\n`);
    },
  );

  test('every alert that the documentation describes exists', () => {
    const described = [...doc.matchAll(/^### (Kpow\w+)$/gm)].map(([, name]) => name);
    expect(described).toEqual(alerts.map(({ alert }) => alert));
  });
});

describe('the dashboard', () => {
  test('is of a current schema, refreshes itself, and has its variables', () => {
    expect(dashboard.schemaVersion).toBeGreaterThanOrEqual(39);
    expect(dashboard.refresh).toBe('30s');
    expect(dashboard.templating.list.map(({ name }) => name)).toEqual(['datasource', 'job', 'instance', 'mount']);
  });

  test('every panel has an id of its own, a title, a description, a unit and a query', () => {
    expect(new Set(dashboard.panels.map(({ id }) => id)).size).toBe(dashboard.panels.length);
    for (const { title, description, fieldConfig, options, targets } of graphs) {
      expect({ title, description }).toEqual({
        title: expect.stringMatching(/./),
        description: expect.stringMatching(/\.$/),
      });
      expect([title, fieldConfig?.defaults.unit ?? options?.yAxis?.unit]).toEqual([title, expect.any(String)]);
      expect([title, targets?.map(({ refId }) => refId)]).toEqual([
        title,
        ['A', 'B', 'C'].slice(0, targets?.length || 1),
      ]);
    }
  });

  test('names no data source but the one that is chosen', () => {
    const chosen = { type: 'prometheus', uid: '${datasource}' };
    for (const { title, datasource, targets = [] } of graphs) {
      expect([title, datasource, ...targets.map((target) => target.datasource)]).toEqual([
        title,
        ...Array<unknown>(1 + targets.length).fill(chosen),
      ]);
    }
    const named = [...dashboardText.matchAll(/"uid": "([^"]*)"/g)].map(([, uid]) => uid);
    expect(new Set(named)).toEqual(new Set(['kpow-gateway', '${datasource}', '-- Grafana --']));
  });

  test('every query heeds the chosen job and gateway, and a rate the resolution of the graph', () => {
    for (const [name, expr] of queries) {
      for (const [, metric, labels] of expr.matchAll(/\b((?:kpow_gateway|nodejs|process)_\w+)(\{[^}]*\})?/g)) {
        expect([name, metric, labels]).toEqual([
          name,
          metric,
          expect.stringMatching(/job=~"\$job", instance=~"\$instance"/),
        ]);
      }
      expect([name, /rate\([^()]*\[(?!\$__rate_interval\])/.test(expr)]).toEqual([name, false]);
    }
  });

  test('every panel lies within the grid, below its row, and none on another', () => {
    const taken = new Map<string, string>();
    for (const { title, gridPos } of dashboard.panels) {
      expect([title, gridPos.x >= 0 && gridPos.x + gridPos.w <= 24]).toEqual([title, true]);
      for (let x = gridPos.x; x < gridPos.x + gridPos.w; x++) {
        for (let y = gridPos.y; y < gridPos.y + gridPos.h; y++) {
          expect([title, taken.get(`${x}, ${y}`)]).toEqual([title, undefined]);
          taken.set(`${x}, ${y}`, title);
        }
      }
    }
    const order = dashboard.panels.map(({ gridPos }) => gridPos.y * 24 + gridPos.x);
    expect(order).toEqual(order.toSorted((a, b) => a - b));
  });
});

test('every metric that the alerts and the dashboard use is described where people look for it', () => {
  const described = new Set([...doc.matchAll(/^\| `(kpow_gateway_\w+)` \|/gm)].map(([, name]) => name));
  const used = metricsIn(alertsText + dashboardText).filter((name) => name.startsWith('kpow_gateway_'));
  expect(used.filter((name) => !described.has(name) && !described.has(family(name)))).toEqual([]);
});

describe('with a real Prometheus that scrapes a real gateway', () => {
  let kpow: KpowStandIn;
  let gateway: TestGateway;
  let prometheus: Program;
  let socket: WebSocket;
  let api: string;

  /** kPow with an open websocket, a tool that is not there, one with a wrong health path; a Prometheus with all rules. */
  beforeAll(async () => {
    kpow = await startKpow({ errorStateLasts: 0 });
    gateway = await startGateway({
      health: { interval: '50ms' },
      mounts: [
        { name: 'kPow', path: '/kpow', target: `http://127.0.0.1:${kpow.port}`, health: '/healthy' },
        { name: 'Down', path: '/down', target: `http://127.0.0.1:${await refusingPort()}`, health: '/' },
        { name: 'Asked wrongly', path: '/wrong', target: `http://127.0.0.1:${kpow.port}`, health: '/no-such-page' },
      ],
    });
    const [port = 0] = await freePorts(1);
    api = `http://127.0.0.1:${port}/api/v1`;
    // The real rules, but impatient.
    const rules = path.join(temporaryFolder(), 'alerts.yaml');
    writeFileSync(rules, alertsText.replace(/^( +for:) \w+$/gm, '$1 1s'));
    prometheus = await startPrometheus({
      port,
      externalUrl: `http://127.0.0.1:${port}`,
      rules: [rules],
      scrape: [gatewayJob(gateway.httpsPort)],
    });
    socket = await openWebsocket();
  });
  afterAll(async () => {
    socket.terminate();
    await prometheus.stop();
    await gateway.stop();
    await kpow.close();
  });

  function openWebsocket(): Promise<WebSocket> {
    const opened = new WebSocket(`wss://127.0.0.1:${gateway.httpsPort}/kpow/chsk`, { rejectUnauthorized: false });
    return new Promise((resolve, reject) => opened.once('open', () => resolve(opened)).once('error', reject));
  }

  /** What people do: pages, a form, a failure, and a websocket that comes and goes. */
  async function traffic(): Promise<void> {
    const ask = (target: string, method = 'GET') =>
      new Promise<void>((resolve, reject) => {
        const options = { port: gateway.httpsPort, host: '127.0.0.1', path: target, method, rejectUnauthorized: false };
        const asked = request(options, (answer) => answer.resume().once('end', resolve));
        asked.once('error', reject).end();
      });
    await Promise.all([ask('/kpow/'), ask('/kpow/topics'), ask('/kpow/', 'POST'), ask('/down/'), ask('/')]);
    const brief = await openWebsocket();
    const closed = new Promise((resolve) => brief.once('close', resolve));
    brief.close();
    await closed;
  }

  async function askPrometheus<T>(target: string): Promise<T> {
    const answer = (await (await fetch(api + target)).json()) as { status: string; error?: string; data: T };
    if (answer.status !== 'success')
      throw new Error(`Prometheus refuses ${decodeURIComponent(target)}: ${answer.error}`);
    return answer.data;
  }

  interface Sample {
    readonly metric: Record<string, string>;
    readonly value: [time: number, value: string];
  }
  /** What an expression gives now, without what is not a number. */
  async function samples(expr: string): Promise<Sample[]> {
    const { result } = await askPrometheus<{ result: Sample[] }>(`/query?query=${encodeURIComponent(expr)}`);
    return result.filter(({ value }) => value[1] !== 'NaN');
  }

  /** As Grafana puts in what is chosen: one gateway, all mounts. */
  function asGrafana(expr: string): string {
    const instance = `127.0.0.1:${gateway.httpsPort}`.replaceAll('.', '\\\\.');
    return expr
      .replaceAll('$job', 'kpow-gateway')
      .replaceAll('$instance', instance)
      .replaceAll('$mount', '(/kpow|/down|/wrong|/-/)')
      .replaceAll('$__rate_interval', '5s');
  }

  interface Alert {
    readonly labels: Record<string, string>;
    readonly annotations: Record<string, string>;
    readonly state: 'pending' | 'firing';
  }
  async function alertsOf(name: string): Promise<Alert[]> {
    const { alerts: all } = await askPrometheus<{ alerts: Alert[] }>('/alerts');
    return all.filter(({ labels }) => labels['alertname'] === name);
  }

  test.each([...queries, ...annotations])('%s has data', async (_, expr) => {
    while ((await samples(asGrafana(expr))).length === 0) await traffic();
  });

  test('every variable of the dashboard has something to choose', async () => {
    const asked = dashboard.templating.list.flatMap(({ query }) => (typeof query === 'string' ? [] : [query.query]));
    const found = asked.map(async (query) => {
      const [, selector = '', label = ''] = /^label_values\((.*), (\w+)\)$/.exec(query) ?? [];
      const match = encodeURIComponent(asGrafana(selector));
      return askPrometheus<string[]>(`/label/${label}/values?match[]=${match}`);
    });
    expect(await Promise.all(found)).toEqual([
      ['kpow-gateway'],
      [`127.0.0.1:${gateway.httpsPort}`],
      ['/-/', '/down', '/kpow', '/wrong'],
    ]);
  });

  test('what Down suffers from stands in the alert that tells of it', async () => {
    let alert: Alert | undefined;
    while (alert?.state !== 'firing') [alert] = await alertsOf('KpowGatewayToolUnreachable');
    expect(alert.labels).toMatchObject({ severity: 'critical', job: 'kpow-gateway', mount: '/down' });
    expect(alert.annotations['description']).toContain(`(refused at 127.0.0.1:${gateway.httpsPort}; the portal`);
  });

  test('kPow goes into its ERROR state, and the alert fires; it comes back, and the alert ends', async () => {
    expect(await alertsOf('KpowInErrorState')).toEqual([]);
    kpow.setErrorState(true);
    let alert: Alert | undefined;
    while (alert?.state !== 'firing') [alert] = await alertsOf('KpowInErrorState');
    expect(alert).toMatchObject({
      labels: { severity: 'critical', mount: '/kpow' },
      annotations: { summary: 'kPow at /kpow is in its ERROR state' },
    });
    kpow.setErrorState(false);
    while ((await alertsOf('KpowInErrorState')).length > 0) await pause(50);
  });

  test('every series that an alert looks at is there', async () => {
    kpow.setErrorState(true);
    const selectors = alerts.flatMap(({ expr }) =>
      [...expr.matchAll(/\b(?:(?:kpow_gateway|nodejs|process)_\w+|up(?=\{))(?:\{[^}]*\})?/g)].map(
        ([selector]) => selector,
      ),
    );
    expect(selectors.length).toBeGreaterThanOrEqual(alerts.length);
    for (const selector of new Set(selectors)) {
      while ((await samples(selector)).length === 0) await pause(50);
    }
    for (const { expr } of alerts) await samples(expr);
  });
});
