/**
 * A small world of customers, entry and nodes, whose rules are the product's own and whose network does what it likes: what was once sent
 * may come at any later moment, in any order, any number of times, or never. Time goes in steps. What a node does between judging an order and
 * answering needs no world of its own: a node that dies there has stored what it took, puts its device right before it listens again, and so has
 * only lost an answer.
 */
import type { HeardClock } from "@ropewalk/entry/pure/node-clock";
import type { Placement } from "@ropewalk/entry/pure/vpn-placement";
import type { SessionEvent, VpnSession } from "@ropewalk/entry/pure/vpn-session";
import { type Millis, millis } from "@ropewalk/kernel/units";
import type { Held, Stranger } from "@ropewalk/vpn/node/pure/held";
import type { Order, Snapshot } from "@ropewalk/vpn/node/pure/order";

export const nodeNames = ["a", "b"] as const;
export type NodeName = (typeof nodeNames)[number];
export const customers = ["ada", "bob"] as const;

/** One machine. Its device has what is live in its table, and nothing else: it is written before anything is answered. */
export interface NodeState {
  readonly clock: Millis;
  readonly boot: number;
  readonly watermark: number;
  readonly held: readonly Held[];
  readonly strangers: readonly Stranger[];
}

export type Message =
  | { readonly kind: "order"; readonly node: NodeName; readonly order: Order }
  | { readonly kind: "snapshot"; readonly node: NodeName; readonly snapshot: Snapshot }
  | { readonly kind: "told"; readonly event: SessionEvent & { readonly kind: "placed" | "removed" | "refused" } };

/** What may happen a few times only, so that there is an end. */
export interface Budget {
  readonly start: number;
  readonly move: number;
  readonly renew: number;
  readonly terminate: number;
  readonly snapshot: number;
  /** The machine starts again: its device is empty, its clock and its boot are others, its store is there. */
  readonly reboot: number;
  /** The program starts again with its store; the machine runs on. */
  readonly restart: number;
  /** The program starts again without its store. */
  readonly wipe: number;
  /** A step of time that a node's clock misses, or counts twice. */
  readonly slow: number;
  readonly fast: number;
  readonly tick: number;
}

export interface World {
  /** By the database's clock. */
  readonly now: Millis;
  readonly sessions: readonly VpnSession[];
  /** How many placements there ever were. */
  readonly placed: number;
  /** The last generation of each node. */
  readonly counters: Readonly<Record<NodeName, number>>;
  readonly nodes: Readonly<Record<NodeName, NodeState>>;
  /** What entry last heard of them. */
  readonly heard: Readonly<Record<NodeName, HeardClock>>;
  /** Everything that was sent, may still come, and would not be in vain. */
  readonly sent: readonly Message[];
  /** Placements that their nodes have taken some time. */
  readonly taken: readonly string[];
  readonly left: Budget;
}

const nodeAtFirst: NodeState = { clock: millis(1), boot: 1, watermark: 0, held: [], strangers: [] };
const heardAtFirst: HeardClock = { boot: "1", at: millis(1), heardAt: millis(1) };

export function beginWorld(left: Budget): World {
  return {
    now: millis(1),
    sessions: [],
    placed: 0,
    counters: { a: 0, b: 0 },
    nodes: { a: { ...nodeAtFirst }, b: { ...nodeAtFirst } },
    heard: { a: heardAtFirst, b: heardAtFirst },
    sent: [],
    taken: [],
    left,
  };
}

export interface OwnedPlacement extends Placement {
  readonly session: VpnSession;
}

/** Placements that entry has not released. */
export function reserved({ sessions }: World): readonly OwnedPlacement[] {
  let found = owned.get(sessions);
  if (found === undefined) {
    found = sessions.flatMap((session) =>
      session.placements.filter(({ role }) => role !== "released").map((placement) => ({ ...placement, session })),
    );
    owned.set(sessions, found);
  }
  return found;
}

const owned = new WeakMap<readonly VpnSession[], readonly OwnedPlacement[]>();

export interface Forwarding {
  readonly node: NodeName;
  readonly publicKey: string;
  readonly address: string;
}

/** For whom each exit carries traffic now, from which address. */
export function forwarding({ nodes }: World): readonly Forwarding[] {
  return nodeNames.flatMap((node) => {
    const { held, strangers, clock } = nodes[node];
    const present = held.filter((one) => one.kind === "present");
    return [...present, ...strangers]
      .filter(({ endsAt }) => clock < endsAt)
      .map(({ peer }) => ({ node, publicKey: peer.publicKey, address: peer.addresses[0] ?? "" }));
  });
}
