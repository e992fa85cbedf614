/** What the simulator asks of a node, and what it gives it: the pure mesh node is one, and so is whoever is put in its place. */
import type { Millis } from "@ropewalk/kernel/units";
import type { LinkFacts, LinkId } from "@ropewalk/mesh/pure/link";
import type { MeshAddress } from "@ropewalk/mesh/pure/mesh-address";
import type { MeshOutput, SequenceMark } from "@ropewalk/mesh/pure/mesh-output";
import type { MessageDesk } from "@ropewalk/mesh/pure/messages/message-desk";
import type { Freshness } from "@ropewalk/mesh/pure/wire/announce";
import type { SimCrypto } from "./sim-crypto.ts";
import type { SimDisk } from "./sim-disk.ts";

export interface SimulatedNode {
  linkUp(now: Millis, link: LinkId, facts: LinkFacts): readonly MeshOutput[];
  linkDown(now: Millis, link: LinkId): readonly MeshOutput[];
  receive(now: Millis, link: LinkId, frame: Uint8Array): readonly MeshOutput[];
  /** One of several frames that came together, behind which `finish` is called, as the shell does. False: it is none. Undefined: it takes one at a time. */
  take?(now: Millis, link: LinkId, frame: Uint8Array): boolean;
  probe(now: Millis, id: number, to: MeshAddress, kind: "ping" | "trace"): readonly MeshOutput[];
  expire(now: Millis): readonly MeshOutput[];
  deadline(): Millis | undefined;
  /** Undefined: it carries no messages. */
  readonly messages?: MessageDesk | undefined;
  /** What follows from what was done with messages. */
  finish?(now: Millis): readonly MeshOutput[];
  routes(): Iterable<SimulatedRoute>;
  route?(address: MeshAddress): SimulatedRoute | undefined;
}

export interface SimulatedRoute {
  readonly address: MeshAddress;
  /** By which a packet would go on now; undefined: by none. */
  readonly best?: { readonly link: LinkId } | undefined;
  /** All neighbours that lead there, and how far they said they are. */
  readonly nextHops?: readonly { readonly link: LinkId; readonly hops: number }[];
  readonly standing?: string;
  /** The latest that is known. */
  readonly announce?: Freshness;
}

export interface NodeMaking {
  readonly crypto: SimCrypto;
  readonly mark: SequenceMark;
  readonly random: () => number;
  /** What it kept before. */
  readonly disk: SimDisk;
  readonly now: Millis;
  /** Milliseconds that its calendar is ahead. */
  readonly calendarError: number;
}

export type MakeNode = (making: NodeMaking) => SimulatedNode;
