/**
 * An HTTP server that no client can hold up: every phase of a request has a deadline, every size a bound, and on
 * loopback only programs of this machine are answered. What it answers is its handler's business.
 */
import type { IncomingMessage, Server, ServerResponse } from "node:http";
import type { ListenOptions, Socket } from "node:net";
import { type Clock, type Timer, withDeadline } from "@ropewalk/kernel/clock";
import { describeError } from "@ropewalk/kernel/errors";
import { type Bytes, kibibytes, type Millis, seconds } from "@ropewalk/kernel/units";
import { OpsError } from "./errors.ts";
import { createServer } from "./node-http.ts";
import { type GuardAnswer, guardLoopback } from "./pure/loopback-guard.ts";

export interface ServerLimits {
  /** From the start of the connection, or of a further request on it, to the end of the headers. */
  readonly headers: Millis;
  /** From there to the end of the whole request. */
  readonly request: Millis;
  /** From the end of the headers until the client has taken the whole answer; streams are exempt. */
  readonly response: Millis;
  readonly keepAlive: Millis;
  readonly headerSize: Bytes;
  readonly bodySize: Bytes;
  readonly connections: number;
}

export const defaultServerLimits: ServerLimits = {
  headers: seconds(5),
  request: seconds(10),
  response: seconds(15),
  keepAlive: seconds(5),
  headerSize: kibibytes(8),
  bodySize: kibibytes(64),
  connections: 64,
};

/** What a handler may say about its exchange besides the answer. */
export interface Exchange {
  /** The answer is a stream: it has no end, and so no deadline. Its writer bounds what waits. */
  readonly asStream: () => void;
}

export type RequestHandler = (request: IncomingMessage, response: ServerResponse, exchange: Exchange) => void;

export interface GuardedServerOptions {
  readonly handler: RequestHandler;
  readonly clock: Clock;
  /** "loopback" checks Host and Origin; "none" is for Unix sockets, where the kernel says who is calling. */
  readonly guard: "loopback" | "none";
  readonly limits?: Partial<ServerLimits>;
  /** Told what the handler threw, which it never should. */
  readonly onDefect: (error: unknown) => void;
  /** How the server's own refusals are written; `{ "error": REASON }` without it. */
  readonly describeRefusal?: (refusal: Refusal) => RefusalDocument;
}

export interface RefusedCounts {
  /** By the check of Host and Origin. */
  readonly foreign: number;
  /** Because the body was too large or of unknown size. */
  readonly body: number;
  /** Because there were as many connections as there may be. */
  readonly connections: number;
  /** Cut off because the client did not take the answer. */
  readonly unread: number;
}

export class GuardedServer implements AsyncDisposable {
  readonly #options: GuardedServerOptions;
  readonly #limits: ServerLimits;
  readonly #server: Server;
  readonly #refused = { foreign: 0, body: 0, connections: 0, unread: 0 };
  /** Connections on which no request is being answered. Node's own notion of idle leaves out those that never asked. */
  readonly #idle = new Set<Socket>();
  #isClosing = false;

  constructor(options: GuardedServerOptions) {
    this.#options = options;
    this.#limits = { ...defaultServerLimits, ...options.limits };
    this.#server = createServer(nodeLimits(this.#limits), (request, response) => this.#serve(request, response));
    this.#server.maxConnections = this.#limits.connections;
    this.#server.on("drop", () => {
      this.#refused.connections += 1;
    });
    this.#server.on("connection", (socket: Socket) => {
      this.#idle.add(socket);
      socket.once("close", () => this.#idle.delete(socket));
    });
  }

  get refused(): RefusedCounts {
    return { ...this.#refused };
  }

  /** Listens; throws OPS_LISTEN when the place is taken or may not be used. The port that the system chose is in the answer. */
  async listen(where: ListenOptions): Promise<{ readonly port: number | undefined }> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    this.#server.once("error", reject);
    this.#server.listen(where, resolve);
    try {
      await promise;
    } catch (error) {
      const place = where.path ?? `${where.host ?? "*"}:${where.port ?? 0}`;
      throw new OpsError("OPS_LISTEN", `cannot listen on ${place}: ${describeError(error)}`, { cause: error });
    } finally {
      this.#server.off("error", reject);
    }
    // A failure to accept (no descriptors left) concerns one connection; the server goes on.
    this.#server.on("error", () => {});
    const address = this.#server.address();
    return { port: typeof address === "object" && address !== null ? address.port : undefined };
  }

  /** Takes no new connection, lets requests end for `grace`, then closes what is left. */
  async close(grace: Millis): Promise<void> {
    if (!this.#server.listening) return;
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    this.#isClosing = true;
    for (const socket of this.#idle) socket.destroy();
    const overrun = () => new Error("connections were still open");
    await withDeadline(this.#options.clock, "close of an HTTP server", grace, closed, overrun).catch(() => {
      this.#server.closeAllConnections();
    });
    await closed;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close(seconds(0));
  }

  #serve(request: IncomingMessage, response: ServerResponse): void {
    response.on("error", () => {});
    this.#trackIdleness(request.socket, response);
    const refusal = this.#refusal(request);
    const deadline = this.#startDeadline(response);
    if (refusal !== undefined) {
      this.#refuse(response, refusal);
      return;
    }
    try {
      this.#options.handler(request, response, { asStream: () => deadline[Symbol.dispose]() });
    } catch (error) {
      this.#options.onDefect(error);
      if (response.headersSent) response.destroy();
      else this.#refuse(response, { status: 500, reason: "a defect in Ropewalk; its log says more" });
    }
  }

  #refuse(response: ServerResponse, refusal: Refusal): void {
    refuse(response, refusal.status, (this.#options.describeRefusal ?? plainRefusal)(refusal));
  }

  #trackIdleness(socket: Socket, response: ServerResponse): void {
    this.#idle.delete(socket);
    response.once("close", () => {
      if (this.#isClosing) socket.destroySoon();
      else if (!socket.destroyed) this.#idle.add(socket);
    });
  }

  #refusal(request: IncomingMessage): Refusal | undefined {
    if (!request.url?.startsWith("/")) return { status: 400, reason: "the target must be a path" };
    const guard = this.#guard(request);
    if (guard.kind === "refused") {
      this.#refused.foreign += 1;
      return { status: 403, reason: guard.reason };
    }
    const bodyRefusal = bodyFault(request, this.#limits.bodySize);
    if (bodyRefusal !== undefined) this.#refused.body += 1;
    return bodyRefusal;
  }

  #guard(request: IncomingMessage): GuardAnswer {
    if (this.#options.guard === "none") return { kind: "allowed" };
    return guardLoopback(request.headersDistinct["host"] ?? [], request.headersDistinct["origin"] ?? []);
  }

  /** A client that takes its answer octet by octet would never be idle: the whole answer has one deadline. */
  #startDeadline(response: ServerResponse): Timer {
    const timer = this.#options.clock.after("HTTP response", this.#limits.response, () => {
      this.#refused.unread += 1;
      response.destroy();
    });
    response.once("close", () => timer[Symbol.dispose]());
    return timer;
  }
}

/** What the server itself says no to, and why. */
export interface Refusal {
  readonly status: 400 | 403 | 411 | 413 | 500;
  readonly reason: string;
}

export interface RefusalDocument {
  readonly contentType: string;
  readonly body: string;
}

function plainRefusal({ reason }: Refusal): RefusalDocument {
  return { contentType: "application/json; charset=utf-8", body: `${JSON.stringify({ error: reason })}\n` };
}

function nodeLimits(limits: ServerLimits) {
  return {
    headersTimeout: limits.headers,
    requestTimeout: limits.request,
    keepAliveTimeout: limits.keepAlive,
    maxHeaderSize: limits.headerSize,
    // How often Node looks for requests past their deadline; its default of 30 s would make the limits above meaningless.
    connectionsCheckingInterval: Math.ceil(Math.min(limits.headers, limits.request) / 4),
    insecureHTTPParser: false,
    noDelay: true,
  } as const;
}

/** A body must say its length beforehand (411 is RFC 9110 §15.5.12), so that its bound needs no counting. */
function bodyFault(request: IncomingMessage, limit: Bytes): Refusal | undefined {
  if (request.headers["transfer-encoding"] !== undefined)
    return { status: 411, reason: "a body needs a Content-Length" };
  const isTooLarge = Number(request.headers["content-length"] ?? 0) > limit;
  return isTooLarge ? { status: 413, reason: `a body may have at most ${limit} octets` } : undefined;
}

function refuse(response: ServerResponse, status: number, { contentType, body }: RefusalDocument): void {
  response.writeHead(status, {
    "Content-Type": contentType,
    "Content-Length": Buffer.byteLength(body),
    "Cache-Control": "no-store",
    // What the client still sends is not read.
    Connection: "close",
  });
  response.end(body);
}
