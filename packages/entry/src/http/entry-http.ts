/**
 * Entry's HTTP: each route under its policy, every request within limits, every failure a document of the closed set. A route without a policy, or a
 * change without a key, does not start.
 */
import type { AddressInfo } from "node:net";
import { type Prefix, parseIpAddress, prefixContains } from "@ropewalk/kernel/addresses";
import type { Clock } from "@ropewalk/kernel/clock";
import { describeError, InternalError } from "@ropewalk/kernel/errors";
import { type NetworkPrefix, networkPrefixOf } from "@ropewalk/kernel/network-prefix";
import { PrefixRates } from "@ropewalk/kernel/prefix-rates";
import type { Millis } from "@ropewalk/kernel/units";
import type { Log } from "@ropewalk/ops/log";
import Fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from "fastify";
import helmet from "helmet";
import { EntryError } from "../errors.ts";
import { problemFor, sendProblem } from "./answer-failure.ts";
import { answerRoute, type ReadBody, sendAnswer } from "./answer-route.ts";
import { AnswersUnderWay } from "./answers-under-way.ts";
import type { ChangeAnswers } from "./change-answers.ts";
import { type HttpLimits, mostRates, usualHttpLimits } from "./http-limits.ts";
import type { HttpMetrics } from "./http-metrics.ts";
import { type HttpCertificate, type HttpServer, makeServer, replaceCertificate } from "./make-server.ts";
import { type Authority, type Caller, callerOf, type Policy, policies } from "./policy.ts";
import { ProblemError } from "./problem-error.ts";
import type { Route } from "./route.ts";

declare module "fastify" {
  interface FastifyContextConfig {
    readonly policy?: Policy;
    readonly operation?: string;
  }
  interface FastifyRequest {
    caller: Caller | undefined;
    startedAt: number;
  }
}

export interface EntryHttpDeps {
  readonly clock: Clock;
  readonly log: Pick<Log, "error" | "warn">;
  readonly authority: Authority;
  readonly changes: ChangeAnswers;
  readonly metrics: HttpMetrics;
}

export interface EntryHttpOptions {
  /** They are believed what they say of whom they ask for. */
  readonly trustedProxies: readonly Prefix[];
  readonly limits?: Partial<HttpLimits>;
  /** Undefined: plain HTTP. */
  readonly certificate: HttpCertificate | undefined;
  /** Only those proxies are answered at all: what listens plainly beyond loopback. */
  readonly proxiesOnly: boolean;
}

export class EntryHttp implements AsyncDisposable {
  readonly #app: FastifyInstance;
  readonly #deps: EntryHttpDeps;
  readonly #options: EntryHttpOptions;
  readonly #limits: HttpLimits;
  readonly #answers = new AnswersUnderWay();
  readonly #networks: PrefixRates;
  readonly #customers: PrefixRates;
  #server: HttpServer | undefined;
  #underWay = 0;
  #isClosing = false;

  /** Throws InternalError for a route that may not start. */
  static async create(routes: readonly Route[], deps: EntryHttpDeps, options: EntryHttpOptions): Promise<EntryHttp> {
    const http = new EntryHttp(deps, options);
    await http.#register(routes);
    return http;
  }

  private constructor(deps: EntryHttpDeps, options: EntryHttpOptions) {
    this.#deps = deps;
    this.#options = options;
    const limits = { ...usualHttpLimits, ...options.limits };
    this.#limits = limits;
    this.#networks = new PrefixRates({
      perSecond: limits.networkRate,
      burst: limits.networkBurst,
      prefixes: mostRates,
    });
    this.#customers = new PrefixRates({
      perSecond: limits.customerRate,
      burst: limits.customerBurst,
      prefixes: mostRates,
    });
    this.#app = Fastify({
      serverFactory: (handler) => {
        this.#server = makeServer(handler, limits, options.certificate);
        return this.#server;
      },
      bodyLimit: limits.body,
      trustProxy: (address) => isAmong(options.trustedProxies, address),
      requestIdHeader: false,
      exposeHeadRoutes: false,
      frameworkErrors: (error, _request, reply) => void this.#refuse(error, reply as FastifyReply),
    }) as FastifyInstance;
  }

  /** Throws EntryError, ENTRY_LISTEN. */
  async listen(where: { readonly host: string; readonly port: number }): Promise<{ readonly port: number }> {
    try {
      await this.#app.listen(where);
    } catch (error) {
      const place = `${where.host}:${where.port}`;
      throw new EntryError("ENTRY_LISTEN", `cannot listen on ${place}: ${describeError(error)}`, { cause: error });
    }
    return { port: (this.#app.server.address() as AddressInfo).port };
  }

  /** Requests that are being answered. */
  get underWay(): number {
    return this.#underWay;
  }

  /** Connections that are there go on with what they began with. Throws where key and certificate do not belong together. */
  replaceCertificate(certificate: HttpCertificate): void {
    if (this.#server !== undefined) replaceCertificate(this.#server, certificate);
  }

  /** Takes no new connection, lets requests end for `grace`, then closes what is left. */
  async close(grace: Millis): Promise<void> {
    this.#isClosing = true;
    using _limit = this.#deps.clock.after("close of entry's HTTP", grace, () => {
      this.#answers.stop(new ProblemError("unavailable", "entry stops: ask another, or later", { retryAfter: 1 }));
      this.#server?.closeAllConnections();
    });
    await this.#app.close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server?.closeAllConnections();
    await this.#app.close();
  }

  async #register(routes: readonly Route[]): Promise<void> {
    const app = this.#app;
    const protect = helmet({
      contentSecurityPolicy: { useDefaults: false, directives: { defaultSrc: ["'none'"], frameAncestors: ["'none'"] } },
      strictTransportSecurity: this.#options.certificate !== undefined,
    });
    app.decorateRequest("caller", undefined);
    app.decorateRequest("startedAt", 0);
    app.removeAllContentTypeParsers();
    app.addContentTypeParser(
      "application/json",
      { parseAs: "buffer" },
      async (_request: FastifyRequest, octets: string | Uint8Array) => readBody(octets as Uint8Array),
    );
    app.setValidatorCompiler(() => () => true);
    app.setErrorHandler((error, _request, reply) => this.#refuse(error, reply));
    app.setNotFoundHandler((_request, reply) =>
      sendProblem(reply, new ProblemError("not-found", "there is nothing at this address, or not with this method")),
    );
    app.addHook("onRoute", ({ config, method, url }) => demandPolicy(config?.policy, `${method} ${url}`));
    app.addHook("onRequest", (request, reply, done) => protect(request.raw, reply.raw, () => done()));
    app.addHook("onRequest", (request, reply) => this.#admit(request, reply));
    for (const route of routes) this.#serve(route);
    await app.ready();
  }

  #serve(route: Route): void {
    const { clock, changes } = this.#deps;
    const deps = { clock, changes, answerWithin: this.#limits.answerWithin, underWay: this.#answers };
    this.#app.route({
      method: route.method,
      url: route.path.replaceAll(/\{(\w+)\}/g, ":$1"),
      config: { policy: route.policy, operation: route.operation },
      handler: async (request, reply) => {
        if (request.caller === undefined) throw new InternalError("a request was not looked at by its policy");
        if (route.kind === "document") {
          const { contentType, body } = await route.answer();
          return reply.type(contentType).send(body);
        }
        return sendAnswer(reply, await answerRoute(route, request, request.caller, deps));
      },
    });
  }

  /** In this order: what costs least first. */
  async #admit(request: FastifyRequest, reply: FastifyReply): Promise<void> {
    const { clock, authority } = this.#deps;
    request.startedAt = clock.now();
    this.#underWay += 1;
    reply.header("cache-control", "no-store");
    this.#watchReader(reply);
    reply.raw.once("close", () => this.#finish(request, reply));
    if (this.#options.proxiesOnly && !isAmong(this.#options.trustedProxies, request.socket.remoteAddress))
      throw new ProblemError("forbidden", "entry is asked through its proxy here");
    if (this.#underWay > this.#limits.underWay)
      throw new ProblemError("unavailable", "too much is asked", { retryAfter: 1 });
    this.#demandRate(this.#networks, networkPrefixOf(request.ip));
    const { policy } = request.routeOptions.config;
    // Undefined where there is no such route.
    if (policy === undefined) return;
    request.caller = await callerOf(policy, request, authority);
    if (request.caller.kind === "customer")
      this.#demandRate(this.#customers, request.caller.customer as unknown as NetworkPrefix);
  }

  #demandRate(rates: PrefixRates, of: NetworkPrefix): void {
    if (!rates.take(this.#deps.clock.now(), of))
      throw new ProblemError("too-many-requests", "ask more slowly", { retryAfter: 1 });
  }

  /** Who takes his answer octet by octet would never be idle: all of it has one deadline. */
  #watchReader(reply: FastifyReply): void {
    const within = (this.#limits.requestWithin + this.#limits.answerWithin + this.#limits.requestWithin) as Millis;
    const limit = this.#deps.clock.after("reader of an answer", within, () => reply.raw.destroy());
    reply.raw.once("close", () => limit[Symbol.dispose]());
  }

  #finish(request: FastifyRequest, reply: FastifyReply): void {
    this.#underWay -= 1;
    // Nothing more is to come by it, and a server that closes waits for every connection.
    if (this.#isClosing) request.raw.socket.destroySoon();
    const operation = request.routeOptions.config.operation ?? "none";
    this.#deps.metrics.answered(operation, reply.statusCode, this.#deps.clock.now() - request.startedAt);
  }

  #refuse(error: unknown, reply: FastifyReply): FastifyReply {
    const onDefect = (defect: unknown) => this.#deps.log.error({ error: defect }, "a request failed by a defect");
    return sendProblem(reply, problemFor(error, onDefect));
  }
}

/** `address` as a socket or a proxy tells it, perhaps with a zone or as IPv4 within IPv6. */
function isAmong(networks: readonly Prefix[], address = ""): boolean {
  const read = parseIpAddress(address.replace(/^::ffff:(?=\d+\.)/i, "").replace(/%.*$/, ""));
  return read !== undefined && networks.some((network) => prefixContains(network, read));
}

function demandPolicy(policy: Policy | undefined, route: string): void {
  if (policy !== undefined && policies.includes(policy)) return;
  throw new InternalError(`the route ${route} says of nobody that he may ask it`);
}

function readBody(octets: Uint8Array): ReadBody | undefined {
  if (octets.length === 0) return undefined;
  try {
    return { octets, value: JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(octets)) };
  } catch {
    throw new ProblemError("bad-request", "the body is no JSON");
  }
}
