/**
 * Orders as entry sends them, and answers as a node does: packages/api/src/proto/vpn/exit.proto. What is no order is told with what is wrong with it,
 * and without what stands in it.
 */
import type { MessageInitShape } from "@bufbuild/protobuf";
import type * as wire from "@ropewalk/api/proto/vpn/exit";
import {
  type WireGuardPublicKey,
  wireGuardKeyLength,
  wireGuardPublicKeyFromBytes,
} from "@ropewalk/host/wireguard/public-key";
import { familyOf, type IpAddress, ipAddressBytes, ipAddressFromBytes } from "@ropewalk/kernel/addresses";
import { SecretBytes } from "@ropewalk/kernel/secret-bytes";
import { type Millis, millis } from "@ropewalk/kernel/units";
import { type Held, overAt } from "./held.ts";
import type { Generation, NodeMoment, Order, Peer, PlacementId, PlaceOrder, RemoveOrder, Snapshot } from "./order.ts";
import type { OrderAnswer } from "./order-batch.ts";

export type Decoded<Value> =
  | { readonly kind: "valid"; readonly value: Value }
  | { readonly kind: "invalid"; readonly what: string };

/** Of all or of none. */
export function decodeOrders(messages: readonly wire.Order[]): Decoded<readonly Order[]> {
  return attempt(() => messages.map(orderIn));
}

export function decodeSnapshot(message: wire.Snapshot | undefined): Decoded<Snapshot> {
  return attempt(() => {
    const { watermark, boot, placements } = message ?? wrong("there is no snapshot");
    return { watermark: generationIn(watermark), boot: bootIn(boot), placements: placements.map(placeIn) };
  });
}

export function encodeAnswer(answer: OrderAnswer): MessageInitShape<typeof wire.AnswerSchema> {
  const about = { placement: answer.placement, generation: BigInt(answer.generation) };
  switch (answer.kind) {
    case "placed":
      return { ...about, answer: { case: "placed", value: {} } };
    case "removed":
      return { ...about, answer: { case: "removed", value: {} } };
    case "refused":
      return { ...about, answer: { case: "refused", value: { why: answer.why } } };
  }
}

export function encodeHeld(held: Held, now: Millis): MessageInitShape<typeof wire.HeldPlacementSchema> {
  const left = Math.min(longest, Math.max(0, Math.floor(overAt(held) - now)));
  const about = { placement: held.placement, generation: BigInt(held.generation) };
  if (held.kind === "gone")
    return { ...about, publicKey: keyOctets(held.publicKey), until: { case: "rememberedMillis", value: left } };
  const { publicKey, addresses } = held.peer;
  return {
    ...{ ...about, publicKey: keyOctets(publicKey) },
    addresses: addresses.map((address) => ipAddressBytes(address as IpAddress)),
    until: { case: "leaseLeftMillis", value: left },
  };
}

/** Of a field of 32 bits. */
const longest = 0xffff_ffff;
const longestBoot = 128;

class Wrong extends Error {}

function wrong(what: string): never {
  throw new Wrong(what);
}

function attempt<Value>(decode: () => Value): Decoded<Value> {
  try {
    return { kind: "valid", value: decode() };
  } catch (error) {
    if (error instanceof Wrong) return { kind: "invalid", what: error.message };
    throw error;
  }
}

function orderIn({ order }: wire.Order): Order {
  switch (order.case) {
    case "place":
      return placeIn(order.value);
    case "remove":
      return removeIn(order.value);
    case undefined:
      return wrong("an order is neither to place nor to remove");
  }
}

function placeIn({ placement, generation, peer, leaseMillis, until }: wire.PlaceOrder): PlaceOrder {
  return {
    ...{ kind: "place", placement: placementIn(placement), generation: generationIn(generation) },
    ...{ peer: peerIn(peer), lease: durationIn(leaseMillis, "lease"), until: momentIn(until) },
  };
}

function removeIn({ placement, generation, publicKey, rememberMillis }: wire.RemoveOrder): RemoveOrder {
  return {
    ...{ kind: "remove", placement: placementIn(placement), generation: generationIn(generation) },
    ...{ publicKey: keyIn(publicKey), remember: durationIn(rememberMillis, "time to remember") },
  };
}

function placementIn(text: string): PlacementId {
  const isUuid = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(text);
  return isUuid ? (text as PlacementId) : wrong("a placement is no UUID in lower case");
}

/** Beyond 2^53 numbers are no longer told apart. */
function generationIn(value: bigint): Generation {
  return value <= BigInt(Number.MAX_SAFE_INTEGER) ? (Number(value) as Generation) : wrong("a generation is too great");
}

function durationIn(value: number, what: string): Millis {
  return value > 0 ? millis(value) : wrong(`a ${what} is no time at all`);
}

function momentIn(moment: wire.Moment | undefined): NodeMoment {
  const { boot, millis: at } = moment ?? wrong("an order has no moment until which it is taken");
  if (at > BigInt(Number.MAX_SAFE_INTEGER)) wrong("a moment is too late");
  return { boot: bootIn(boot), at: millis(Number(at)) };
}

function bootIn(text: string): string {
  return text.length > 0 && text.length <= longestBoot ? text : wrong("a boot has no name, or one that is too long");
}

function peerIn(peer: wire.Peer | undefined): Peer {
  const { publicKey, addresses, presharedKey } = peer ?? wrong("an order to place has no peer");
  const known = { publicKey: keyIn(publicKey), addresses: addressesIn(addresses) };
  return presharedKey === undefined ? known : { ...known, presharedKey: secretIn(presharedKey) };
}

function keyIn(octets: Uint8Array): WireGuardPublicKey {
  if (octets.length !== wireGuardKeyLength) wrong(`a public key has ${octets.length} octets`);
  return wireGuardPublicKeyFromBytes(octets);
}

function secretIn(octets: Uint8Array): SecretBytes {
  const isKey = octets.length === wireGuardKeyLength && octets.some((octet) => octet !== 0);
  // A copy: it outlives the message, whose octets are one buffer.
  return isKey ? new SecretBytes(octets.slice()) : wrong("a preshared key has not 32 octets, or is zero");
}

function addressesIn(all: readonly Uint8Array[]): readonly IpAddress[] {
  const addresses = all.map((octets) => ipAddressFromBytes(octets) ?? wrong("an address has neither 4 octets nor 16"));
  const families = new Set(addresses.map(familyOf));
  const isOneOfEach = addresses.length > 0 && families.size === addresses.length;
  return isOneOfEach ? addresses : wrong("a peer has no address, or two of one family");
}

function keyOctets(text: string): Uint8Array {
  return Uint8Array.fromBase64(text);
}
