/** Public keys of WireGuard in their one text form, base64 as `wg` shows it, so that equal keys are equal strings. */
import { InternalError } from "@ropewalk/kernel/errors";
import type { Branded } from "@ropewalk/kernel/units";

/** 44 characters for 32 octets. */
export type WireGuardPublicKey = Branded<string, "WireGuardPublicKey">;

export const wireGuardKeyLength = 32;

const isBase64Key = /^[A-Za-z0-9+/]{42}[AEIMQUYcgkosw048]=$/;
const zero = `${"A".repeat(43)}=`;

/**
 * The key in `text`, as somebody wrote it; undefined when there is none. Zero is none. Other points of small order are not looked
 * for here: pure/small-order.ts tells them.
 */
export function parseWireGuardPublicKey(text: string): WireGuardPublicKey | undefined {
  return isBase64Key.test(text) && text !== zero ? (text as WireGuardPublicKey) : undefined;
}

/** The key of 32 octets, whatever they are: a device may have been given any. Throws InternalError. */
export function wireGuardPublicKeyFromBytes(octets: Uint8Array): WireGuardPublicKey {
  if (octets.length !== wireGuardKeyLength) throw new InternalError(`a key of ${octets.length} octets is none`);
  return octets.toBase64() as WireGuardPublicKey;
}

export function wireGuardPublicKeyBytes(key: WireGuardPublicKey): Uint8Array {
  return Uint8Array.fromBase64(key);
}
