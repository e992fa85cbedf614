/** Cuts a byte stream into messages. It keeps no more than the one message that is under way, and only when that one may come. */
import { joined } from "@ropewalk/kernel/bytes";
import type { AbortReason } from "./failure.ts";
import { headerLength } from "./message.ts";

export interface Frame {
  readonly type: number;
  readonly body: Uint8Array;
  /** The header and the body, as the transcript takes them. */
  readonly octets: Uint8Array;
}

/** Bytes of a message that is not whole yet, each chunk longer than the next: however small they come, there are few. */
export type Pending = readonly Uint8Array[];

export type Cut =
  | { readonly kind: "frame"; readonly frame: Frame; readonly rest: Uint8Array }
  | { readonly kind: "more"; readonly pending: Pending }
  | { readonly kind: "refused"; readonly reason: AbortReason };

/** Why a message of this type, with a body so long, may not come now; asked of every header before its body is kept. */
export type Admit = (type: number, length: number) => AbortReason | undefined;

/** The first frame of what is pending and what came. */
export function cutFrame(pending: Pending, bytes: Uint8Array, admit: Admit): Cut {
  const chunks = withChunk(pending, bytes);
  const have = chunks.reduce((length, chunk) => length + chunk.length, 0);
  const [first] = chunks;
  if (first === undefined || have < headerLength) return { kind: "more", pending: chunks };
  const [type = 0, high = 0, middle = 0, low = 0] = first.length < headerLength ? joined(...chunks) : first;
  const length = high * 65_536 + middle * 256 + low;
  const reason = admit(type, length);
  if (reason !== undefined) return { kind: "refused", reason };
  if (have < headerLength + length) return { kind: "more", pending: chunks };
  const whole = chunks.length === 1 ? first : joined(...chunks);
  const octets = whole.subarray(0, headerLength + length);
  const frame = { type, body: octets.subarray(headerLength), octets };
  return { kind: "frame", frame, rest: whole.subarray(headerLength + length) };
}

function withChunk(pending: Pending, bytes: Uint8Array): Pending {
  if (bytes.length === 0) return pending;
  const chunks = [...pending];
  let last = bytes;
  for (let before = chunks.at(-1); before !== undefined && before.length <= last.length; before = chunks.at(-1)) {
    last = joined(before, last);
    chunks.pop();
  }
  return [...chunks, last];
}
