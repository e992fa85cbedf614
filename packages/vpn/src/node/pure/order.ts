/**
 * What entry orders of a node: to place a peer, to remove one, or all that it wants of the node at once.
 * Source: docs/protocols/vpn-control.md.
 */
import type { SecretBytes } from "@ropewalk/kernel/secret-bytes";
import type { Branded, Millis } from "@ropewalk/kernel/units";

/** Never given twice: a placement that was removed does not come back. */
export type PlacementId = Branded<string, "PlacementId">;
/** Counted by entry for each node, in the order of its transactions: no two orders to a node have the same. */
export type Generation = Branded<number, "Generation">;

export interface Peer {
  /** 32 octets in base64. */
  readonly publicKey: string;
  /** One of each family that the node has a pool of. */
  readonly addresses: readonly string[];
  /** 32 octets that are not all zero. */
  readonly presharedKey?: SecretBytes;
}

/** A moment of the node's own monotonic clock, with the life of the node that it belongs to. */
export interface NodeMoment {
  /** New with each start of the machine, and with each store of leases that begins empty. */
  readonly boot: string;
  readonly at: Millis;
}

export interface PlaceOrder {
  readonly kind: "place";
  readonly placement: PlacementId;
  readonly generation: Generation;
  readonly peer: Peer;
  /** Counted from when it is taken. */
  readonly lease: Millis;
  /** From then on it is not taken. */
  readonly until: NodeMoment;
}

/** This has no deadline: to remove too late does no harm. */
export interface RemoveOrder {
  readonly kind: "remove";
  readonly placement: PlacementId;
  readonly generation: Generation;
  /** For a node that has lost its store, and knows no placements. */
  readonly publicKey: string;
  /** For how long an order to place, sent before this one, may still come in time. */
  readonly remember: Millis;
}

export type Order = PlaceOrder | RemoveOrder;

/** All that is wanted of a node by the orders up to `watermark`. */
export interface Snapshot {
  readonly watermark: Generation;
  /** The life of the node that it was made for. */
  readonly boot: string;
  readonly placements: readonly PlaceOrder[];
}
