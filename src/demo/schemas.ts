import type { IncomingMessage } from 'node:http';
import { isRead, json, methodNotAllowed, page, pathOf, redirect, text } from './answer';
import type { Answer } from './answer';
import { assetServer } from './assets';
import { html } from '../portal/html';
import type { Html } from '../portal/html';
import { subjects } from './pretend-schemas';
import { toolPage } from './tool-page';
import { createToolServer, listen } from './tool-server';
import type { Tool, ToolServerOptions } from './tool-server';
import { Visits } from './visits';

export interface SchemasOptions extends ToolServerOptions {
  /** Where the tool believes it is served: `''` for the root, or `/schemas`. Default `/schemas`. */
  readonly basePath?: string;
}

/**
 * A demo tool that knows its base path, as Grafana and AKHQ can (`prefix: keep`): every link, redirect and cookie of
 * it carries the path, and outside of it there is nothing. A small browser of pretend schemas, with a JSON API as a
 * schema registry has one.
 */
export async function startSchemas(options: SchemasOptions = {}): Promise<Tool> {
  const { basePath = '/schemas' } = options;
  const root = `${basePath}/`;
  const visits = new Visits(root);
  const assets = assetServer(['tool.css', 'schemas.svg'], root);

  const server = createToolServer((request) => {
    const path = pathOf(request);
    if (!isRead(request)) return methodNotAllowed('GET, HEAD');
    if (basePath !== '' && path === basePath) return redirect(root);
    if (!path.startsWith(root)) return text(404, `This demo tool lives under ${root}\n`);
    if (path === `${root}-/healthy`) return text(200, 'healthy\n');
    if (path === `${root}subjects` || path.startsWith(`${root}subjects/`)) {
      return registryAnswer(path.slice(root.length).split('/').slice(1));
    }
    return assets(path, request) ?? browserPage(path, request);
  });

  function browserPage(path: string, request: IncomingMessage): Answer {
    const name = path.startsWith(`${root}browse/`) ? path.slice(`${root}browse/`.length) : '';
    const schemas = subjects.get(name);
    if (path !== root && schemas === undefined) {
      const body = html`<h1>No such page</h1>
        <p><a href="${root}">All subjects</a></p>`;
      return page(404, schemasPage(root, 'No such page', body, null));
    }
    const { views, cookie } = visits.count(request);
    const body = schemas === undefined ? subjectList(root) : subjectDetail(root, name, schemas);
    return page(200, schemasPage(root, schemas === undefined ? 'Subjects' : name, body, views), cookie);
  }

  return listen(server, options);
}

/** @param segments what follows `subjects`: [], [subject, 'versions'], [subject, 'versions', version] */
function registryAnswer([subject, versions, version, ...rest]: readonly string[]): Answer {
  const unknown = (code: number, message: string): Answer => json(404, { error_code: code, message });
  if (subject === undefined) return json(200, [...subjects.keys()]);
  const schemas = subjects.get(subject);
  if (schemas === undefined) return unknown(40401, 'Subject not found.');
  if (versions !== 'versions' || rest.length > 0) return unknown(404, 'Not found.');
  const numbers = schemas.map((_, index) => index + 1);
  if (version === undefined) return json(200, numbers);
  const number = version === 'latest' ? schemas.length : numbers.find((each) => String(each) === version);
  if (number === undefined) return unknown(40402, 'Version not found.');
  return json(200, { subject, version: number, schema: JSON.stringify(schemas[number - 1]) });
}

/** @param views which page view of the browser's session this is */
function schemasPage(root: string, title: string, body: Html, views: number | null): Html {
  return toolPage({
    tool: 'schemas',
    toolName: 'Schemas',
    notice: 'Demo: a small tool that knows its base path. It is no schema registry, and its schemas are invented.',
    title,
    root,
    nav: [
      { href: '', text: 'Subjects', current: title === 'Subjects' },
      { href: 'subjects', text: 'API', current: false },
    ],
    aside: html`<p class="visits">${views === null ? '' : `Page ${views} of your session`}</p>`,
    body,
  });
}

function subjectList(root: string): Html {
  return html`<h1>Subjects</h1>
    <section class="card">
      <table>
        <thead>
          <tr>
            <th scope="col">Subject</th>
            <th scope="col">Record</th>
            <th scope="col" class="number">Versions</th>
            <th scope="col" class="number">Fields</th>
          </tr>
        </thead>
        <tbody>
          ${[...subjects].map(([name, schemas]) => {
            const latest = schemas.at(-1);
            return html`<tr>
              <th scope="row"><a href="${root}browse/${name}">${name}</a></th>
              <td>${latest?.name ?? ''}</td>
              <td class="number">${schemas.length}</td>
              <td class="number">${latest?.fields.length ?? 0}</td>
            </tr>`;
          })}
        </tbody>
      </table>
    </section>`;
}

function subjectDetail(root: string, name: string, schemas: readonly object[]): Html {
  const newestFirst = schemas.map((schema, index) => ({ schema, version: index + 1 })).reverse();
  return html`<p><a href="${root}">All subjects</a></p>
    <h1>${name}</h1>
    ${newestFirst.map(
      ({ schema, version }) =>
        html`<section class="card">
          <h2>Version ${version}</h2>
          <pre><code>${JSON.stringify(schema, null, 2)}</code></pre>
          <p><a href="${root}subjects/${name}/versions/${version}">As the API gives it</a></p>
        </section>`,
    )}`;
}
