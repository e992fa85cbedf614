/**
 * An announce: who somebody is, what he can do, and how far away, signed by him but for the last two fields, which relays change.
 * There is one way to write each, and nothing else is read.
 *
 *     0    1             3         7            11        12           14                  22
 *     +----+-------------+---------+------------+---------+------------+-------------------+-- - -
 *     |form| capabilities| epoch   | sequence   | maxHops | lifetime   | keyPackageHash (8)| key (32), [prekey (32)]
 *     +----+-------------+---------+------------+---------+------------+-------------------+-- - -
 *     54 or 86                                118 or 150  119 or 151
 *     +-- - - ------------------------------------+--------+------------ - - ----+
 *     | signature (64)                            | hops   | chain (12)          |
 *     +-- - - ------------------------------------+--------+------------ - - ----+
 *
 * Source: docs/protocols/mesh-announce.md.
 */
import { readU16, readU32, writeU16, writeU32 } from "@ropewalk/kernel/big-endian";
import { InternalError } from "@ropewalk/kernel/errors";
import { type Millis, seconds } from "@ropewalk/kernel/units";

/** Bits of `capabilities`; others are kept as they came, for whoever knows them. */
export const capability = {
  relay: 0x0001,
  store: 0x0002,
  gateway: 0x0004,
  constrained: 0x0008,
  mlsReady: 0x0010,
  fappTherapist: 0x0100,
  fappRelay: 0x0200,
  fappPatient: 0x0400,
} as const;

/** Which of somebody's announces this is: the epoch grows when he has lost count, the sequence with each. Both are 32 bits. */
export interface Freshness {
  readonly epoch: number;
  readonly sequence: number;
}

/** What is said once, by the one whom it is about. */
export interface AnnounceContent extends Freshness {
  /** It was made for who asked for a newer one: nobody else has a use for it. */
  readonly isRenewal: boolean;
  readonly capabilities: number;
  /** 1 to 64: how far the announce may go. */
  readonly maxHops: number;
  /** Whole seconds, 1 to 65,535: how long it holds without another. */
  readonly lifetime: Millis;
  /** 8 octets of the hash of his MLS KeyPackage; undefined: he has none. */
  readonly keyPackageHash: Uint8Array | undefined;
  /** 32 octets, X25519; undefined: he is to be reached by his identity key. */
  readonly prekey: Uint8Array | undefined;
}

export interface Announce extends AnnounceContent {
  /** 32 octets, Ed25519. */
  readonly key: Uint8Array;
  /** 64 octets. */
  readonly signature: Uint8Array;
  /** How far whoever sent it is from its origin: 0 is the origin itself, and it is always less than `maxHops`. */
  readonly hops: number;
  /** 12 octets: the link of the hop chain that belongs to `hops`. */
  readonly chain: Uint8Array;
}

/** In octets. */
export const announceLengths = {
  without: 131,
  withPrekey: 163,
  key: 32,
  prekey: 32,
  keyPackageHash: 8,
  signature: 64,
  chain: 12,
} as const;

export const mostHops = 64;

const version = 1;
const prekeyFlag = 0x01;
const renewalFlag = 0x02;
const keyAt = 22;
const prekeyAt: number = keyAt + announceLengths.key;
/** From the end. */
const tailLength: number = 1 + announceLengths.chain;
const [mostU16, mostU32] = [0xffff, 0xffff_ffff];

/** Whether an announce with `one` takes the place of one with `other`. */
export function isNewer(one: Freshness, other: Freshness): boolean {
  return one.epoch > other.epoch || (one.epoch === other.epoch && one.sequence > other.sequence);
}

/** What is signed, but for the anchor behind it: 54 octets, 86 with a prekey. Throws InternalError for what does not fit its field. */
export function encodeSignedPart(content: AnnounceContent, key: Uint8Array): Uint8Array {
  const { isRenewal, capabilities, epoch, sequence, maxHops, keyPackageHash, prekey } = content;
  const octets = new Uint8Array(signedLength(prekey !== undefined));
  octets[0] = (version << 4) | (prekey === undefined ? 0 : prekeyFlag) | (isRenewal ? renewalFlag : 0);
  writeU16(octets, 1, within("capabilities", capabilities, 0, mostU16));
  writeU32(octets, 3, within("an epoch", epoch, 0, mostU32));
  writeU32(octets, 7, within("a sequence", sequence, 0, mostU32));
  octets[11] = within("hops at most", maxHops, 1, mostHops);
  writeU16(octets, 12, within("seconds of a lifetime", content.lifetime / 1000, 1, mostU16));
  if (keyPackageHash !== undefined) put(octets, 14, keyPackageHash, announceLengths.keyPackageHash);
  put(octets, keyAt, key, announceLengths.key);
  if (prekey !== undefined) put(octets, prekeyAt, prekey, announceLengths.prekey);
  return octets;
}

/** 131 octets, 163 with a prekey. Throws InternalError for what does not fit its field. */
export function encodeAnnounce(announce: Announce): Uint8Array {
  const { key, signature, hops, chain, maxHops } = announce;
  const signed = encodeSignedPart(announce, key);
  const octets = new Uint8Array(signed.length + announceLengths.signature + tailLength);
  octets.set(signed);
  put(octets, signed.length, signature, announceLengths.signature);
  return putTail(octets, within("hops", hops, 0, maxHops - 1), chain);
}

/** Why octets are no announce: the first fault of them. */
export type AnnounceFault = "length" | "form" | "hops" | "lifetime";

/** An announce as it came, well-formed and not proved. Nothing is read before it is asked for: most that come are known already. */
export class HeardAnnounce implements Announce {
  /** 131 or 163; nobody writes into them. */
  readonly octets: Uint8Array;

  /** Of octets that `decodeAnnounce` has looked at. What it gives are views of them. */
  constructor(octets: Uint8Array) {
    this.octets = octets;
  }

  get isRenewal(): boolean {
    return ((this.octets[0] as number) & renewalFlag) !== 0;
  }

  get capabilities(): number {
    return readU16(this.octets, 1);
  }

  get epoch(): number {
    return readU32(this.octets, 3);
  }

  get sequence(): number {
    return readU32(this.octets, 7);
  }

  get maxHops(): number {
    return this.octets[11] as number;
  }

  get lifetime(): Millis {
    return seconds(readU16(this.octets, 12));
  }

  get keyPackageHash(): Uint8Array | undefined {
    const hasNone = readU32(this.octets, 14) === 0 && readU32(this.octets, 18) === 0;
    return hasNone ? undefined : this.octets.subarray(14, keyAt);
  }

  get key(): Uint8Array {
    return this.octets.subarray(keyAt, prekeyAt);
  }

  /** The first 48 bits of the key, to look for it by: others may have the same. */
  get keyNumber(): number {
    return keyNumberIn(this.octets, 0);
  }

  /** The 53 bits behind them. */
  get keyCheck(): number {
    return keyCheckIn(this.octets, 0);
  }

  get prekey(): Uint8Array | undefined {
    const end = this.signedPart.length;
    return end === prekeyAt ? undefined : this.octets.subarray(prekeyAt, end);
  }

  get signature(): Uint8Array {
    const end = this.octets.length - tailLength;
    return this.octets.subarray(end - announceLengths.signature, end);
  }

  get hops(): number {
    return hopsIn(this.octets);
  }

  get chain(): Uint8Array {
    return this.octets.subarray(this.octets.length - announceLengths.chain);
  }

  /** What was signed, but for the anchor behind it. */
  get signedPart(): Uint8Array {
    return this.octets.subarray(0, this.octets.length - tailLength - announceLengths.signature);
  }

  /** Whether it is the same announce as another, perhaps heard elsewhere: all is the same but what relays change. */
  isCopyOf(other: HeardAnnounce): boolean {
    if (this.octets.length !== other.octets.length) return false;
    const length = this.octets.length - tailLength;
    for (let place = 0; place < length; place += 1) if (this.octets[place] !== other.octets[place]) return false;
    return true;
  }

  /** Whether its hops are counted by the same chain: it is of the same key, epoch and sequence, whatever else it says. */
  hasChainOf(other: HeardAnnounce): boolean {
    for (let place = 3; place < 11; place += 1) if (this.octets[place] !== other.octets[place]) return false;
    for (let place = keyAt; place < prekeyAt; place += 1) if (this.octets[place] !== other.octets[place]) return false;
    return true;
  }

  /** In octets of its own: those that came are often a small part of a large piece of memory, or are written over. */
  kept(): HeardAnnounce {
    return new HeardAnnounce(this.octets.slice());
  }

  /** The octets of it as its next relay sends them. `hops` is less than `maxHops`. */
  relayed(hops: number, chain: Uint8Array): Uint8Array {
    return putTail(this.octets.slice(), hops, chain);
  }
}

/**
 * What the octets say, over these octets themselves; it would be written as the same octets again. What goes beyond their form is for
 * announce-proof.ts. Never throws.
 */
export function decodeAnnounce(octets: Uint8Array): HeardAnnounce | AnnounceFault {
  return faultOfAnnounce(octets, 0) ?? new HeardAnnounce(octets);
}

/** Of an announce that begins `at` in octets and ends with them. */
export function faultOfAnnounce(octets: Uint8Array, at: number): AnnounceFault | undefined {
  const length = octets.length - at;
  const hasPrekey = length === announceLengths.withPrekey;
  if (!hasPrekey && length !== announceLengths.without) return "length";
  if (((octets[at] as number) & ~renewalFlag) !== ((version << 4) | (hasPrekey ? prekeyFlag : 0))) return "form";
  const maxHops = octets[at + 11] as number;
  if (maxHops > mostHops || hopsIn(octets) >= maxHops) return "hops";
  return readU16(octets, at + 12) === 0 ? "lifetime" : undefined;
}

/** Of an announce that ends these octets. */
export function hopsIn(octets: Uint8Array): number {
  return octets[octets.length - tailLength] as number;
}

/** The first 48 bits of the key of an announce that begins `at`, to look for it by: others may have the same. */
export function keyNumberIn(octets: Uint8Array, at: number): number {
  return readU32(octets, at + keyAt) * 65_536 + readU16(octets, at + keyAt + 4);
}

/**
 * Whether an announce that begins `at` is of the same epoch and sequence as another, and of a key that begins with the same 101 bits: nobody finds
 * two such keys, but it is no proof.
 */
export function isLike(
  octets: Uint8Array,
  at: number,
  { epoch, sequence, keyNumber, keyCheck }: AnnounceLikeness,
): boolean {
  return (
    readU32(octets, at + 7) === sequence &&
    readU32(octets, at + 3) === epoch &&
    keyNumberIn(octets, at) === keyNumber &&
    keyCheckIn(octets, at) === keyCheck
  );
}

/** Of an announce, so that another is known as its copy without a look at octets that were heard long ago. */
export interface AnnounceLikeness extends Freshness {
  readonly keyNumber: number;
  readonly keyCheck: number;
}

/** The 53 bits behind the first 48. */
function keyCheckIn(octets: Uint8Array, at: number): number {
  return readU32(octets, at + keyAt + 6) * 2 ** 21 + (readU32(octets, at + keyAt + 10) >>> 11);
}

function signedLength(hasPrekey: boolean): number {
  return hasPrekey ? prekeyAt + announceLengths.prekey : prekeyAt;
}

/** Writes how far an announce has come into the end of its octets, or of a frame's that ends in it; returns them. */
export function putTail(octets: Uint8Array, hops: number, chain: Uint8Array): Uint8Array {
  const at = octets.length - tailLength;
  octets[at] = hops;
  put(octets, at + 1, chain, announceLengths.chain);
  return octets;
}

function put(octets: Uint8Array, at: number, part: Uint8Array, length: number): void {
  if (part.length !== length)
    throw new InternalError(`a field of an announce has ${length} octets, not ${part.length}`);
  octets.set(part, at);
}

function within(what: string, value: number, least: number, most: number): number {
  if (Number.isInteger(value) && value >= least && value <= most) return value;
  throw new InternalError(`${value} is no number of ${what} that an announce can tell: ${least} to ${most}`);
}
