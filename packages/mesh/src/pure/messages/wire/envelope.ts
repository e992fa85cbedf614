/**
 * An envelope: sealed octets behind a header of twelve, which is all that relays see. It is read where it lies, and what relays change of the
 * header is written over in the one copy that goes on.
 *
 *     0       1               3       4                               12
 *     +-------+---------------+-------+-------------------------------+---------- - -
 *     | class | life (2)      | hops  | tag (8)                       | sealed
 *     +-------+---------------+-------+-------------------------------+---------- - -
 *     class   priority (2 bits), opening (1), zero (1), copies (4)
 *
 * Source: docs/protocols/mesh-envelope.md.
 */
import { readU16, writeU16 } from "@ropewalk/kernel/big-endian";
import { InternalError } from "@ropewalk/kernel/errors";
import type { Branded, Millis } from "@ropewalk/kernel/units";
import { mostHops } from "../../wire/announce.ts";
import { decodeLife, encodeLife } from "./life.ts";

export const priority = { low: 0, normal: 1, high: 2, emergency: 3 } as const;
export type Priority = (typeof priority)[keyof typeof priority];

/** An opening is whole in itself; what goes in a chain only who has the chain can read. */
export type EnvelopeForm = "opening" | "chain";

/** A tag as a name to look for it by: 16 hexadecimal digits, lower-case. */
export type TagName = Branded<string, "TagName">;

/** In octets. `sealing` is what it adds to a plaintext. */
export const envelopeLengths = {
  header: 12,
  tag: 8,
  ackKey: 16,
  hint: 8,
  mac: 16,
  /** Ephemeral key and masked key, in front of an opening's ciphertext. */
  openingHead: 64,
  sealing: { opening: 80, chain: 16 },
  shortestPlaintext: 15,
} as const;

export const mostCopies = 8;

/** What relays write anew. */
export interface EnvelopeHop {
  readonly priority: Priority;
  /** 1 to 8: how many nodes may hold it. */
  readonly copies: number;
  /** A second at least. */
  readonly life: Millis;
  /** 0 to 64. */
  readonly hops: number;
}

export interface EnvelopeHeader extends EnvelopeHop {
  readonly form: EnvelopeForm;
  /** 8 octets. */
  readonly tag: Uint8Array;
}

/** Why octets are no envelope: the first fault of them. */
export type EnvelopeFault = "length" | "class" | "life" | "hops";

const [openingBit, zeroBit] = [0x20, 0x10];
const tagAt = 4;

/** An envelope as it came, well-formed; what is sealed was not looked at. Nothing is read before it is asked for. */
export class Envelope implements EnvelopeHeader {
  readonly octets: Uint8Array;

  /** Of octets that `decodeEnvelope` has looked at. What it gives are views of them. */
  constructor(octets: Uint8Array) {
    this.octets = octets;
  }

  get priority(): Priority {
    return ((this.octets[0] as number) >>> 6) as Priority;
  }

  get form(): EnvelopeForm {
    return ((this.octets[0] as number) & openingBit) === 0 ? "chain" : "opening";
  }

  get copies(): number {
    return (this.octets[0] as number) & 0x0f;
  }

  get life(): Millis {
    const life = decodeLife(readU16(this.octets, 1));
    if (life === undefined) throw new InternalError("an envelope was read that nobody had looked at");
    return life;
  }

  get hops(): number {
    return this.octets[3] as number;
  }

  get tag(): Uint8Array {
    return this.octets.subarray(tagAt, envelopeLengths.header);
  }

  get name(): TagName {
    return tagName(this.tag);
  }

  get sealed(): Uint8Array {
    return this.octets.subarray(envelopeLengths.header);
  }

  /** In octets of its own: those that came are written over. */
  kept(): Envelope {
    return new Envelope(this.octets.slice());
  }
}

/** What the octets say, over these octets themselves. Never throws. */
export function decodeEnvelope(octets: Uint8Array): Envelope | EnvelopeFault {
  const sort = octets[0] ?? 0;
  const form = (sort & openingBit) === 0 ? "chain" : "opening";
  if (octets.length < shortestEnvelope(form)) return "length";
  const copies = sort & 0x0f;
  if ((sort & zeroBit) !== 0 || copies < 1 || copies > mostCopies) return "class";
  if (decodeLife(readU16(octets, 1)) === undefined) return "life";
  return (octets[3] as number) > mostHops ? "hops" : new Envelope(octets);
}

/** Octets of its own. Throws InternalError for what does not fit its field. */
export function encodeEnvelope(header: EnvelopeHeader, sealed: Uint8Array): Uint8Array {
  const octets = new Uint8Array(envelopeLengths.header + sealed.length);
  if (octets.length < shortestEnvelope(header.form) || header.tag.length !== envelopeLengths.tag)
    throw new InternalError(
      `an envelope has a tag of 8 octets, not ${header.tag.length}, and more than ${octets.length}`,
    );
  octets[0] = header.form === "opening" ? openingBit : 0;
  octets.set(header.tag, tagAt);
  octets.set(sealed, envelopeLengths.header);
  rewriteHop(octets, 0, header);
  return octets;
}

/**
 * Writes what relays change, of the envelope that begins `at` in octets of the caller's own, such as a frame. Throws InternalError for what
 * does not fit its field.
 */
export function rewriteHop(octets: Uint8Array, at: number, hop: EnvelopeHop): void {
  const life = encodeLife(hop.life);
  if (life === undefined) throw new InternalError("an envelope whose life is over is not passed on");
  const copies = within("copies", hop.copies, 1, mostCopies);
  octets[at] = (hop.priority << 6) | ((octets[at] as number) & openingBit) | copies;
  writeU16(octets, at + 1, life);
  octets[at + 3] = within("hops", hop.hops, 0, mostHops);
}

/** Of the first 8 octets: those behind them are not looked at. */
export function tagName(octets: Uint8Array): TagName {
  return octets.subarray(0, envelopeLengths.tag).toHex() as TagName;
}

/** 8 octets. */
export function tagOctets(name: TagName): Uint8Array {
  return Uint8Array.fromHex(name);
}

function shortestEnvelope(form: EnvelopeForm): number {
  return envelopeLengths.header + envelopeLengths.sealing[form] + envelopeLengths.shortestPlaintext;
}

function within(what: string, value: number, least: number, most: number): number {
  if (Number.isInteger(value) && value >= least && value <= most) return value;
  throw new InternalError(`${value} is no number of ${what} that an envelope can tell: ${least} to ${most}`);
}
