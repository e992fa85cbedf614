/** What a node's messages are given, and by what they are bounded. */
import type { Bytes, Millis } from "@ropewalk/kernel/units";
import type { Advertising } from "../advertising.ts";
import type { Deliveries } from "../deliveries.ts";
import type { LinkId } from "../link.ts";
import type { MeshAddress } from "../mesh-address.ts";
import type { MeshOutput } from "../mesh-output.ts";
import type { Neighbour } from "../neighbour.ts";
import type { NextHopChoice } from "../next-hop-choice.ts";
import type { Routes } from "../routing/routes.ts";
import type { Freshness } from "../wire/announce.ts";
import type { AcceptingConfig } from "./accepting.ts";
import type { MessageKeysDeps } from "./message-keys.ts";

export interface MessagesConfig {
  readonly accepting: AcceptingConfig;
  /** Octets that are kept for others. */
  readonly custody: Bytes;
  /** Nothing is kept for others longer, and no own message lives longer. */
  readonly longestLife: Millis;
  /** Messages that the application has not taken: of more none is received. */
  readonly mostInbox: number;
  /** Octets of those, and of what came in part. */
  readonly inboxOctets: Bytes;
  readonly isConstrained: boolean;
}

export interface MessageDeskDeps extends Omit<MessageKeysDeps, "store"> {
  readonly address: MeshAddress;
  readonly routes: Routes;
  readonly choice: NextHopChoice;
  readonly advertising: Advertising;
  readonly neighbours: ReadonlyMap<LinkId, Neighbour>;
  readonly deliveries: Deliveries;
  /** Seconds since 1970, for people. */
  readonly wall: (now: Millis) => number;
  /** The node's next number, which is set aside before anything that follows leaves. */
  readonly takeNumber: () => Freshness;
  readonly emit: (output: MeshOutput) => void;
}

/** What a node is given for its messages; the rest it has itself. */
export interface MessagesMaking extends Pick<MessageDeskDeps, "crypto" | "calendar" | "wall"> {
  readonly config: MessagesConfig;
  readonly now: Millis;
}
