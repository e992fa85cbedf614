/**
 * Whom of those who are found on local networks a node dials, so that many nodes on one network are one mesh, and not each has a link with
 * every other. All addresses are a ring. Each node dials the nearest on both sides, and some by chance.
 *
 * Whoever dials the next one on the ring makes a circle of all of them with everybody else who does, and a circle is connected; who dials
 * the next two is so with any one of them gone. Those by chance keep ways short. Who does not answer counts as nobody, so that the circle
 * closes over him, and over nodes that somebody made up.
 */
import type { MeshAddress } from "./mesh-address.ts";

export interface FoundPeer {
  readonly address: MeshAddress;
  /** `failing`: it was dialled in vain the last time. */
  readonly standing: "linked" | "untried" | "failing";
  /** 0…1, drawn when it was found. */
  readonly draw: number;
}

/** Of those that are dialled, on each side of the ring. */
const shareOfSide = 1 / 4;

/** Whom to dial, or keep a link with. `most`: of those who answer, at least two; who does not is tried besides. */
export function chosenPeers(own: MeshAddress, found: readonly FoundPeer[], most: number): ReadonlySet<MeshAddress> {
  const up = upwards(own, found);
  const chosen = new Map<MeshAddress, FoundPeer>();
  for (const direction of [up, up.toReversed()]) takeUntil(chosen, direction, onSide(most));
  const answering = [...chosen.values()].filter(isAnswering).length;
  const isLinked = ({ standing }: FoundPeer) => Number(standing === "linked");
  const others = up.filter(({ address }) => !chosen.has(address));
  takeUntil(
    chosen,
    others.toSorted((one, other) => isLinked(other) - isLinked(one) || one.draw - other.draw),
    most - answering,
  );
  return new Set(chosen.keys());
}

/** Those whom the others of the network rely on this node to take: the nearest of all that were found, whether they answer or not. */
export function nearestPeers(own: MeshAddress, found: readonly FoundPeer[], most: number): ReadonlySet<MeshAddress> {
  const up = upwards(own, found);
  const side = onSide(most);
  return new Set([...up.slice(0, side), ...up.slice(-side)].map(({ address }) => address));
}

function onSide(most: number): number {
  return Math.max(1, Math.floor(most * shareOfSide));
}

/** From this node's address up, and from the highest on to the lowest. */
function upwards(own: MeshAddress, found: readonly FoundPeer[]): readonly FoundPeer[] {
  const isAbove = ({ address }: FoundPeer) => Number(address > own);
  return found.toSorted((one, other) => isAbove(other) - isAbove(one) || (one.address < other.address ? -1 : 1));
}

/** In their order, until so many of them answer, or may. */
function takeUntil(chosen: Map<MeshAddress, FoundPeer>, inOrder: readonly FoundPeer[], count: number): void {
  let left = count;
  for (const peer of inOrder) {
    if (left <= 0) return;
    chosen.set(peer.address, peer);
    if (isAnswering(peer)) left -= 1;
  }
}

function isAnswering({ standing }: FoundPeer): boolean {
  return standing !== "failing";
}
