/**
 * Connects to the first of several addresses that answers, in their order: the next is tried when one fails, or is silent for a while
 * (RFC 8305 §5), and whoever comes too late is closed. Nothing is left behind, however it ends.
 */
import { getSystemErrorName } from "node:util";
import type { Tcp, TcpConnection } from "@ropewalk/host/tcp";
import type { IpAddress } from "@ropewalk/kernel/addresses";
import type { Clock, Timer } from "@ropewalk/kernel/clock";
import { describeError } from "@ropewalk/kernel/errors";
import { type Millis, millis } from "@ropewalk/kernel/units";
import type { ResetReason } from "../pure/wire/reset-reason.ts";

export interface ConnectFailure {
  readonly kind: "failed";
  readonly reason: Extract<ResetReason, "refused" | "timed-out" | "unreachable" | "broken" | "aborted">;
  /** For this end's log. */
  readonly detail: string;
}

export type ConnectOutcome = { readonly kind: "connected"; readonly connection: TcpConnection } | ConnectFailure;

/** RFC 8305 §8: "Connection Attempt Delay". */
export const nextAfter: Millis = millis(250);

export interface ConnectDeps {
  readonly tcp: Pick<Tcp, "connect">;
  readonly clock: Clock;
}

/**
 * `limit` is of all attempts together: whoever aborts it ends them, and its reason says whether time was up. It is aborted here too, when
 * one attempt has won and others are on their way. Never rejects.
 */
export function connectFirst(
  deps: ConnectDeps,
  addresses: readonly IpAddress[],
  port: number,
  limit: AbortController,
): Promise<ConnectOutcome> {
  return new Attempts(deps, addresses, port, limit).outcome;
}

class Attempts {
  readonly #deps: ConnectDeps;
  readonly #addresses: readonly IpAddress[];
  readonly #port: number;
  readonly #limit: AbortController;
  readonly #settled = Promise.withResolvers<ConnectOutcome>();
  readonly #failures: ConnectFailure[] = [];
  #started = 0;
  #underway = 0;
  #patience: Timer | undefined;
  #isOver = false;

  constructor(deps: ConnectDeps, addresses: readonly IpAddress[], port: number, limit: AbortController) {
    this.#deps = deps;
    this.#addresses = addresses;
    this.#port = port;
    this.#limit = limit;
    // Before any attempt listens, so that it is over when they hear of it.
    limit.signal.addEventListener("abort", this.#abort, { once: true });
    if (limit.signal.aborted) this.#abort();
    else this.#next();
  }

  get outcome(): Promise<ConnectOutcome> {
    return this.#settled.promise;
  }

  readonly #abort = (): void => {
    if (!this.#isOver) this.#end(abortedBy(this.#limit.signal));
  };

  #next(): void {
    this.#patience?.[Symbol.dispose]();
    const address = this.#addresses[this.#started];
    if (address === undefined) return;
    this.#started += 1;
    this.#underway += 1;
    const { tcp, clock } = this.#deps;
    if (this.#started < this.#addresses.length) {
      this.#patience = clock.after("next address of a target", nextAfter, () => this.#next());
    }
    tcp.connect({ address, port: this.#port }, { signal: this.#limit.signal }).then(
      (connection) => this.#onConnected(connection),
      (error: unknown) => this.#onFailed(error),
    );
  }

  #onConnected(connection: TcpConnection): void {
    this.#underway -= 1;
    if (this.#isOver) connection.reset();
    else this.#end({ kind: "connected", connection });
  }

  #onFailed(error: unknown): void {
    this.#underway -= 1;
    if (this.#isOver) return;
    this.#failures.push(failureOf(error));
    if (this.#failures.length === this.#addresses.length) this.#end(worstOf(this.#failures));
    else this.#next();
  }

  #end(outcome: ConnectOutcome): void {
    this.#isOver = true;
    this.#patience?.[Symbol.dispose]();
    this.#limit.signal.removeEventListener("abort", this.#abort);
    // Not without need: it takes as long as all the rest of this.
    if (this.#underway > 0) this.#limit.abort();
    this.#settled.resolve(outcome);
  }
}

/** Given as the reason of an abort, it says that time was up; any other reason, that whoever asked has gone. */
export class DeadlinePassed extends Error {}

export function abortedBy({ reason }: AbortSignal): ConnectFailure {
  return {
    kind: "failed",
    reason: reason instanceof DeadlinePassed ? "timed-out" : "aborted",
    detail: describeError(reason),
  };
}

/** What the kernel's refusal means for whoever asked. */
export function failureOf(error: unknown): ConnectFailure {
  return { kind: "failed", reason: reasonOf(error), detail: describeError(error) };
}

function reasonOf(error: unknown): ConnectFailure["reason"] {
  const errno = error instanceof Error && "errno" in error ? error.errno : undefined;
  if (typeof errno !== "number") return "broken";
  switch (getSystemErrorName(-Math.abs(errno))) {
    case "ECONNREFUSED":
    case "ECONNRESET":
      return "refused";
    case "ETIMEDOUT":
      return "timed-out";
    case "EMFILE":
    case "ENFILE":
    case "ENOBUFS":
    case "ENOMEM":
      return "broken";
    default:
      return "unreachable";
  }
}

/** That of the address which came the furthest: one that answered tells more than one that did not. */
function worstOf(failures: readonly ConnectFailure[]): ConnectFailure {
  const order: readonly ConnectFailure["reason"][] = ["broken", "refused", "timed-out", "unreachable"];
  const [first] = failures.toSorted((one, other) => order.indexOf(one.reason) - order.indexOf(other.reason));
  const detail = failures.map((failure) => failure.detail).join("; ");
  return { kind: "failed", reason: first?.reason ?? "unreachable", detail };
}
