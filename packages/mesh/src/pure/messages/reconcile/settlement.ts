/**
 * What follows for two stores from the elements in which they differ. A proof goes before what it proves: where one end holds what the
 * other has proved, the proof is given, and the envelope no more.
 */
import { type Standings, standingsOf, type TagStem } from "./element.ts";

export interface Settlement {
  /** What the other end lacks. */
  readonly given: Standings;
  /** What this end lacks. */
  readonly wanted: Standings;
}

/** Of elements that the other end alone has, and of those that this end alone has. */
export function settle(theirs: Uint32Array, ours: Uint32Array): Settlement {
  const [their, own] = [standingsOf(theirs), standingsOf(ours)];
  return {
    given: { held: without(own.held, their.proved), proved: own.proved },
    wanted: { held: without(their.held, own.proved), proved: their.proved },
  };
}

/** At most `most` in all, proofs first: they are short, and make room. */
export function limited({ held, proved }: Standings, most: number): Standings {
  const proofs = proved.slice(0, most);
  return { held: held.slice(0, most - proofs.length), proved: proofs };
}

export function sizeOf({ held, proved }: Standings): number {
  return held.length + proved.length;
}

function without(stems: readonly TagStem[], others: readonly TagStem[]): readonly TagStem[] {
  const left = new Set(others);
  return stems.filter((stem) => !left.has(stem));
}
