/** What a single probe stands on while it runs, and what it comes back with. */
import type { PathSockets } from "@ropewalk/host/ports";
import type { Clock } from "@ropewalk/kernel/clock";
import type { PathBinding } from "@ropewalk/kernel/connectivity";
import type { Millis } from "@ropewalk/kernel/units";
import type { ProbePath, ProbeResult, ProbeTraffic } from "../../pure/health/probe.ts";

export interface ProbeGround {
  readonly binding: PathBinding;
  readonly sockets: PathSockets;
  readonly clock: Clock;
  /** 0…1. */
  readonly chance: () => number;
  readonly limit: Millis;
  /** Aborts when the limit has passed, or when nobody waits for the probe any more: then it must end at once. */
  readonly signal: AbortSignal;
}

export interface ProbeFinding {
  readonly result: ProbeResult;
  readonly traffic: ProbeTraffic;
}

/** Sockets use neither verdict nor price of the path. */
export function bindingOf(path: ProbePath): PathBinding {
  return { ...path, metered: null, state: "unknown", score: null };
}

/** Whether a socket opened on one is right for the other. Its MTU does not make another path. */
export function isSamePath(one: ProbePath, other: ProbePath): boolean {
  return (
    one === other ||
    (one.uplinkId === other.uplinkId &&
      one.family === other.family &&
      one.ifindex === other.ifindex &&
      one.name === other.name &&
      one.source === other.source &&
      one.gateway === other.gateway &&
      one.mark === other.mark)
  );
}

/** Calls `act` when the signal aborts; now, when it has. */
export function whenAborted(signal: AbortSignal, act: () => void): void {
  if (signal.aborted) act();
  else signal.addEventListener("abort", act, { once: true });
}

/** `bits` at most 32. */
export function drawInteger(chance: () => number, bits: number): number {
  const values = 2 ** bits;
  return Math.min(values - 1, Math.floor(chance() * values));
}
