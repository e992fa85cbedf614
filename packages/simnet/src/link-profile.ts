/** How a link behaves in one direction. What is left out is not there: no jitter, no loss, no rate and so no queue. */
import type { BitsPerSecond, Bytes, Millis } from "@ropewalk/kernel/units";
import type { LossProfile } from "./loss.ts";

export interface LinkProfile {
  /** From the last bit leaving to its arrival. */
  readonly delay: Millis;
  readonly jitter?: Jitter;
  readonly rate?: BitsPerSecond;
  /** What may wait for the rate; 100 ms of it when left out. What comes when it is full is dropped. */
  readonly queue?: QueueLimit;
  readonly loss?: LossProfile;
  /** Largest packet; 1,500 octets when left out. A packet that need not stay whole passes in pieces, counted as one. */
  readonly mtu?: Bytes;
  /** Whether the sender of a packet too large is told (RFC 1191 "fragmentation needed"), or it vanishes. */
  readonly whenTooLarge?: "tell" | "vanish";
}

/** Delay on top of `delay`, drawn anew for each packet; never less than none. */
export interface Jitter {
  /** The mean of what is added. */
  readonly mean: Millis;
  /** `uniform`: up to twice the mean. `exponential`: mostly less and now and then far more. */
  readonly shape: "uniform" | "exponential";
  /** Whether a packet may overtake the one before, or waits for it. */
  readonly order: "kept" | "mixed";
}

export type QueueLimit =
  | { readonly kind: "time"; readonly limit: Millis }
  | { readonly kind: "bytes"; readonly limit: Bytes };
