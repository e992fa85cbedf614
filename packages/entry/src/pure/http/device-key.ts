/**
 * Public keys of devices. Two texts or two arrays of octets must not mean one key: who registers another spelling of somebody's key would take
 * the peer away from him on every node that compares octets.
 */
import { isSmallOrderMontgomery } from "@ropewalk/crypto/pure/small-order";

export type ReadDeviceKey =
  | { readonly kind: "key"; readonly octets: Uint8Array }
  | { readonly kind: "fault"; readonly reason: string };

/** `text`: base64 of 32 octets with padding, as WireGuard's own programs write it. */
export function readDeviceKey(text: string): ReadDeviceKey {
  if (!/^[A-Za-z0-9+/]{43}=$/.test(text)) return fault("it is no base64 of 32 octets");
  const octets = Uint8Array.fromBase64(text, { lastChunkHandling: "loose" });
  if (octets.toBase64() !== text) return fault("its last digit says more than 32 octets");
  if (octets.every((octet) => octet === 0)) return fault("it is all zeros");
  if (isSmallOrderMontgomery(octets)) return fault("it is a point of small order, with which nothing is secret");
  if (!isCanonical(octets)) return fault("it is another spelling of a key: it must be below 2^255 - 19");
  return { kind: "key", octets };
}

/** Little-endian, below 2^255 - 19. Source: RFC 7748 §5, which has receivers take the others too. */
function isCanonical(octets: Uint8Array): boolean {
  const [first = 0, last = 0] = [octets[0], octets[31]];
  if (last > 0x7f) return false;
  const isNearTop = last === 0x7f && octets.subarray(1, 31).every((octet) => octet === 0xff);
  return !(isNearTop && first >= 0xed);
}

function fault(reason: string): ReadDeviceKey {
  return { kind: "fault", reason };
}
