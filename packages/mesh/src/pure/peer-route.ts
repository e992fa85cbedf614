/**
 * How this node reaches the internet: directly, over one neighbour that does, or not. A neighbour's word is what it measured,
 * good for a time from when it measured it, and only while its link answers.
 */
import { type Millis, millis, seconds } from "@ropewalk/kernel/units";
import type { MeshAddress } from "./mesh-address.ts";
import type { NodeKind, OnlineState } from "./wire/link-frame.ts";

export interface MeasuredConnectivity {
  readonly kind: NodeKind;
  readonly online: OnlineState;
  /** The neighbour's word counts until then. */
  readonly freshUntil: Millis;
}

export interface NeighbourConnectivity {
  readonly peer: MeshAddress;
  /** Undefined: it has not said. */
  readonly said: MeasuredConnectivity | undefined;
  /** When its link answered a ping last; undefined: never. */
  readonly answeredAt: Millis | undefined;
}

export type PeerRoute =
  | { readonly kind: "direct" }
  | { readonly kind: "relay"; readonly relay: MeshAddress; readonly of: Exclude<NodeKind, "standard"> }
  | { readonly kind: "none"; readonly why: NoPeerRoute };

/**
 * Of all neighbours, what the one that came the nearest to being a relay lacked: it is none, its link does not answer, it has
 * not said what it measured of late, it is not online, or it does not relay.
 */
export type NoPeerRoute = "no-neighbour" | "no-answer" | "not-measured" | "not-online" | "not-relaying";

/** What is measured is good for so long. */
const freshFor = seconds(90);
/** Links are pinged more often than this. */
const answersFor = seconds(30);

/** What a neighbour said at `now` of what it had measured `age` before. */
export function heardConnectivity(now: Millis, kind: NodeKind, online: OnlineState, age: Millis): MeasuredConnectivity {
  return { kind, online, freshUntil: millis(now + Math.max(0, freshFor - age)) };
}

/** The relay in use stays as long as it can be and no better kind is there; else the address decides: every run says the same. */
export function findPeerRoute(
  own: OnlineState,
  neighbours: readonly NeighbourConnectivity[],
  inUse: MeshAddress | undefined,
  now: Millis,
): PeerRoute {
  if (own === "online") return { kind: "direct" };
  let best: Relay | undefined;
  let why: NoPeerRoute = "no-neighbour";
  for (const neighbour of neighbours) {
    const judged = judge(neighbour, now);
    if (typeof judged === "string") why = nearer(why, judged);
    else if (best === undefined || isBetter(judged, best, inUse)) best = judged;
  }
  return best === undefined ? { kind: "none", why } : { kind: "relay", relay: best.peer, of: best.of };
}

interface Relay {
  readonly peer: MeshAddress;
  readonly of: Exclude<NodeKind, "standard">;
}

function judge({ peer, said, answeredAt }: NeighbourConnectivity, now: Millis): Relay | NoPeerRoute {
  if (answeredAt === undefined || now - answeredAt > answersFor) return "no-answer";
  if (said === undefined || now >= said.freshUntil || said.online === "unknown") return "not-measured";
  if (said.online === "offline") return "not-online";
  return said.kind === "standard" ? "not-relaying" : { peer, of: said.kind };
}

function isBetter(one: Relay, other: Relay, inUse: MeshAddress | undefined): boolean {
  if (one.of !== other.of) return one.of === "universal";
  if (one.peer === inUse || other.peer === inUse) return one.peer === inUse;
  return one.peer < other.peer;
}

const fromFurthest: readonly NoPeerRoute[] = [
  "no-neighbour",
  "no-answer",
  "not-measured",
  "not-online",
  "not-relaying",
];

function nearer(one: NoPeerRoute, other: NoPeerRoute): NoPeerRoute {
  return fromFurthest.indexOf(one) > fromFurthest.indexOf(other) ? one : other;
}
