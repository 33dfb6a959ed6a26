import type { Socket } from 'node:net';
import { rawUpstream } from '../../support/upstreams';
import { wrongOwnFields } from '../own-fields';
import { plain, readStrictly, type StrictRequest } from '../strict-reader';
import { echoOf, isEarly, type Arrived, type Reader } from './reader';

/** A tool that records bytes and reads them as strictly as can be. */
export async function startRecorder(): Promise<Reader> {
  const arrived: Arrived[] = [];
  let connections = 0;
  const upstream = await rawUpstream((socket) => {
    const connection = connections++;
    listen(socket, (what) => arrived.push({ connection, ...what }));
  });
  return { ...upstream, arrived, tools: ['all', 'direct', 'recorder'] };
}

type Told = Omit<Arrived, 'connection'>;

function listen(socket: Socket, tell: (what: Told) => void): void {
  let text = '';
  let lastTarget = '';
  let answered = false;
  let continued = false;
  let tunnel = false;
  const nonsense = (why: string) => {
    tell({ ...nothing, kind: 'nonsense', target: lastTarget, body: text, wrong: [why] });
    text = '';
    socket.destroy();
  };
  const answer = (request: Told) => {
    if (!answered) socket.write(answerTo(request), 'latin1');
    answered = true;
  };
  socket.on('data', (bytes: Buffer) => {
    if (tunnel) return;
    text += bytes.toString('latin1');
    const reading = readStrictly(text);
    if (reading.kind === 'ambiguous') {
      nonsense(reading.why);
      return;
    }
    const head = reading.kind === 'incomplete' ? reading.head : reading.request;
    if (!head) return;
    lastTarget = head.target;
    if (!continued && !isEarly(head.target) && head.fields.some(([name]) => plain(name) === 'expect')) {
      continued = true;
      socket.write('HTTP/1.1 100 Continue\r\n\r\n');
    }
    if (reading.kind === 'incomplete') {
      if (isEarly(head.target)) answer(toldOf({ ...head, body: '', trailers: [] }));
    } else {
      const { request, end } = reading;
      const told = toldOf(request);
      tell(told);
      text = text.slice(end);
      // One at a time: nobody has been answered who could have asked for more.
      if (text !== '') {
        nonsense('bytes behind a request');
        return;
      }
      tunnel = accepts(request);
      if (tunnel) socket.write(accepted);
      else answer(told);
      answered = false;
      continued = false;
    }
  });
  socket.once('end', () => socket.end());
  socket.once('close', () => {
    if (text === '') return;
    const reading = readStrictly(text);
    if (reading.kind === 'incomplete' && reading.head)
      tell({ ...toldOf({ ...reading.head, body: '', trailers: [] }), kind: 'part' });
    else nonsense('bytes that are no request');
  });
}

const nothing: Told = { kind: 'request', method: '', target: '', host: '', marker: '', body: '', names: [], wrong: [] };

function toldOf(request: StrictRequest): Told {
  const { method, target, fields, body, trailers } = request;
  const valueOf = (name: string) => fields.find(([each]) => plain(each) === name)?.[1] ?? '';
  const names = [...fields, ...trailers].map(([name]) => name.toLowerCase());
  const wrong = wrongOwnFields(request);
  return { kind: 'request', method, target, host: valueOf('host'), marker: valueOf('x-marker'), body, names, wrong };
}

function answerTo(request: Told): string {
  const echo = echoOf(request);
  const body = request.method === 'HEAD' ? '' : echo;
  return `HTTP/1.1 200 OK\r\nX-Echo: ${echo}\r\nContent-Length: ${echo.length}\r\n\r\n${body}`;
}

const accepts = ({ target, fields }: StrictRequest) =>
  target.includes('/accept') && fields.some(([name]) => plain(name) === 'upgrade');

const accepted =
  'HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nX-Echo: accepted\r\n\r\n';
