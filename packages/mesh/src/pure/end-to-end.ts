/**
 * What two nodes say to each other over others, sealed so that nobody between can read it: who asks, a nonce that only the asked can
 * know, and of a trace the way that it came. Source: docs/protocols/mesh-link.md, "Probes".
 */
import { joined } from "@ropewalk/kernel/bytes";
import { addressLength, addressOctets, addressOf, type MeshAddress } from "./mesh-address.ts";

export const nonceLength = 16;
const keyLength = 32;
const mostPath = 64;
const codes = { ping: 1, pong: 2, trace: 3, traced: 4 } as const;

export type EndToEnd =
  | { readonly kind: "ping"; readonly nonce: Uint8Array; readonly key: Uint8Array }
  | { readonly kind: "trace"; readonly nonce: Uint8Array; readonly key: Uint8Array }
  | { readonly kind: "pong"; readonly nonce: Uint8Array }
  | { readonly kind: "traced"; readonly nonce: Uint8Array; readonly path: readonly MeshAddress[] };

export function encodeEndToEnd(said: EndToEnd): Uint8Array {
  const head = joined(Uint8Array.of(codes[said.kind]), said.nonce);
  switch (said.kind) {
    case "ping":
    case "trace":
      return joined(head, said.key);
    case "pong":
      return head;
    case "traced":
      return joined(head, ...said.path.map(addressOctets));
  }
}

/** Undefined: the octets are nothing of this. The nonce and the key are views. */
export function decodeEndToEnd(octets: Uint8Array): EndToEnd | undefined {
  const nonce = octets.subarray(1, 1 + nonceLength);
  const rest = octets.subarray(1 + nonceLength);
  if (nonce.length < nonceLength) return undefined;
  switch (octets[0]) {
    case codes.ping:
      return rest.length === keyLength ? { kind: "ping", nonce, key: rest } : undefined;
    case codes.trace:
      return rest.length === keyLength ? { kind: "trace", nonce, key: rest } : undefined;
    case codes.pong:
      return rest.length === 0 ? { kind: "pong", nonce } : undefined;
    case codes.traced:
      return rest.length % addressLength === 0 && rest.length <= mostPath * addressLength
        ? { kind: "traced", nonce, path: addressesOf(rest) }
        : undefined;
    default:
      return undefined;
  }
}

function addressesOf(octets: Uint8Array): readonly MeshAddress[] {
  const count = octets.length / addressLength;
  return Array.from({ length: count }, (_, index) => addressOf(octets.subarray(index * addressLength)));
}
