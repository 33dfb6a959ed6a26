import { createServer, type IncomingHttpHeaders, type IncomingMessage, type Server } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { Socket } from 'node:net';
import { freePorts } from './free-ports';

/** A span as the receiver got it, its attributes as plain values. */
export interface ReceivedSpan {
  readonly name: string;
  /** 2: server, 3: client */
  readonly kind: number;
  readonly traceId: string;
  readonly spanId: string;
  /** '' where it has none. */
  readonly parentSpanId: string;
  readonly traceState: string;
  readonly attributes: Record<string, unknown>;
  readonly resource: Record<string, unknown>;
  /** 0: unset, 2: error */
  readonly status: number;
  readonly events: readonly string[];
  readonly links: readonly { readonly traceId: string; readonly spanId: string }[];
  /** Nanoseconds since 1970. */
  readonly start: bigint;
  readonly end: bigint;
}

/** What the receiver does with an export: a status, or nothing at all. */
export type Behaviour = number | 'hang';

/** Takes OTLP over HTTP in JSON, as a collector does. */
export class OtlpReceiver {
  readonly spans: ReceivedSpan[] = [];
  readonly requests: { readonly url: string; readonly headers: IncomingHttpHeaders }[] = [];
  behaviour: Behaviour = 200;
  #server: Server | null = null;
  readonly #port: number;
  readonly #tls: { cert: string; key: string } | null;
  readonly #sockets = new Set<Socket>();
  readonly #waiting = new Set<() => void>();

  private constructor(port: number, tls: { cert: string; key: string } | null) {
    this.#port = port;
    this.#tls = tls;
  }

  static async start(tls: { cert: string; key: string } | null = null): Promise<OtlpReceiver> {
    const [port = 0] = await freePorts(1);
    const receiver = new OtlpReceiver(port, tls);
    await receiver.listen();
    return receiver;
  }

  get url(): string {
    return `${this.#tls ? 'https' : 'http'}://127.0.0.1:${this.#port}`;
  }

  /** Listens, on the same port each time. */
  async listen(): Promise<void> {
    const server = this.#tls ? createTlsServer(this.#tls) : createServer();
    this.#server = server;
    server.on('connection', (socket: Socket) => {
      socket.on('error', () => undefined);
      this.#sockets.add(socket);
      socket.once('close', () => this.#sockets.delete(socket));
    });
    server.on('request', (req, res) => {
      req.on('error', () => undefined);
      const chunks: Buffer[] = [];
      req.on('data', (chunk: Buffer) => chunks.push(chunk));
      req.on('end', () => {
        this.#received(req, Buffer.concat(chunks));
        if (this.behaviour !== 'hang') res.writeHead(this.behaviour, { 'Content-Type': 'application/json' }).end('{}');
      });
    });
    await new Promise<void>((resolve) => server.listen(this.#port, '127.0.0.1', resolve));
  }

  async close(): Promise<void> {
    const server = this.#server;
    if (!server) return;
    this.#server = null;
    await new Promise<void>((resolve) => {
      server.close(() => resolve());
      for (const socket of this.#sockets) socket.destroy();
    });
  }

  /** Resolves when so many spans have arrived that satisfy the test. */
  async until(count: number, test: (span: ReceivedSpan) => boolean = () => true): Promise<ReceivedSpan[]> {
    for (;;) {
      const found = this.spans.filter(test);
      if (found.length >= count) return found;
      await this.#next();
    }
  }

  /** Resolves when so many exports have arrived, whatever became of them. */
  async asked(count: number): Promise<void> {
    while (this.requests.length < count) await this.#next();
  }

  /** The span of the request with this id, and that of its exchange with a tool. */
  async trace(requestId: unknown): Promise<{ server: ReceivedSpan; client: ReceivedSpan | undefined }> {
    const [server] = await this.until(1, (span) => span.attributes['kpow_gateway.request_id'] === requestId);
    return { server: server!, client: this.spans.find((span) => span.parentSpanId === server!.spanId) };
  }

  #next(): Promise<void> {
    return new Promise((resolve) => this.#waiting.add(resolve));
  }

  #received(req: IncomingMessage, body: Buffer): void {
    this.requests.push({ url: req.url ?? '', headers: req.headers });
    if (this.behaviour === 200) this.spans.push(...spansOf(JSON.parse(body.toString())));
    const waiting = [...this.#waiting];
    this.#waiting.clear();
    for (const resolve of waiting) resolve();
  }
}

/** The part of OTLP's JSON that is read here. */
interface Exported {
  readonly resourceSpans: readonly {
    readonly resource: { readonly attributes: Attributes };
    readonly scopeSpans: readonly { readonly spans: readonly ExportedSpan[] }[];
  }[];
}
interface ExportedSpan {
  readonly name: string;
  readonly kind: number;
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly traceState?: string;
  readonly attributes: Attributes;
  readonly status?: { readonly code?: number };
  readonly events?: readonly { readonly name: string }[];
  readonly links?: readonly { readonly traceId: string; readonly spanId: string }[];
  readonly startTimeUnixNano: string;
  readonly endTimeUnixNano: string;
}
type Attributes = readonly { readonly key: string; readonly value: Record<string, unknown> }[];

function spansOf({ resourceSpans }: Exported): ReceivedSpan[] {
  return resourceSpans.flatMap(({ resource, scopeSpans }) =>
    scopeSpans.flatMap(({ spans }) =>
      spans.map((span) => ({
        name: span.name,
        kind: span.kind,
        traceId: span.traceId,
        spanId: span.spanId,
        parentSpanId: span.parentSpanId ?? '',
        traceState: span.traceState ?? '',
        attributes: valuesOf(span.attributes),
        resource: valuesOf(resource.attributes),
        status: span.status?.code ?? 0,
        events: (span.events ?? []).map((event) => event.name),
        links: (span.links ?? []).map(({ traceId, spanId }) => ({ traceId, spanId })),
        start: BigInt(span.startTimeUnixNano),
        end: BigInt(span.endTimeUnixNano),
      })),
    ),
  );
}

function valuesOf(attributes: Attributes): Record<string, unknown> {
  return Object.fromEntries(attributes.map(({ key, value }) => [key, Object.values(value)[0]]));
}
