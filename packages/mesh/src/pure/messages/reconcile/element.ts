/**
 * What two stores compare: an element of 8 octets for each envelope, with the lowest bit replaced by how it stands: the mark of one that is held, the
 * tag of one that was proved. Many are a
 * row of words, two for each: the upper 32 bits, then the lower ones.
 */

/** An envelope is held, or was proved and is needed no more. */
export type Standing = "held" | "proved";

/** A mark or tag in 16 hexadecimal digits, with its lowest bit clear: of two that differ in that bit alone, a store knows one. */
export type TagStem = string;

export interface Standings {
  readonly held: readonly TagStem[];
  readonly proved: readonly TagStem[];
}

const provedBit = 1;
const digits = 8;
const letterA = 0x61;

/** Elements of marks and tags, or of their stems; none may be there twice. */
export function elementsOf(tags: { readonly [Each in Standing]: Iterable<string> }): Uint32Array {
  const words: number[] = [];
  for (const tag of tags.held) words.push(wordOf(tag, 0), wordOf(tag, digits) & ~provedBit);
  for (const tag of tags.proved) words.push(wordOf(tag, 0), wordOf(tag, digits) | provedBit);
  return Uint32Array.from(words);
}

/** The words of one, of a mark or tag. */
export function elementOf(standing: Standing, tag: string): readonly [number, number] {
  const low = wordOf(tag, digits);
  return [wordOf(tag, 0), standing === "proved" ? low | provedBit : low & ~provedBit];
}

/** The upper word of a mark, a tag or a stem. */
export function upperOf(tag: string): number {
  return wordOf(tag, 0);
}

export function standingOf(low: number): Standing {
  return (low & provedBit) === 0 ? "held" : "proved";
}

/** Of a mark or tag in 16 hexadecimal digits. */
export function stemOfDigits(digits: string): TagStem {
  const last = Number.parseInt(digits.slice(-1), 16);
  return digits.slice(0, -1) + (last & ~provedBit).toString(16);
}

export function stemOf(high: number, low: number): TagStem {
  return inHex(high) + inHex(low & ~provedBit);
}

/** Those of a row, told apart. */
export function standingsOf(elements: Uint32Array): Standings {
  const stems: Record<Standing, TagStem[]> = { held: [], proved: [] };
  for (let at = 0; at + 1 < elements.length; at += 2) {
    const [high, low] = [elements[at] as number, elements[at + 1] as number];
    stems[standingOf(low)].push(stemOf(high, low));
  }
  return stems;
}

/** A whole store is read so for each meeting, and `parseInt` of a slice takes five times as long. */
function wordOf(tag: string, from: number): number {
  let word = 0;
  for (let at = from; at < from + digits; at += 1) {
    const code = tag.charCodeAt(at);
    word = (word << 4) | (code < letterA ? code & 0xf : code - letterA + 10);
  }
  return word >>> 0;
}

function inHex(word: number): string {
  return (word >>> 0).toString(16).padStart(digits, "0");
}
