import type { Agent, ClientRequest, IncomingMessage, ServerResponse } from 'node:http';
import type { Stream } from 'node:stream';
import { createProxyServer } from 'http-proxy';
import type { Upstream } from '../upstream/route';

/** A request as the tool is to get it: built fresh, with nothing left for the engine to decide. */
export interface Outgoing {
  readonly method: string;
  /** Origin-form. */
  readonly target: string;
  /** Raw header list; Host, framing and Connection included. */
  readonly fields: readonly string[];
  /** Keeps the connections that it may go on. */
  readonly agent: Agent;
}

export interface Handlers {
  /** The request has a connection, which may still be connecting. */
  opened(request: ClientRequest): void;
  answered(answer: IncomingMessage): void;
  failed(error: unknown): void;
}

/**
 * What http-proxy believes to be the client's request. It copies `headers`, may change them (`Content-Length: 0` for a
 * chunked DELETE, the smuggling hole of GHSA-ggv3-7p47-pfv8) and joins paths (a bare `?` is lost); so it is given none,
 * and what goes out stands in `fixed` below.
 */
function standIn(req: IncomingMessage, method: string, handlers: Handlers) {
  return {
    method,
    url: '/',
    headers: {},
    httpVersion: '1.1',
    httpVersionMajor: 1,
    socket: req.socket,
    on: (event: string, listener: (...args: unknown[]) => void) => req.on(event, listener),
    handlers,
  };
}

type StandIn = ReturnType<typeof standIn>;

/**
 * The options of `http.request` that http-proxy fills in: those that have to be right to the letter do not take what it
 * assigns. Node accepts raw header lists, so order, case and duplicates are kept.
 */
function fixed({ target, fields }: Outgoing, { tls, maxHead }: Upstream) {
  return {
    servername: tls.servername,
    maxHeaderSize: maxHead,
    get path() {
      return target;
    },
    set path(_joined: string) {
      // Byte for byte, as the mount made it.
    },
    get headers() {
      return fields;
    },
    set headers(_copied: readonly string[]) {
      // See `standIn`.
    },
  };
}

/** What http-proxy pipes into the request to the tool. */
const noBody = { pipe: () => undefined } as unknown as Stream;

/** http-proxy, reduced to what it is good at: one exchange over a pooled connection, aborted when the client leaves. */
export class Engine {
  readonly #proxy = createProxyServer({ selfHandleResponse: true });

  constructor() {
    const handlersOf = (req: unknown): Handlers => (req as StandIn).handlers;
    this.#proxy.on('proxyReq', (request, req) => handlersOf(req).opened(request));
    this.#proxy.on('proxyRes', (answer, req) => handlersOf(req).answered(answer));
    // The client's own connection broke; its response has been closed, and that is where it is dealt with.
    this.#proxy.on('econnreset', () => undefined);
  }

  /**
   * Sends a request and aborts it when `res` closes early. Its body, and its end, are the handlers' to write: taken from
   * the client before there is a connection, it could not be sent to another target. So is the answer to pass on.
   * Nothing is thrown.
   */
  send(req: IncomingMessage, res: ServerResponse, out: Outgoing, upstream: Upstream, handlers: Handlers): void {
    const { target, tls } = upstream;
    const options = {
      target: {
        protocol: target.protocol,
        host: target.hostname,
        hostname: target.hostname,
        port: target.port,
        ...tls,
      },
      ssl: fixed(out, upstream),
      agent: out.agent,
      secure: tls.rejectUnauthorized !== false,
      buffer: noBody,
    };
    try {
      this.#proxy.web(standIn(req, out.method, handlers) as unknown as IncomingMessage, res, options, (error: Error) =>
        handlers.failed(error),
      );
    } catch (error) {
      // Node refuses to write a head that its parser let in: control bytes in a value, for example.
      handlers.failed(error);
    }
  }
}
