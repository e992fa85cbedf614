/**
 * What simulated packets carry: to the far end, what it answers; back here, what to do. The far end remembers nothing, so
 * that each probe's whole conversation is in one place.
 */
import type { Bytes, Millis } from "@ropewalk/kernel/units";

export interface Message {
  /** Octets of the packet, IP header included. */
  readonly size: Bytes;
  /** The DF bit. */
  readonly isWhole: boolean;
  /** What the far end sends back, in order. */
  readonly answers: readonly Message[];
  /** It has come back, at `at`: now, unless our process slept then. */
  arrive(at: Millis): void;
}

/** A packet that nobody answers: an acknowledgement, a reset. */
export function lastMessage(size: Bytes): Message {
  return { size, isWhole: false, answers: [], arrive: () => {} };
}
