/**
 * What two nodes say to each other over others: a question is sealed, so that nobody but the asked can know its nonce, and says nothing of
 * who asks; the answer shows the nonce, and of a trace the way that it came. Source: docs/protocols/mesh-link.md, "Probes".
 */
import { joined } from "@ropewalk/kernel/bytes";
import { addressLength, addressOctets, addressOf, type MeshAddress } from "./mesh-address.ts";

export const nonceLength = 16;
const mostPath = 64;
const codes = { ping: 1, pong: 2, trace: 3, traced: 4 } as const;

export type EndToEnd =
  | { readonly kind: "ping" | "trace" | "pong"; readonly nonce: Uint8Array }
  | { readonly kind: "traced"; readonly nonce: Uint8Array; readonly path: readonly MeshAddress[] };

export function encodeEndToEnd(said: EndToEnd): Uint8Array {
  const head = joined(Uint8Array.of(codes[said.kind]), said.nonce);
  return said.kind === "traced" ? joined(head, ...said.path.map(addressOctets)) : head;
}

/** Undefined: the octets are nothing of this. The nonce is a view. */
export function decodeEndToEnd(octets: Uint8Array): EndToEnd | undefined {
  const nonce = octets.subarray(1, 1 + nonceLength);
  const rest = octets.subarray(1 + nonceLength);
  if (nonce.length < nonceLength) return undefined;
  switch (octets[0]) {
    case codes.ping:
      return rest.length === 0 ? { kind: "ping", nonce } : undefined;
    case codes.trace:
      return rest.length === 0 ? { kind: "trace", nonce } : undefined;
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
