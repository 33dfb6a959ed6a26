import type { IncomingMessage } from 'node:http';
import { html } from '../portal/html';
import type { Html } from '../portal/html';
import { brokers, throughputPoints } from './pretend-cluster';
import type { ClusterSnapshot } from './pretend-cluster';
import { toolPage } from './tool-page';

/** What every page of the application needs. All links are relative: the stand-in, like kPow, has no base path. */
export interface PageContext {
  /** The path asked for, which decides how far up the root is. */
  readonly path: string;
  readonly snapshot: ClusterSnapshot;
  /** null when the login is off. */
  readonly user: string | null;
}

const notice =
  'Demo: this is a stand-in for kPow, for trying out the gateway. It is not kPow, and every number on it is invented.';
const sections = [
  { href: '', text: 'Overview' },
  { href: 'topics', text: 'Topics' },
  { href: 'groups', text: 'Consumer groups' },
  { href: 'request', text: 'Your request' },
];
const number = new Intl.NumberFormat('en');

/** @param errorStateSeconds how long the ERROR state lasts; 0: until it is left */
export function overviewPage(context: PageContext, errorStateSeconds: number): Html {
  const { snapshot } = context;
  const topicCount = Object.keys(snapshot.topics).length;
  return application(
    context,
    'Overview',
    html`<h1>Overview</h1>
      <section class="tiles" aria-label="Cluster">
        ${tile('Messages a second', live(snapshot.messagesPerSecond, 'messagesPerSecond'))}
        ${tile('Consumer lag', live(snapshot.totalLag, 'totalLag'))} ${tile('Topics', html`${topicCount}`)}
        ${tile('Brokers', html`${brokers}`)}
      </section>
      <section class="card">
        <h2>Messages a second, last two minutes</h2>
        <svg
          class="chart"
          viewBox="0 0 600 120"
          preserveAspectRatio="none"
          role="img"
          aria-label="Messages a second over the last two minutes"
        >
          <polygon
            id="throughput"
            vector-effect="non-scaling-stroke"
            points="${throughputPoints(new Date(snapshot.at))}"
          />
        </svg>
      </section>
      <section class="card">
        <h2>Topics</h2>
        ${topicTable(context)}
      </section>
      <section class="card">
        <h2>Break it on purpose</h2>
        <p>
          kPow's internal Kafka Streams can enter the state ERROR: <code>/healthy</code> then says 503 while its HTTP
          server still answers, and its pages are gone until it is restarted. See what the portal and this address show
          then.
        </p>
        ${errorStateForm('./', 'on', errorStateSeconds > 0 ? `Enter the ERROR state for ${errorStateSeconds} s` : 'Enter the ERROR state')}
      </section>`,
  );
}

export function topicsPage(context: PageContext): Html {
  return application(
    context,
    'Topics',
    html`<h1>Topics</h1>
      <section class="card">${topicTable(context)}</section>`,
  );
}

/** @returns null when there is no such topic */
export function topicPage(context: PageContext, name: string): Html | null {
  const topic = Object.hasOwn(context.snapshot.topics, name) ? context.snapshot.topics[name] : undefined;
  if (topic === undefined) return null;
  const groups = Object.entries(context.snapshot.groups).filter(([, group]) => group.topic === name);
  return application(
    context,
    name,
    html`<p><a href="../topics">All topics</a></p>
      <h1>${name}</h1>
      <section class="tiles" aria-label="Topic">
        ${tile('Messages a second', live(topic.messagesPerSecond, `topics/${name}/messagesPerSecond`))}
        ${tile('Messages', live(topic.endOffset, `topics/${name}/endOffset`))}
        ${tile('Partitions', html`${topic.partitions}`)}
      </section>
      <section class="card">
        <h2>Read by</h2>
        ${
          groups.length === 0
            ? html`<p>No consumer group reads this topic.</p>`
            : groupTable(Object.fromEntries(groups))
        }
      </section>`,
  );
}

export function groupsPage(context: PageContext): Html {
  return application(
    context,
    'Consumer groups',
    html`<h1>Consumer groups</h1>
      <section class="card">${groupTable(context.snapshot.groups)}</section>`,
  );
}

/** How the request looked on arrival, which is what one wants to know of a tool behind a gateway. */
export function requestPage(context: PageContext, request: IncomingMessage, origin: string): Html {
  const told = /^(host|forwarded|via|x-real-ip|x-request-id|x-forwarded-[a-z]+|x-proxied-https)$/i;
  const rows: Html[] = [];
  for (let index = 0; index < request.rawHeaders.length; index += 2) {
    const name = request.rawHeaders[index] ?? '';
    if (!told.test(name)) continue;
    rows.push(
      html`<tr>
        <th scope="row">${name}</th>
        <td><code>${request.rawHeaders[index + 1] ?? ''}</code></td>
      </tr>`,
    );
  }
  return application(
    context,
    'Your request',
    html`<h1>Your request, as it arrived here</h1>
      <section class="card">
        <table>
          <tbody>
            <tr>
              <th scope="row">Request line</th>
              <td><code>${request.method ?? ''} ${request.url ?? ''} HTTP/${request.httpVersion}</code></td>
            </tr>
            ${rows}
          </tbody>
        </table>
      </section>
      <section class="card">
        <p>
          From these the stand-in takes its own address to be <code>${origin}</code>, and builds its redirects with it.
        </p>
      </section>`,
  );
}

export function loginPage(failed: boolean): Html {
  return toolPage({
    ...frame,
    title: 'Sign in',
    root: './',
    body: html`<form class="card login" method="post" action="j_security_check">
      <h1>Sign in</h1>
      ${failed ? html`<p class="problem" role="alert">That is not the demo's account. It is admin with the password admin.</p>` : ''}
      <p>The demo has one account, and it is filled in already: <b>admin</b>, password <b>admin</b>.</p>
      <label>User name <input name="j_username" value="admin" maxlength="100" required autocomplete="off" /></label>
      <label
        >Password <input name="j_password" type="password" value="admin" maxlength="100" required autocomplete="off"
      /></label>
      <button>Sign in</button>
    </form>`,
  });
}

/** @param leavesIn seconds until the stand-in leaves the state by itself; null: never */
export function errorStatePage(root: string, leavesIn: number | null): Html {
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="color-scheme" content="light dark" />
        <title>503 · kPow stand-in</title>
      </head>
      <body>
        <h1>The kPow stand-in is in its ERROR state</h1>
        <p>
          kPow would now show no pages until it is restarted.
          ${leavesIn === null ? 'This stand-in stays like this until it is told otherwise.' : `This stand-in recovers by itself in ${leavesIn} s.`}
          This is a stand-in and not kPow.
        </p>
        ${errorStateForm(root, 'off', 'Leave the ERROR state now')}
      </body>
    </html> `;
}

export function messagePage(context: PageContext, title: string, text: string): Html {
  return application(
    context,
    title,
    html`<h1>${title}</h1>
      <section class="card"><p>${text}</p></section>`,
  );
}

/** `./` at the root, `../` one segment down, and so on. */
export function rootFrom(path: string): string {
  return '../'.repeat(Math.max(0, path.split('/').length - 2)) || './';
}

const frame = { tool: 'kpow', toolName: 'kPow stand-in', notice } as const;

function application(context: PageContext, title: string, body: Html): Html {
  const root = rootFrom(context.path);
  const [, section = ''] = context.path.split('/');
  return toolPage({
    ...frame,
    title,
    root,
    script: 'live-numbers.js',
    nav: sections.map(({ href, text }) => ({ href, text, current: section === href })),
    aside: html`<p class="connection" id="connection" role="status">Connecting</p>
      ${
        context.user === null
          ? ''
          : html`<form method="post" action="${root}logout">
              <button class="quiet">Sign out ${context.user}</button>
            </form>`
      }`,
    body,
  });
}

function topicTable({ snapshot, path }: PageContext): Html {
  const root = rootFrom(path);
  return html`<table>
    <thead>
      <tr>
        <th scope="col">Topic</th>
        <th scope="col" class="number">Partitions</th>
        <th scope="col" class="number">Messages</th>
        <th scope="col" class="number">Messages a second</th>
      </tr>
    </thead>
    <tbody>
      ${Object.entries(snapshot.topics).map(
        ([name, topic]) =>
          html`<tr>
            <th scope="row"><a href="${root}topics/${name}">${name}</a></th>
            <td class="number">${topic.partitions}</td>
            <td class="number">${live(topic.endOffset, `topics/${name}/endOffset`)}</td>
            <td class="number">${live(topic.messagesPerSecond, `topics/${name}/messagesPerSecond`)}</td>
          </tr>`,
      )}
    </tbody>
  </table>`;
}

function groupTable(groups: ClusterSnapshot['groups']): Html {
  return html`<table>
    <thead>
      <tr>
        <th scope="col">Group</th>
        <th scope="col">Topic</th>
        <th scope="col" class="number">Members</th>
        <th scope="col" class="number">Lag</th>
      </tr>
    </thead>
    <tbody>
      ${Object.entries(groups).map(
        ([name, group]) =>
          html`<tr>
            <th scope="row">${name}</th>
            <td>${group.topic}</td>
            <td class="number">${group.members}</td>
            <td class="number">${live(group.lag, `groups/${name}/lag`)}</td>
          </tr>`,
      )}
    </tbody>
  </table>`;
}

function tile(label: string, value: Html): Html {
  return html`<div class="tile"><span>${label}</span><strong>${value}</strong></div>`;
}

/** @param field path into the snapshot from which the browser keeps the number fresh */
function live(value: number, field: string): Html {
  return html`<span data-live="${field}">${number.format(value)}</span>`;
}

function errorStateForm(root: string, state: 'on' | 'off', text: string): Html {
  return html`<form method="post" action="${root}demo/error-state">
    <button name="state" value="${state}">${text}</button>
    <small>This switch belongs to the stand-in; kPow has none.</small>
  </form>`;
}
