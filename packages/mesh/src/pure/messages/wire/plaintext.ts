/**
 * What is sealed: a message whole, or a chunk of one, and how much of what lies behind it is padding. There is one way to write each, and
 * nothing else is read.
 *
 *     0      1        3               11              15
 *     +------+--------+---------------+---------------+----------------------------- - -  - - -+-----------+
 *     | kind | port   | id (8)        | sent (4)      | [index (2), count (2)] content | zeros  | length (2)|
 *     +------+--------+---------------+---------------+----------------------------- - -  - - -+-----------+
 *     kind    1 whole, 2 chunk; bit 7: there is padding, whose last two octets say how long it is, with themselves
 *
 * Source: docs/protocols/mesh-envelope.md.
 */
import { readU16, readU32, writeU16, writeU32 } from "@ropewalk/kernel/big-endian";
import { InternalError } from "@ropewalk/kernel/errors";

export const plaintextKind = { whole: 1, chunk: 2 } as const;

/** Octets in front of the content. */
export const plaintextHead: Readonly<Record<Plaintext["kind"], number>> = { whole: 15, chunk: 19 };

interface Told {
  /** For which application: 0 to 65,535. */
  readonly port: number;
  /** Which message of the sender's: 16 hexadecimal digits, lower-case. */
  readonly id: string;
  /** By the sender's clock, for people: seconds since 1970. */
  readonly sent: number;
}

export interface WholePlaintext extends Told {
  readonly kind: "whole";
  readonly content: Uint8Array;
}

export interface ChunkPlaintext extends Told {
  readonly kind: "chunk";
  /** From 0; less than `count`. */
  readonly index: number;
  /** How many make the message: 2 at least. */
  readonly count: number;
  /** One octet at least. */
  readonly content: Uint8Array;
}

export type Plaintext = WholePlaintext | ChunkPlaintext;

/** 2020-01-01: from when seconds are counted on the wire. Who has no clock says that it is this second. */
export const firstSecond = 1_577_836_800;
const paddingBit = 0x80;
const lengthLength = 2;
const idLength = 8;

/** With so many octets of padding: none, or two and more. Throws InternalError for what does not fit its field. */
export function encodePlaintext(plaintext: Plaintext, padding: number): Uint8Array {
  const { kind, content } = plaintext;
  const head = plaintextHead[kind];
  const octets = new Uint8Array(head + content.length + padding);
  const id = Uint8Array.fromHex(plaintext.id);
  if (id.length !== idLength) throw new InternalError(`a message's id has 8 octets, not ${id.length}`);
  octets[0] = plaintextKind[kind] | (padding === 0 ? 0 : paddingBit);
  writeU16(octets, 1, within("a port", plaintext.port, 0, 0xffff));
  octets.set(id, 3);
  writeU32(octets, 11, Math.min(0xffff_ffff, Math.max(0, Math.floor(plaintext.sent) - firstSecond)));
  if (kind === "chunk") {
    const count = within("a count of chunks", plaintext.count, 2, 0xffff);
    writeU16(octets, 15, within("a chunk", plaintext.index, 0, count - 1));
    writeU16(octets, 17, count);
  }
  octets.set(content, head);
  if (padding !== 0) writeU16(octets, octets.length - lengthLength, within("a padding", padding, lengthLength, 0xffff));
  return octets;
}

/** What the octets say; content is a view of them. Undefined: they are none. Never throws. */
export function decodePlaintext(octets: Uint8Array): Plaintext | undefined {
  const kind = kindOf((octets[0] ?? 0) & ~paddingBit);
  if (kind === undefined) return undefined;
  const head = plaintextHead[kind];
  const end = endOfContent(octets, head);
  if (end === undefined) return undefined;
  const told = {
    port: readU16(octets, 1),
    id: octets.subarray(3, 11).toHex(),
    sent: firstSecond + readU32(octets, 11),
    content: octets.subarray(head, end),
  };
  if (kind === "whole") return { kind, ...told };
  const [index, count] = [readU16(octets, 15), readU16(octets, 17)];
  return count < 2 || index >= count || end === head ? undefined : { kind, ...told, index, count };
}

/** Where padding begins, or the octets end; undefined: there is no room for it, or something else is in it than may be. */
function endOfContent(octets: Uint8Array, head: number): number | undefined {
  if (octets.length < head) return undefined;
  if (((octets[0] as number) & paddingBit) === 0) return octets.length;
  const lengthAt = octets.length - lengthLength;
  const length = readU16(octets, lengthAt);
  const end = octets.length - length;
  if (length < lengthLength || end < head) return undefined;
  for (let place = end; place < lengthAt; place += 1) if (octets[place] !== 0) return undefined;
  return end;
}

function kindOf(code: number): Plaintext["kind"] | undefined {
  if (code === plaintextKind.whole) return "whole";
  return code === plaintextKind.chunk ? "chunk" : undefined;
}

function within(what: string, value: number, least: number, most: number): number {
  if (Number.isInteger(value) && value >= least && value <= most) return value;
  throw new InternalError(`${value} is not ${what} that a message can tell: ${least} to ${most}`);
}
