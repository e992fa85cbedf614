/** Who somebody is in the mesh: the first 16 octets of the SHA-256 of the identity key, as 32 lower-case hexadecimal digits. */
import { sha256 } from "@ropewalk/crypto/pure/sha256";
import type { Branded } from "@ropewalk/kernel/units";

export type MeshAddress = Branded<string, "MeshAddress">;

export const addressLength = 16;
const written = /^[0-9a-f]{32}$/;

/** Undefined where the text is no address. Capitals are taken. */
export function parseMeshAddress(text: string): MeshAddress | undefined {
  const lower = text.toLowerCase();
  return written.test(lower) ? (lower as MeshAddress) : undefined;
}

/** Of the first 16 octets: those behind them are not looked at. */
export function addressOf(octets: Uint8Array): MeshAddress {
  return octets.subarray(0, addressLength).toHex() as MeshAddress;
}

/** Of an identity key of 32 octets. */
export function addressOfKey(key: Uint8Array): MeshAddress {
  return addressOf(sha256(key));
}

/** 16 octets. */
export function addressOctets(address: MeshAddress): Uint8Array {
  return Uint8Array.fromHex(address);
}
