/**
 * A broadcast: for all who are near, signed by who sent it and readable by all, or sealed for who has a channel's key. Relays change
 * priority, hops and life; the rest says which broadcast it is.
 *
 *     0       1               3       4
 *     +-------+---------------+-------+------------------------------------------------------ - -
 *     | range | life (2)      | form  | 1: key (32), plaintext, signature (64)
 *     +-------+---------------+-------+ 2: salt (16), plaintext sealed, mac (16)
 *                                     +------------------------------------------------------ - -
 *     range   bits 7 and 6 priority; bit 5 zero; bits 4 to 0 hops
 *
 * Source: docs/protocols/mesh-envelope.md.
 */
import { readU16, writeU16 } from "@ropewalk/kernel/big-endian";
import { InternalError } from "@ropewalk/kernel/errors";
import { type Millis, seconds } from "@ropewalk/kernel/units";
import { envelopeLengths, type Priority } from "./envelope.ts";
import { decodeLife, encodeLife } from "./life.ts";

export const broadcastForm = { signed: 1, channel: 2 } as const;
export type BroadcastForm = keyof typeof broadcastForm;

export const mostBroadcastHops = 16;
export const longestBroadcastLife: Millis = seconds(3_600);
/** Octets of one whole: with the frame's own it fits the class of 2,048. */
export const longestBroadcast = 2_045;

/** In octets; `head` is what stands in front of what is signed or sealed. */
export const broadcastLengths = { head: 4, key: 32, signature: 64, salt: 16 } as const;

const overhead: Readonly<Record<BroadcastForm, number>> = {
  signed: broadcastLengths.head + broadcastLengths.key + broadcastLengths.signature,
  channel: broadcastLengths.head + broadcastLengths.salt + envelopeLengths.mac,
};
const formAt = 3;
const hopsMask = 0x1f;

/** What relays write anew. */
export interface BroadcastHop {
  readonly priority: Priority;
  /** 0 to 16. */
  readonly hops: number;
  /** A second to an hour. */
  readonly life: Millis;
}

export type BroadcastContent =
  | {
      readonly form: "signed";
      /** 32 octets, Ed25519. */
      readonly key: Uint8Array;
      readonly plaintext: Uint8Array;
      /** 64 octets, over key and plaintext. */
      readonly signature: Uint8Array;
    }
  /** `sealed` is ciphertext and mac. */
  | { readonly form: "channel"; readonly salt: Uint8Array; readonly sealed: Uint8Array };

/** A broadcast as it came, well-formed and not proved. */
export class Broadcast implements BroadcastHop {
  readonly octets: Uint8Array;

  /** Of octets that `decodeBroadcast` has looked at. What it gives are views of them. */
  constructor(octets: Uint8Array) {
    this.octets = octets;
  }

  get priority(): Priority {
    return ((this.octets[0] as number) >>> 6) as Priority;
  }

  get hops(): number {
    return (this.octets[0] as number) & hopsMask;
  }

  get life(): Millis {
    const life = decodeLife(readU16(this.octets, 1));
    if (life === undefined) throw new InternalError("a broadcast was read that nobody had looked at");
    return life;
  }

  get form(): BroadcastForm {
    return this.octets[formAt] === broadcastForm.channel ? "channel" : "signed";
  }

  get content(): BroadcastContent {
    const { head, key, salt, signature } = broadcastLengths;
    if (this.form === "channel") {
      const sealedAt = head + salt;
      return { form: "channel", salt: this.octets.subarray(head, sealedAt), sealed: this.octets.subarray(sealedAt) };
    }
    const signatureAt = this.octets.length - signature;
    return {
      form: "signed",
      key: this.octets.subarray(head, head + key),
      plaintext: this.octets.subarray(head + key, signatureAt),
      signature: this.octets.subarray(signatureAt),
    };
  }

  /** What a signature is over, of a signed one. */
  get signedPart(): Uint8Array {
    return this.octets.subarray(broadcastLengths.head, this.octets.length - broadcastLengths.signature);
  }

  /** What is the same wherever it is heard. */
  get lasting(): Uint8Array {
    return this.octets.subarray(formAt);
  }

  /** In octets of its own: those that came are written over. */
  kept(): Broadcast {
    return new Broadcast(this.octets.slice());
  }
}

/** What the octets say, over these octets themselves; undefined: they are none. Never throws. */
export function decodeBroadcast(octets: Uint8Array): Broadcast | undefined {
  const form = formOf(octets[formAt]);
  if (form === undefined || octets.length < overhead[form] + envelopeLengths.shortestPlaintext) return undefined;
  if (octets.length > longestBroadcast) return undefined;
  const life = decodeLife(readU16(octets, 1));
  if (life === undefined || life > longestBroadcastLife) return undefined;
  // With the bit that must be zero it is more than any hops.
  return ((octets[0] as number) & 0x3f) > mostBroadcastHops ? undefined : new Broadcast(octets);
}

/** Octets of its own. Throws InternalError for what does not fit its field. */
export function encodeBroadcast(hop: BroadcastHop, content: BroadcastContent): Uint8Array {
  const parts =
    content.form === "signed" ? [content.key, content.plaintext, content.signature] : [content.salt, content.sealed];
  const octets = new Uint8Array(broadcastLengths.head + parts.reduce((sum, { length }) => sum + length, 0));
  octets[formAt] = broadcastForm[content.form];
  let at: number = broadcastLengths.head;
  for (const part of parts) {
    octets.set(part, at);
    at += part.length;
  }
  rewriteBroadcastHop(octets, 0, hop);
  return octets;
}

/** Writes what relays change, of the broadcast that begins `at` in octets of the caller's own. Throws InternalError as `encodeBroadcast`. */
export function rewriteBroadcastHop(octets: Uint8Array, at: number, { priority, hops, life }: BroadcastHop): void {
  const code = life > longestBroadcastLife ? undefined : encodeLife(life);
  if (code === undefined || !Number.isInteger(hops) || hops < 0 || hops > mostBroadcastHops)
    throw new InternalError(`no broadcast has ${hops} hops left and lives for ${life} ms`);
  octets[at] = (priority << 6) | hops;
  writeU16(octets, at + 1, code);
}

/** The octets of one whose plaintext has so many. */
export function broadcastLength(form: BroadcastForm, plaintext: number): number {
  return overhead[form] + plaintext;
}

function formOf(code: number | undefined): BroadcastForm | undefined {
  if (code === broadcastForm.signed) return "signed";
  return code === broadcastForm.channel ? "channel" : undefined;
}
