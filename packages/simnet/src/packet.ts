/** What travels: a size, two addresses, and whatever the users of the network put in it. */
import type { IpAddress } from "@ropewalk/kernel/addresses";
import type { Bytes } from "@ropewalk/kernel/units";

export interface Packet<Payload> {
  readonly from: IpAddress;
  readonly to: IpAddress;
  /** Octets on the path, IP header included. */
  readonly size: Bytes;
  /** What does not fit a link is lost there, and is not cut into pieces (the DF bit). */
  readonly isWhole: boolean;
  readonly payload: Payload;
}

/** Why a packet did not arrive. */
export type DropReason =
  /** By chance, on the way. */
  | "loss"
  /** No room in the queue. */
  | "queue"
  /** The link was cut when the packet came to it, or before it had arrived. */
  | "cut"
  /** Larger than the link's MTU, and whole. */
  | "size";

export type PacketEvent = "sent" | "delivered" | DropReason;

/** Called for everything that happens to a packet on a link. */
export type Trace<Payload> = (event: {
  readonly at: number;
  readonly link: string;
  readonly event: PacketEvent;
  readonly packet: Packet<Payload>;
}) => void;
