/** Keys and peers for tests: a number makes always the same. */
import type { WantedPeer } from "@ropewalk/host/wireguard/device";
import { type WireGuardPublicKey, wireGuardPublicKeyFromBytes } from "@ropewalk/host/wireguard/public-key";
import { type Prefix, parsePrefix } from "@ropewalk/kernel/addresses";
import { SecretBytes } from "@ropewalk/kernel/secret-bytes";

/** 32 octets: the number, then 0x5a. */
export function keyOctets(number: number): Uint8Array {
  const octets = new Uint8Array(32).fill(0x5a);
  new DataView(octets.buffer).setUint32(0, number);
  return octets;
}

export function publicKey(number: number): WireGuardPublicKey {
  return wireGuardPublicKeyFromBytes(keyOctets(number));
}

export function secret(number: number): SecretBytes {
  return new SecretBytes(keyOctets(number));
}

export function prefixes(...texts: readonly string[]): readonly Prefix[] {
  return texts.map((text) => parsePrefix(text) as Prefix);
}

/** With an address of either family. */
export function peer(number: number, values: Partial<WantedPeer> = {}): WantedPeer {
  const [high, low] = [number >> 8, number & 0xff];
  return {
    publicKey: publicKey(number),
    presharedKey: secret(0x1000_0000 + number),
    allowedPrefixes: prefixes(`10.${high >> 8}.${high & 0xff}.${low}/32`, `fd00::${(number + 1).toString(16)}/128`),
    keepalive: undefined,
    ...values,
  };
}
