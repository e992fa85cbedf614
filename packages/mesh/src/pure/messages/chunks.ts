/**
 * How a message is cut into envelopes. Each part fits an opening, the longer of the two forms: so a part that was sealed in a chain can be
 * sealed anew, whatever became of the chain.
 */
import { mostContent } from "./wire/size-class.ts";

const longestWhole: number = mostContent("opening", "whole");
/** Octets of a part of a message; the last may have less. */
export const longestChunk: number = mostContent("opening", "chunk");

/** How many envelopes a message of so many octets takes; 1: it goes whole. */
export function chunksOf(octets: number): number {
  return octets <= longestWhole ? 1 : Math.ceil(octets / longestChunk);
}

export interface ChunkRange {
  readonly offset: number;
  readonly length: number;
}

/** The octets of a message that part `index` has. */
export function chunkRange(octets: number, index: number): ChunkRange {
  if (chunksOf(octets) === 1) return { offset: 0, length: octets };
  const offset = index * longestChunk;
  return { offset, length: Math.min(longestChunk, octets - offset) };
}
