/**
 * From a request of the peer's to a connection with its target: who may, where it goes, and how many at a time. One deadline holds for
 * all of it, and a connection goes to the very address that was judged: a name is looked up once.
 */

import type { TcpConnection } from "@ropewalk/host/tcp";
import type { IpAddress } from "@ropewalk/kernel/addresses";
import { describeError } from "@ropewalk/kernel/errors";
import type { Millis } from "@ropewalk/kernel/units";
import {
  authorizeOpen,
  describeRefused,
  judgeAddresses,
  type TargetRules,
  type TargetWay,
} from "../pure/authorize-open.ts";
import { ConnectionCounts } from "../pure/connection-counts.ts";
import { describeOpenRequest, type OpenRequest } from "../pure/open-request.ts";
import type { Service, ServiceName } from "../pure/services.ts";
import type { ResetReason } from "../pure/wire/reset-reason.ts";
import { abortedBy, type ConnectDeps, type ConnectOutcome, connectFirst, DeadlinePassed } from "./connect-first.ts";
import type { LookUp } from "./target-names.ts";

export interface ConnectorRules extends TargetRules {
  readonly connectWithin: Millis;
}

/** Whose request it is. */
export interface Opener {
  readonly session: string;
  /** How many connections the session may have; those that are being made count. */
  readonly maxConnections: number;
}

export type TargetRefusal = Extract<
  ResetReason,
  "aborted" | "refused" | "timed-out" | "unreachable" | "not-allowed" | "unknown-service" | "too-many" | "broken"
>;

export type TargetOutcome =
  /** `place` is disposed of by the owner of the connection when that is over. */
  | {
      readonly kind: "connected";
      readonly connection: TcpConnection;
      readonly service: ServiceName | undefined;
      readonly place: Disposable;
    }
  /** `detail` is for this end's log; the peer is told the reason alone. */
  | { readonly kind: "failed"; readonly reason: TargetRefusal; readonly detail: string };

export interface ConnectorDeps extends ConnectDeps {
  readonly lookUp: LookUp;
}

export class TargetConnector {
  readonly #deps: ConnectorDeps;
  readonly #ofServices = new ConnectionCounts<ServiceName>();
  readonly #ofSessions = new ConnectionCounts<string>();
  readonly #outcomes = new Map<TargetOutcome["kind"] | TargetRefusal, number>();
  #rules: ConnectorRules;

  constructor(deps: ConnectorDeps, rules: ConnectorRules) {
    this.#deps = deps;
    this.#rules = rules;
  }

  /** From the next request on; what is connected stays. */
  use(rules: ConnectorRules): void {
    this.#rules = rules;
  }

  /** Connections of each service that there is, or that still has some. */
  get services(): ReadonlyMap<ServiceName, { readonly open: number; readonly most: number }> {
    const entries = this.#rules.services.map(({ name, maxConnections }) => {
      return [name, { open: this.#ofServices.of(name), most: maxConnections }] as const;
    });
    return new Map(entries);
  }

  /** Of all services and targets, those that are being made too. */
  get open(): number {
    return this.#ofSessions.total;
  }

  /** What came of requests since the start. */
  get outcomes(): ReadonlyMap<TargetOutcome["kind"] | TargetRefusal, number> {
    return this.#outcomes;
  }

  /** Never rejects. When `signal` aborts the outcome is `aborted`, and nothing is left. */
  async connect(request: OpenRequest, opener: Opener, signal: AbortSignal): Promise<TargetOutcome> {
    const outcome = await this.#connect(request, opener, signal);
    const what = outcome.kind === "connected" ? outcome.kind : outcome.reason;
    this.#outcomes.set(what, (this.#outcomes.get(what) ?? 0) + 1);
    return outcome;
  }

  async #connect(request: OpenRequest, opener: Opener, signal: AbortSignal): Promise<TargetOutcome> {
    const verdict = authorizeOpen(request, this.#rules);
    if (verdict.kind === "refused") return { ...verdict, kind: "failed" };
    const place = this.#take(opener, verdict.service);
    if (place === undefined) {
      const detail = `${describeOpenRequest(request)}: all connections are taken`;
      return { kind: "failed", reason: "too-many", detail };
    }
    try {
      const outcome = await this.#reach(verdict.way, signal);
      if (outcome.kind === "failed") place[Symbol.dispose]();
      return outcome.kind === "failed" ? outcome : { ...outcome, service: verdict.service?.name, place };
    } catch (error) {
      place[Symbol.dispose]();
      throw error;
    }
  }

  #take({ session, maxConnections }: Opener, service: Service | undefined): Disposable | undefined {
    const ofSession = this.#ofSessions.take(session, maxConnections);
    if (ofSession === undefined || service === undefined) return ofSession;
    const ofService = this.#ofServices.take(service.name, service.maxConnections);
    if (ofService === undefined) {
      ofSession[Symbol.dispose]();
      return undefined;
    }
    return {
      [Symbol.dispose]: () => {
        ofService[Symbol.dispose]();
        ofSession[Symbol.dispose]();
      },
    };
  }

  async #reach(
    way: TargetWay,
    signal: AbortSignal,
  ): Promise<ConnectOutcome | Extract<TargetOutcome, { kind: "failed" }>> {
    const { connectWithin } = this.#rules;
    const limit = new AbortController();
    const abort = () => limit.abort(new Error("whoever asked for it has gone"));
    const timer = this.#deps.clock.after("connection to a target", connectWithin, () => {
      limit.abort(new DeadlinePassed(`no answer within ${connectWithin} ms`));
    });
    signal.addEventListener("abort", abort, { once: true });
    if (signal.aborted) abort();
    try {
      const addresses = way.kind === "addresses" ? way.addresses : await this.#lookUp(way, limit.signal);
      if ("kind" in addresses) return addresses;
      return await connectFirst(this.#deps, addresses, way.port, limit);
    } finally {
      timer[Symbol.dispose]();
      signal.removeEventListener("abort", abort);
    }
  }

  async #lookUp(
    { name, port, entries }: Extract<TargetWay, { kind: "look-up" }>,
    signal: AbortSignal,
  ): Promise<readonly IpAddress[] | Extract<TargetOutcome, { kind: "failed" }>> {
    let found: readonly IpAddress[];
    try {
      found = await untilAborted(this.#deps.lookUp(name), signal);
    } catch (error) {
      if (signal.aborted) return abortedBy(signal);
      return { kind: "failed", reason: "unreachable", detail: `cannot look ${name} up: ${describeError(error)}` };
    }
    const judged = judgeAddresses(found, entries);
    if (judged.length > 0) return judged;
    return { kind: "failed", reason: "not-allowed", detail: describeRefused(`${name}:${port}`, found) };
  }
}

/** Settles as `work` does, which goes on by itself when the signal comes first. */
function untilAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  const { promise, resolve, reject } = Promise.withResolvers<T>();
  const abort = () => reject(signal.reason);
  signal.addEventListener("abort", abort, { once: true });
  if (signal.aborted) abort();
  work.then(resolve, reject).finally(() => signal.removeEventListener("abort", abort));
  return promise;
}
