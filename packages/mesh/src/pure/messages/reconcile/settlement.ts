/**
 * What follows for two stores from the elements in which they differ. Whether one end holds what the other has proved nothing of them tells: what is
 * held is known by its mark, and what is proved by its tag.
 */
import { type Standings, standingsOf } from "./element.ts";

export interface Settlement {
  /** What the other end lacks. */
  readonly given: Standings;
  /** What this end lacks. */
  readonly wanted: Standings;
}

/** Of elements that the other end alone has, and of those that this end alone has. */
export function settle(theirs: Uint32Array, ours: Uint32Array): Settlement {
  return { given: standingsOf(ours), wanted: standingsOf(theirs) };
}

/** At most `most` in all, proofs first: they are short, and make room. */
export function limited({ held, proved }: Standings, most: number): Standings {
  const proofs = proved.slice(0, most);
  return { held: held.slice(0, most - proofs.length), proved: proofs };
}

export function sizeOf({ held, proved }: Standings): number {
  return held.length + proved.length;
}
