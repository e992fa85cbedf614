/**
 * How many sessions a destination has: of one peer, for it may begin one after the other, and in all. A peer that begins more than it
 * may leaves behind the one of its own that has waited longest for a lane, and never another peer's.
 */
import type { Millis } from "@ropewalk/kernel/units";
import { isSamePeer, type PeerIdentity } from "./peer-identity.ts";

export interface PlaceLimits {
  readonly ofPeer: number;
  readonly inAll: number;
}

export interface PlacedSession {
  readonly identity: PeerIdentity;
  /** Undefined while it has a lane. */
  readonly absentSince: Millis | undefined;
}

/** The limit by which there is none. */
export type PlaceLimit = keyof PlaceLimits;

export type Place<S> =
  | { readonly kind: "free" }
  /** Where `session` ends. */
  | { readonly kind: "instead"; readonly session: S }
  | { readonly kind: "none"; readonly by: PlaceLimit };

export function placeFor<S extends PlacedSession>(
  sessions: Iterable<S>,
  identity: PeerIdentity,
  limits: PlaceLimits,
): Place<S> {
  let [own, all] = [0, 0];
  let longest: S | undefined;
  for (const session of sessions) {
    all += 1;
    if (!isSamePeer(session.identity, identity)) continue;
    own += 1;
    const { absentSince } = session;
    if (absentSince === undefined) continue;
    if (longest?.absentSince === undefined || absentSince < longest.absentSince) longest = session;
  }
  if (own < limits.ofPeer && all < limits.inAll) return { kind: "free" };
  if (longest !== undefined) return { kind: "instead", session: longest };
  return { kind: "none", by: own < limits.ofPeer ? "inAll" : "ofPeer" };
}
