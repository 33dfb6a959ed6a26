import http, { type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import https from 'node:https';
import { Socket, type AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import type { SecureContext } from 'node:tls';
import { acmeTlsAnswerer, isAcmeTls } from './acme-tls';
import { acceptWaiting, drain } from './connections';
import { InnerSocket, isInner } from './inner-socket';
import { closeLingering, isLingering } from './lingering-close';
import { PendingUpgrade } from './pending-upgrade';
import { openConnection } from './plain-on-tls';
import { asksForHtml, parserFailure, rawAnswer, type Explanation } from './reject';
import { ParsedConnection, type ConnectionPast } from './parsed-connection';
import { StalledClients } from './stalled-clients';
import type { TicketKeys } from './ticket-keys';
import type { TlsSettings } from './tls-settings';
import { TlsTerminator } from './tls-terminator';
import { isWebsocketUpgrade, withoutUpgrade } from './upgrade-request';
import type { Relay } from '../relay/relay';
import { ProxyError } from '../upstream/proxy-error';

export interface ListenerOptions {
  /** A port of an address, or the descriptor of a socket that listens already. */
  readonly place:
    { readonly port: number; readonly host: string; readonly reusePort: boolean } | { readonly fd: number };
  /** null listens for plain HTTP. */
  readonly tls: TlsSettings | null;
  /** Started and stopped with the listener, where it has TLS. */
  readonly ticketKeys: TicketKeys;
  /** Milliseconds that a connection may be idle between two requests (nginx: keepalive_timeout). */
  readonly keepAlive: number;
  /** Finds the certificate of a tls-alpn-01 challenge by name; null while no such challenge is in use. */
  readonly challengeContext: () => ((servername: string) => Promise<SecureContext | null>) | null;
  /** Bytes that a request's head may have, and milliseconds until it has to have arrived. */
  readonly maxHead: number;
  readonly headTimeout: number;
  /** How many requests a connection may bring, and milliseconds in which its client has to take something (0: any). */
  readonly limits: () => { readonly requestsPerConnection: number; readonly sendTimeout: number };
  /** Counts a connection. False where it is one too many, and has been reset. */
  readonly admit: (socket: Socket) => boolean;
  /** A client takes nothing of what waits for it, and is about to be cut off. */
  readonly stalled: (socket: Socket) => void;
  /** Gets each connection first; null leaves all to Node's parser. */
  readonly relay: Relay | null;
  readonly handle: (req: IncomingMessage, res: ServerResponse, upgrade: PendingUpgrade | null) => void;
  /** A request that never became one. Returns the id that its sender is told. */
  readonly rejected: (socket: Socket, error: ProxyError) => string;
  /**
   * The body of a request under way is malformed. Returns the id that its sender is told on a connection that is then
   * closed; null where the request is answered by itself.
   */
  readonly broken: (res: ServerResponse, error: ProxyError) => string | null;
  /** A failure in words. */
  readonly explain: (error: ProxyError, id: string, html: boolean) => Explanation;
}

/** A TLS handshake has to end within this time. */
const handshakeTimeout = 15_000;

/**
 * Connections that wait at an inherited socket: the most that systemd asks for (`Backlog=`). Node's own 511 would take
 * the place of what the unit says, and whoever comes during a restart waits here.
 */
const inheritedBacklog = 4096;

/** One port: TCP, TLS and Node's HTTP parser. What comes of it is given to `handle`. */
export class Listener {
  readonly #server: Server;
  readonly #options: ListenerOptions;
  readonly #open = new Set<Socket>();
  /** Those of them that carry requests, after TLS. */
  readonly #serving = new Set<Socket>();
  readonly #stalledClients: StalledClients;
  /** Those that Node's parser reads. */
  readonly #parsed = new WeakMap<Socket, ParsedConnection>();
  /** Where Node's parser takes a connection, after TLS. */
  readonly #parserEvent: 'connection' | 'secureConnection';
  readonly #parserListeners: readonly ((socket: Socket) => void)[];
  #draining = false;
  /** Connections so far. */
  #accepted = 0;
  #tls: { readonly settings: TlsSettings; readonly terminator: TlsTerminator } | null = null;

  constructor(options: ListenerOptions) {
    this.#options = options;
    const settings = {
      maxHeaderSize: options.maxHead,
      keepAliveTimeout: options.keepAlive,
      // What a head may take is counted from before Node has the connection.
      headersTimeout: 0,
      requestTimeout: 0,
      // A websocket may be silent for ever; a client that lost its power must not be taken for one.
      keepAlive: true,
      keepAliveInitialDelay: 60_000,
      // Node's own refusal has no body and no line in the log: `readRequestHead` refuses it.
      requireHostHeader: false,
    };
    this.#server = options.tls ? https.createServer(settings) : http.createServer(settings);
    // The count of fields is judged with the request: to drop some silently would change its meaning.
    this.#server.maxHeadersCount = 0;
    if (options.tls) this.#terminateTls(options.tls);
    this.#stalledClients = new StalledClients(this.#serving, () => options.limits().sendTimeout, options.stalled);
    this.#parserEvent = options.tls ? 'secureConnection' : 'connection';
    this.#parserListeners = this.#server.listeners(this.#parserEvent) as ((socket: Socket) => void)[];
    this.#server.removeAllListeners(this.#parserEvent);
    // The bare connection comes first: a TLS handshake that never ends has to be cut off too.
    this.#server.on('connection', (socket: Socket) => this.#connected(socket));
    this.#server.on(this.#parserEvent, (socket: Socket) => this.#serve(socket));
    for (const event of ['request', 'checkContinue', 'checkExpectation']) {
      this.#server.on(event, (req: IncomingMessage, res: ServerResponse) => this.#request(req, res));
    }
    this.#server.on('upgrade', (req: IncomingMessage, socket: Socket, head: Buffer) =>
      this.#upgrade(req, socket, head),
    );
    this.#server.on('connect', (req: IncomingMessage, socket: Socket) => {
      req.on('error', () => undefined);
      this.#reject(socket, new ProxyError('METHOD_NOT_ALLOWED'));
    });
    this.#server.on('clientError', (error: NodeJS.ErrnoException, socket: Duplex) => {
      if (socket instanceof Socket) this.#parserGaveUp(error, socket);
      else socket.destroy();
    });
  }

  /** Takes connections from Node's server before its own handshake, for which it would have one set of settings for ever. */
  #terminateTls(settings: TlsSettings): void {
    const { challengeContext } = this.#options;
    this.setTls(settings);
    const answerAcme = acmeTlsAnswerer(async (name) => (await challengeContext()?.(name)) ?? null, handshakeTimeout);
    this.#server.removeAllListeners('connection');
    this.#server.on('connection', (socket: Socket) =>
      openConnection(
        socket,
        () => this.#tls?.terminator.accept(socket),
        challengeContext() ? { wanted: isAcmeTls, answer: answerAcme } : null,
      ),
    );
  }

  /** @throws what `listen` throws: EADDRINUSE, EACCES, EADDRNOTAVAIL; for a descriptor EINVAL, EBADF, ERR_INVALID_FD_TYPE */
  async listen(): Promise<AddressInfo> {
    const { place } = this.#options;
    await new Promise<void>((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen({ ...place, ...('fd' in place && { backlog: inheritedBacklog }) }, () => {
        this.#server.off('error', reject);
        // Accepting can fail for want of descriptors; those who are connected go on.
        this.#server.on('error', () => undefined);
        resolve();
      });
    });
    this.#stalledClients.start();
    const address = this.#server.address();
    if (typeof address !== 'object' || address === null) {
      this.#server.close();
      throw Object.assign(new Error('not a TCP socket'), { code: 'ERR_INVALID_FD_TYPE' });
    }
    if (this.#tls) this.#options.ticketKeys.start(() => this.#tls && this.setTls(this.#tls.settings));
    return address;
  }

  /** Connections from now on are made with these; those that are open keep theirs. Throws when they cannot be used. */
  setTls(settings: TlsSettings): void {
    const secured = (socket: Socket) => void this.#server.emit('secureConnection', socket);
    const terminator = new TlsTerminator(settings, this.#options.ticketKeys.current, handshakeTimeout, secured);
    this.#tls = { settings, terminator };
  }

  /** What TLS is made with; null for plain HTTP. */
  get tls(): TlsSettings | null {
    return this.#tls?.settings ?? null;
  }

  /** How many connections are open. */
  get connections(): number {
    return this.#open.size;
  }

  /** From now on each answer is the last of its connection. */
  windDown(): void {
    this.#draining = true;
    this.#options.relay?.windDown();
  }

  /** Stops accepting, lets requests end, and cuts off what is left after `deadline` ms. Returns how many that were. */
  async close(deadline: number): Promise<number> {
    this.windDown();
    await acceptWaiting(() => this.#accepted);
    if (this.#tls) this.#options.ticketKeys.stop();
    this.#options.relay?.drain();
    const cut = await drain(this.#server, this.#open, deadline);
    this.#stalledClients.stop();
    return cut;
  }

  #connected(socket: Socket): void {
    if (this.#open.has(socket)) return;
    this.#accepted++;
    socket.on('error', () => undefined);
    if (!this.#options.admit(socket)) return;
    this.#open.add(socket);
    socket.once('close', () => this.#open.delete(socket));
  }

  #serve(socket: Socket): void {
    const { relay } = this.#options;
    if (socket.destroyed) return;
    this.#serving.add(socket);
    socket.once('close', () => this.#serving.delete(socket));
    const fresh = { begun: 0, headLeft: this.#options.headTimeout };
    if (!relay) {
      this.#parse(socket, Buffer.alloc(0), fresh);
      return;
    }
    relay.serve(socket, {
      handOver: (bytes, past) => this.#parse(socket, bytes, past),
      openInner: (outer, isLast) => this.#openInner(new InnerSocket(socket, outer, isLast)),
      tooSlow: () => this.#reject(socket, new ProxyError('REQUEST_TIMEOUT')),
    });
  }

  /**
   * Gives a connection to Node's parser.
   * @param bytes what has been read of it
   */
  #parse(socket: Socket, bytes: Buffer, past: ConnectionPast): void {
    const { maxHead, headTimeout } = this.#options;
    const connection = new ParsedConnection(socket, {
      attach: () => {
        for (const listen of this.#parserListeners) listen.call(this.#server, socket);
      },
      past,
      first: bytes,
      maxHead,
      headTimeout,
      refused: (error) => this.#reject(socket, error === 'too slow' ? new ProxyError('REQUEST_TIMEOUT') : error),
    });
    this.#parsed.set(socket, connection);
  }

  #openInner(inner: InnerSocket): InnerSocket {
    for (const listen of this.#parserListeners) listen.call(this.#server, inner as unknown as Socket);
    return inner;
  }

  #request(req: IncomingMessage, res: ServerResponse): void {
    req.on('error', () => undefined);
    res.on('error', () => undefined);
    const isLast = isInner(req.socket) ? req.socket.isLast : this.#beginParsed(req, res);
    if (isLast === null) {
      // Nothing that follows from this is beyond doubt.
      req.socket.destroy();
      return;
    }
    if (this.#draining || isLast) res.shouldKeepAlive = false;
    this.#options.handle(req, res, null);
  }

  /** @returns whether it is the last request of its connection; null where the one before it has not ended */
  #beginParsed(req: IncomingMessage, res: ServerResponse): boolean | null {
    const connection = this.#parsed.get(req.socket);
    if (!connection?.begin(req, res)) return null;
    return connection.begun >= this.#options.limits().requestsPerConnection;
  }

  #upgrade(req: IncomingMessage, socket: Socket, head: Buffer): void {
    req.on('error', () => undefined);
    const connection = this.#parsed.get(socket);
    const first = connection ? Buffer.concat([head, connection.release()]) : head;
    if (!isWebsocketUpgrade(req)) {
      // Upgrade may be ignored (RFC 9110 §7.8), as by a client that tries h2c: the same request, without it.
      const past = { begun: connection?.begun ?? 0, headLeft: this.#options.headTimeout };
      this.#parse(socket, Buffer.concat([withoutUpgrade(req), first]), past);
      return;
    }
    const pending = new PendingUpgrade(req, socket, first);
    pending.response.on('error', () => undefined);
    this.#options.handle(req, pending.response, pending);
  }

  #parserGaveUp(error: NodeJS.ErrnoException, socket: Socket): void {
    // It has been told all that it is told: Node's parser only sees how it ends.
    if (isLingering(socket)) return;
    const failure = parserFailure(error);
    const connection = this.#parsed.get(socket);
    const answer = connection?.answer ?? null;
    const left = answer !== null && error.code === 'HPE_INVALID_EOF_STATE';
    if (!failure || left || !socket.writable) socket.destroy();
    else if (!connection || (answer === null && connection.isWhole)) this.#reject(socket, failure);
    else if (answer === null || answer.writableEnded) {
      // It has been answered, or refused for what its head says: a second answer would be taken for another request's.
      if (answer) connection.endAfter(answer);
      else this.#close(socket);
    } else if (answer.headersSent) socket.destroy();
    else {
      // The body of the request under way is malformed.
      connection.stop();
      const id = this.#options.broken(answer, failure);
      if (id !== null) this.#answerRaw(socket, failure, id);
    }
  }

  #reject(socket: Socket, error: ProxyError): void {
    this.#answerRaw(socket, error, this.#options.rejected(socket, error));
  }

  #answerRaw(socket: Socket, error: ProxyError, id: string): void {
    this.#close(socket, rawAnswer(error, id, this.#options.explain(error, id, asksForHtml(error))));
  }

  /** Ends a connection that carries no request any more. */
  #close(socket: Socket, last = ''): void {
    this.#parsed.get(socket)?.release();
    closeLingering(socket, last);
  }
}
