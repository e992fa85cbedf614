/**
 * Which of an origin's numbers were heard: the newest, and which of those just below it. What is older than these is taken as heard, so that
 * nothing can be heard twice, however long somebody has kept it.
 *
 *     0           4              8
 *     +-----------+--------------+------------------------+
 *     | epoch (4) | sequence (4) | which below it (8)     |   bit 0 is the sequence itself
 *     +-----------+--------------+------------------------+
 */
import { readU32, writeU32 } from "@ropewalk/kernel/big-endian";
import { type Freshness, isNewer } from "../../wire/announce.ts";

export interface HeardNumbers extends Freshness {
  /** Bit n: whether the sequence n below was heard. 64 bits. */
  readonly below: bigint;
}

/** So many may come in another order than they were sent. */
export const mostBehind = 64;

const heardLength = 16;

/** What was heard with this number, too; undefined: it was heard, or is too old to be told from what was. */
export function hear(heard: HeardNumbers | undefined, { epoch, sequence }: Freshness): HeardNumbers | undefined {
  if (heard === undefined || epoch > heard.epoch) return { epoch, sequence, below: 1n };
  if (isNewer({ epoch, sequence }, heard)) {
    const ahead = sequence - heard.sequence;
    const below = ahead >= mostBehind ? 0n : BigInt.asUintN(mostBehind, heard.below << BigInt(ahead));
    return { epoch, sequence, below: below | 1n };
  }
  const behind = heard.sequence - sequence;
  if (epoch < heard.epoch || behind >= mostBehind) return undefined;
  const bit = 1n << BigInt(behind);
  return (heard.below & bit) === 0n ? { ...heard, below: heard.below | bit } : undefined;
}

/** 16 octets. */
export function encodeHeard({ epoch, sequence, below }: HeardNumbers): Uint8Array {
  const octets = new Uint8Array(heardLength);
  writeU32(octets, 0, epoch);
  writeU32(octets, 4, sequence);
  new DataView(octets.buffer).setBigUint64(8, below);
  return octets;
}

/** Of what `encodeHeard` gave. Undefined: they are none. */
export function decodeHeard(octets: Uint8Array): HeardNumbers | undefined {
  if (octets.length !== heardLength) return undefined;
  const below = new DataView(octets.buffer, octets.byteOffset).getBigUint64(8);
  return (below & 1n) === 0n ? undefined : { epoch: readU32(octets, 0), sequence: readU32(octets, 4), below };
}
