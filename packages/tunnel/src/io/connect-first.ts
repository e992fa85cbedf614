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

/** `signal` is that of all attempts together, the deadline's too; its reason says what of both it was. */
export function connectFirst(
  { tcp, clock }: ConnectDeps,
  addresses: readonly IpAddress[],
  port: number,
  signal: AbortSignal,
): Promise<ConnectOutcome> {
  const { promise, resolve } = Promise.withResolvers<ConnectOutcome>();
  const attempts = new AbortController();
  const failures: ConnectFailure[] = [];
  let started = 0;
  let timer: Timer | undefined;
  let isOver = false;

  const end = (outcome: ConnectOutcome) => {
    isOver = true;
    timer?.[Symbol.dispose]();
    signal.removeEventListener("abort", abort);
    attempts.abort();
    resolve(outcome);
  };
  const abort = () => {
    if (!isOver) end(failureOf(signal.reason));
  };
  const next = () => {
    timer?.[Symbol.dispose]();
    const address = addresses[started];
    if (address === undefined) return;
    started += 1;
    if (started < addresses.length) timer = clock.after("next address of a target", nextAfter, next);
    tcp.connect({ address, port }, { signal: attempts.signal }).then(
      (connection) => {
        if (isOver) connection.reset();
        else end({ kind: "connected", connection });
      },
      (error: unknown) => {
        if (isOver) return;
        failures.push(failureOf(error));
        if (failures.length === addresses.length) end(worstOf(failures));
        else next();
      },
    );
  };

  signal.addEventListener("abort", abort, { once: true });
  if (signal.aborted) abort();
  else next();
  return promise;
}

/** What the kernel's refusal means for whoever asked. */
export function failureOf(error: unknown): ConnectFailure {
  return { kind: "failed", reason: reasonOf(error), detail: describeError(error) };
}

/** Given as the reason of an abort, it says that time was up. */
export class DeadlinePassed extends Error {}

function reasonOf(error: unknown): ConnectFailure["reason"] {
  if (error instanceof DeadlinePassed) return "timed-out";
  const errno = error instanceof Error && "errno" in error ? error.errno : undefined;
  if (typeof errno !== "number") return "aborted";
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
  const order: readonly ConnectFailure["reason"][] = ["broken", "refused", "timed-out", "unreachable", "aborted"];
  const [first] = failures.toSorted((one, other) => order.indexOf(one.reason) - order.indexOf(other.reason));
  const detail = failures.map((failure) => failure.detail).join("; ");
  return { kind: "failed", reason: first?.reason ?? "unreachable", detail };
}
