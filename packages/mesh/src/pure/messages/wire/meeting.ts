/**
 * What two neighbours say in a meeting of their stores, behind the octet of the frame's type. There is one way to write each.
 *
 *     begin, answer  0       1             9           13      14
 *                    +-------+-------------+-----------+-------+
 *                    | 1, 5  | nonce (8)   | count (4) | slice |
 *                    +-------+-------------+-----------+-------+
 *     symbols        0       1           5
 *                    +-------+-----------+------------+-----------+--------------------+---- - -
 *                    | 2     | first (4) | sum (8)    | check (4) | deviation (1 to 5) | the next
 *                    +-------+-----------+------------+-----------+--------------------+---- - -
 *     done           3, elements (8 each)
 *     more           4, until (4)
 *     over           6
 *
 * Source: docs/protocols/mesh-meeting.md.
 */
import { readU32, writeU32 } from "@ropewalk/kernel/big-endian";
import type { CodedSymbol } from "../reconcile/rateless-table.ts";
import { mostSliceBits } from "../reconcile/slices.ts";

export const meetingKind = { begin: 1, symbols: 2, done: 3, more: 4, answer: 5, over: 6 } as const;

/** Each end's: `answer` is the other's to a `begin`. */
export interface MeetingOpening {
  readonly kind: "begin" | "answer";
  /** 8 octets. */
  readonly nonce: Uint8Array;
  /** Elements of its store, 32 bits. */
  readonly count: number;
  /** Bits that the elements of its slice are to begin with, 0 to 16. */
  readonly slice: number;
}

export type MeetingSaid =
  | MeetingOpening
  /** One or more, from `first` on. */
  | { readonly kind: "symbols"; readonly first: number; readonly symbols: readonly CodedSymbol[] }
  /** Symbols up to `until`, and without it, are wanted. */
  | { readonly kind: "more"; readonly until: number }
  /** All is found, and these are wanted: a row of elements. */
  | { readonly kind: "done"; readonly wanted: Uint32Array }
  /** The meeting ends, or is not wanted. */
  | { readonly kind: "over" };

/** In octets, with the kind and without what may be of any length. */
export const meetingLengths = { opening: 14, symbols: 5, more: 5, done: 1, over: 1, element: 8 } as const;

const [sumLength, checkLength, longestDeviation] = [8, 4, 5];
/** Of any coded symbol. */
export const longestSymbol: number = sumLength + checkLength + longestDeviation;

/** Octets of its own. */
export function encodeMeeting(said: MeetingSaid): Uint8Array {
  switch (said.kind) {
    case "begin":
    case "answer": {
      const octets = begun(said.kind, meetingLengths.opening);
      octets.set(said.nonce, 1);
      writeU32(octets, 9, said.count);
      octets[13] = said.slice;
      return octets;
    }
    case "symbols": {
      const octets = begun(said.kind, meetingLengths.symbols + said.symbols.length * longestSymbol);
      writeU32(octets, 1, said.first);
      let at: number = meetingLengths.symbols;
      for (const symbol of said.symbols) at = writeSymbol(octets, at, symbol);
      return octets.subarray(0, at);
    }
    case "more": {
      const octets = begun(said.kind, meetingLengths.more);
      writeU32(octets, 1, said.until);
      return octets;
    }
    case "done": {
      const octets = begun(said.kind, meetingLengths.done + 4 * said.wanted.length);
      for (const [index, word] of said.wanted.entries()) writeU32(octets, meetingLengths.done + 4 * index, word);
      return octets;
    }
    case "over":
      return begun(said.kind, meetingLengths.over);
  }
}

/** Undefined: the octets are none of these. A nonce is a view of them. Never throws. */
export function decodeMeeting(octets: Uint8Array): MeetingSaid | undefined {
  switch (octets[0]) {
    case meetingKind.begin:
      return decodeOpening("begin", octets);
    case meetingKind.answer:
      return decodeOpening("answer", octets);
    case meetingKind.symbols:
      return decodeSymbols(octets);
    case meetingKind.more:
      return octets.length === meetingLengths.more ? { kind: "more", until: readU32(octets, 1) } : undefined;
    case meetingKind.done:
      return decodeDone(octets);
    case meetingKind.over:
      return octets.length === meetingLengths.over ? { kind: "over" } : undefined;
    default:
      return undefined;
  }
}

function begun(kind: MeetingSaid["kind"], length: number): Uint8Array {
  const octets = new Uint8Array(length);
  octets[0] = meetingKind[kind];
  return octets;
}

function decodeOpening(kind: "begin" | "answer", octets: Uint8Array): MeetingSaid | undefined {
  const slice = octets[13];
  if (octets.length !== meetingLengths.opening || slice === undefined || slice > mostSliceBits) return undefined;
  return { kind, nonce: octets.subarray(1, 9), count: readU32(octets, 9), slice };
}

function decodeSymbols(octets: Uint8Array): MeetingSaid | undefined {
  const symbols: CodedSymbol[] = [];
  let at: number = meetingLengths.symbols;
  while (at < octets.length) {
    const deviationAt = at + sumLength + checkLength;
    const [zigzag, length] = readCompact(octets, deviationAt);
    if (length === 0) return undefined;
    const [high, low, check] = [readU32(octets, at), readU32(octets, at + 4), readU32(octets, at + sumLength)];
    symbols.push({ high, low, check, deviation: (zigzag & 1) === 0 ? zigzag / 2 : -(zigzag + 1) / 2 });
    at = deviationAt + length;
  }
  return symbols.length === 0 ? undefined : { kind: "symbols", first: readU32(octets, 1), symbols };
}

function decodeDone(octets: Uint8Array): MeetingSaid | undefined {
  const length = octets.length - meetingLengths.done;
  if (length % meetingLengths.element !== 0) return undefined;
  const wanted = Uint32Array.from({ length: length / 4 }, (_, index) =>
    readU32(octets, meetingLengths.done + 4 * index),
  );
  return { kind: "done", wanted };
}

/** Where the next one stands. */
function writeSymbol(octets: Uint8Array, at: number, { high, low, check, deviation }: CodedSymbol): number {
  writeU32(octets, at, high);
  writeU32(octets, at + 4, low);
  writeU32(octets, at + sumLength, check);
  return writeCompact(octets, at + sumLength + checkLength, deviation < 0 ? -2 * deviation - 1 : 2 * deviation);
}

/** Seven bits an octet, the lowest first; the highest bit says that another follows. */
function writeCompact(octets: Uint8Array, at: number, value: number): number {
  let [place, left] = [at, value];
  for (; left >= 0x80; left = Math.floor(left / 0x80)) {
    octets[place] = 0x80 | (left % 0x80);
    place += 1;
  }
  octets[place] = left;
  return place + 1;
}

/** The value, below 2³², and its octets; 0: it is none, or could be shorter. */
function readCompact(octets: Uint8Array, at: number): readonly [number, number] {
  let [value, unit] = [0, 1];
  for (let length = 1; length <= longestDeviation; length += 1) {
    const octet = octets[at + length - 1];
    if (octet === undefined) break;
    value += (octet & 0x7f) * unit;
    unit *= 0x80;
    if (octet >= 0x80) continue;
    const isShortest = octet !== 0 || length === 1;
    return isShortest && value <= 0xffff_ffff ? [value, length] : [0, 0];
  }
  return [0, 0];
}
