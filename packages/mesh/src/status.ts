/** How a node of the mesh is, at one moment. */
import type { Millis } from "@ropewalk/kernel/units";
import type { FrameStreamCounts } from "./io/frame-stream.ts";
import type { LinkDoorRefusal } from "./io/link-door.ts";
import type { LinkPicture } from "./io/links.ts";
import type { MeshAddress } from "./pure/mesh-address.ts";
import type { MeshNode } from "./pure/mesh-node.ts";
import type { MeshTally } from "./pure/mesh-tally.ts";
import type { Neighbour } from "./pure/neighbour.ts";
import type { BudgetKind } from "./pure/protection/link-budget.ts";
import type { Route, Standing } from "./pure/routing/route.ts";
import type { NodeKind, OnlineState } from "./pure/wire/link-frame.ts";

/** In the order in which they are gone through. */
export type MeshState = "running" | "draining" | "persisting" | "clean-up" | "complete";

/** `full`: he has proved a key, and there are as many links as may be. */
export type StrangerRefusal = LinkDoorRefusal["reason"] | "full";

export interface ListeningPlace {
  readonly address: string;
  readonly port: number;
}

export interface PeerStatus {
  readonly address: MeshAddress;
  readonly direction: "dialled" | "accepted";
  readonly remote: string;
  readonly local: string;
  /** The uplink that it is bound to; undefined: the kernel decides. */
  readonly path: string | undefined;
  readonly openFor: Millis;
  readonly roundTrip: Millis | undefined;
  /** As it says. */
  readonly kind: NodeKind | undefined;
  readonly online: OnlineState | undefined;
  readonly counts: FrameStreamCounts;
  /** What it brought faster than a link may, by kind. */
  readonly overRate: ReadonlyMap<BudgetKind, number>;
}

export interface NextHopStatus {
  readonly peer: MeshAddress;
  /** Of the destination, by it. */
  readonly distance: number;
  readonly isInUse: boolean;
}

export interface RouteStatus {
  readonly address: MeshAddress;
  /** In links; undefined: there is no way at the moment. */
  readonly distance: number | undefined;
  readonly nextHops: readonly NextHopStatus[];
  readonly standing: Standing;
  readonly expiresIn: Millis;
  readonly capabilities: number;
  readonly isContact: boolean;
}

export interface MeshStatus {
  readonly state: MeshState;
  readonly address: MeshAddress;
  /** Why no announce can be made; undefined: it can. */
  readonly held: string | undefined;
  readonly listening: readonly ListeningPlace[];
  /** Nodes heard on local networks of late; undefined: nobody listens. */
  readonly discovered: number | undefined;
  readonly runningFor: Millis;
  readonly peers: readonly PeerStatus[];
  readonly routes: { readonly known: number; readonly reachable: number; readonly limit: number };
  /** Connections that have not proved a key. */
  readonly strangers: number;
  /** Those that dialled this node and got no link, by reason. */
  readonly strangersRefused: ReadonlyMap<StrangerRefusal, number>;
  readonly tally: MeshTally;
}

export function peerStatus(now: Millis, picture: LinkPicture, neighbour: Neighbour | undefined): PeerStatus {
  const { facts, direction, place, provedAt, counts } = picture;
  return {
    address: facts.peer,
    direction,
    remote: placeText(place.remote, place.remotePort),
    local: place.local,
    path: place.binding && `${place.binding.name} ${place.binding.family}`,
    openFor: elapsed(now, provedAt),
    roundTrip: neighbour?.roundTrip,
    kind: neighbour?.said?.kind,
    online: neighbour?.said?.online,
    counts,
    overRate: neighbour?.budget.refused ?? new Map(),
  };
}

export function routeStatus(now: Millis, node: MeshNode, route: Route, isContact: boolean): RouteStatus {
  const { address, distance, standing, announce } = route;
  const nextHops = route.nextHops.flatMap((hop): readonly NextHopStatus[] => {
    const peer = node.neighbours.get(hop.link)?.facts.peer;
    return peer === undefined ? [] : [{ peer, distance: hop.hops + 1, isInUse: hop === route.best }];
  });
  const expiresIn = elapsed(route.expiresAt, now);
  return { address, distance, nextHops, standing, expiresIn, capabilities: announce.capabilities, isContact };
}

/** IPv4 within IPv6, as sockets of both tell it, is the IPv4 that people know. */
export function placeText(address: string, port: number): string {
  return `${address.replace(/^::ffff:(?=\d+\.)/i, "")} port ${port}`;
}

function elapsed(now: Millis, since: Millis): Millis {
  return Math.max(0, now - since) as Millis;
}
