/** What a node knows of a placement: a row of its store. */
import type { Millis } from "@ropewalk/kernel/units";
import type { Generation, Peer, PlacementId } from "./order.ts";
import { isSamePresharedKey } from "./preshared-key.ts";

export interface Present {
  readonly kind: "present";
  readonly placement: PlacementId;
  readonly generation: Generation;
  readonly peer: Peer;
  /** By the node's clock, in the boot in which it was written. */
  readonly endsAt: Millis;
}

/** Kept so that an order to place that was sent before, and comes behind, is known to be the older. */
export interface Tombstone {
  readonly kind: "gone";
  readonly placement: PlacementId;
  readonly generation: Generation;
  readonly publicKey: string;
  readonly forgetAt: Millis;
}

export type Held = Present | Tombstone;

/** A peer of the device that was found when the store was lost: its placement is not known, the end of its lease is. */
export interface Stranger {
  readonly peer: Peer;
  readonly endsAt: Millis;
}

/** An address that somebody had: until then nobody else is given it. */
export interface Rest {
  readonly address: string;
  /** Who may have it back at once; undefined where that is not known. */
  readonly formerly: PlacementId | undefined;
  readonly until: Millis;
}

/** Whether its peer may send and receive. */
export function isLive({ endsAt }: Pick<Present, "endsAt">, now: Millis): boolean {
  return now < endsAt;
}

/** When nothing needs it any longer. */
export function overAt(held: Held): Millis {
  return held.kind === "present" ? held.endsAt : held.forgetAt;
}

export function isSamePeer(one: Peer, other: Peer): boolean {
  return (
    one.publicKey === other.publicKey &&
    one.addresses.length === other.addresses.length &&
    one.addresses.every((address) => other.addresses.includes(address)) &&
    isSamePresharedKey(one.presharedKey, other.presharedKey)
  );
}
