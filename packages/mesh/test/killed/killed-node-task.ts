/** What a node that is killed is started with, and what its messages say. */
import type { MeshAddress } from "@ropewalk/mesh/pure/mesh-address";

export interface KilledNodeTask {
  /** With all that it keeps: "identity", "sequences" and "messages". */
  readonly folder: string;
  /** On 127.0.0.1. */
  readonly port: number;
  readonly peers: readonly number[];
  /** To whom it writes all the time, and as many as may be under way; undefined: to nobody. */
  readonly writesTo: { readonly address: MeshAddress; readonly key: string; readonly atOnce: number } | undefined;
}

/** Of a message with this name, which is 16 hexadecimal digits: mostly one envelope, sometimes several. */
export function contentOf(name: string): Uint8Array {
  const drawn = Number.parseInt(name.slice(0, 2), 16);
  const length = drawn < 8 ? 12_000 : 16 + drawn * 2;
  return new TextEncoder().encode(name.repeat(Math.ceil(length / name.length)).slice(0, length));
}

/** Undefined: it is nothing that was ever written. */
export function nameIn(content: Uint8Array): string | undefined {
  const text = new TextDecoder().decode(content);
  const name = text.slice(0, 16);
  return /^[0-9a-f]{16}$/.test(name) && text === new TextDecoder().decode(contentOf(name)) ? name : undefined;
}
