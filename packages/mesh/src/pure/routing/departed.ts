/**
 * What this node has told of routes that it has no more. Who gave way may come back by those who had him from here, at ever more hops:
 * of the same announce nobody is taken back who is not nearer than was told. Source: RFC 8966 §3.2.5 (the source table).
 */
import type { MeshAddress } from "../mesh-address.ts";
import { type Freshness, isNewer } from "../wire/announce.ts";

interface Told extends Freshness {
  readonly nearest: number;
}

/** So many are remembered at least, and twice as many at most. */
const generation = 4096;

export class Departed {
  #latest = new Map<MeshAddress, Told>();
  #before = new Map<MeshAddress, Told>();

  add(address: MeshAddress, { epoch, sequence }: Freshness, nearest: number): void {
    if (this.#latest.size >= generation) {
      this.#before = this.#latest;
      this.#latest = new Map();
    }
    this.#latest.set(address, { epoch, sequence, nearest });
  }

  /** How near it was told that this was; infinite: nothing was told of it. */
  nearest(address: MeshAddress, announce: Freshness): number {
    const told = this.#latest.get(address) ?? this.#before.get(address);
    return told === undefined || isNewer(announce, told) ? Number.POSITIVE_INFINITY : told.nearest;
  }
}
