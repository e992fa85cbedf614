/** A link: a way to one neighbour, which has proved who it is. What it is like is told by its transport, not guessed from its name. */
import type { BitsPerSecond, Branded, Bytes } from "@ropewalk/kernel/units";
import type { MeshAddress } from "./mesh-address.ts";

/** Counted by the node, and never used again: it is the one identity that an attacker cannot make more of. */
export type LinkId = Branded<number, "LinkId">;

export interface LinkFacts {
  /** Of the neighbour, as its link has proved it: 32 octets. */
  readonly peerKey: Uint8Array;
  readonly peer: MeshAddress;
  /** Octets of the longest frame. */
  readonly mtu: Bytes;
  readonly bitrate: BitsPerSecond;
  /** What an octet costs, in no unit but others' cost: 0 is free, metered uplinks have 100. */
  readonly cost: number;
  /** Share of the time that it may send, 0…1: 1 where no rule limits it. */
  readonly duty: number;
}
