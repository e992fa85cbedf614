/**
 * Which of entry's orders a node takes. Orders are lost, repeated, late and out of turn; a placement's generation says which of two is the
 * later one, the watermark that one is older than all that was ever forgotten, and the deadline that one has been on its way for too long.
 */
import { isOfSmallOrder } from "@ropewalk/host/wireguard/small-order";
import { type Millis, millis } from "@ropewalk/kernel/units";
import { type Held, isLive, type Present } from "./held.ts";
import type { LeaseTable } from "./lease-table.ts";
import type { Order, PlaceOrder, RemoveOrder } from "./order.ts";

export type Refusal =
  /** Something later was taken, or a snapshot that knew of it. */
  | "older"
  /** It was on its way for too long. */
  | "late"
  /** Its deadline is of another life of the node. */
  | "other-boot"
  /** No handshake succeeds with it. */
  | "not-a-key"
  /** It is the node's own, which its device passes over. */
  | "own-key"
  /** An address is not of the node's pools. */
  | "not-in-pool"
  /** Another placement has the key or an address, and its lease lasts; or it had the address, which still rests or is left. */
  | "taken";

export type Judgement =
  /** To be stored first, put into the table next, and then done. */
  | { readonly kind: "take"; readonly held: Held }
  /** It was taken before, and holds. */
  | { readonly kind: "known" }
  | { readonly kind: "refuse"; readonly why: Refusal };

export interface Circumstances {
  readonly now: Millis;
  readonly isInPool: (address: string) => boolean;
  /** Connections of whoever had it may still be tracked. */
  readonly isLeaving: (address: string) => boolean;
  /** Undefined while the device has none. */
  readonly ownKey: string | undefined;
  /** One that a snapshot names is not older than that snapshot. */
  readonly from: "alone" | "snapshot";
}

export function judgeOrder(table: LeaseTable, order: Order, circumstances: Circumstances): Judgement {
  return order.kind === "place" ? judgePlace(table, order, circumstances) : judgeRemove(table, order, circumstances);
}

function judgePlace(table: LeaseTable, order: PlaceOrder, circumstances: Circumstances): Judgement {
  const { now, isInPool, isLeaving, ownKey, from } = circumstances;
  const { placement, generation, peer, lease, until } = order;
  const held = table.find(placement);
  if (from === "alone" && held === undefined && generation <= table.watermark) return refuse("older");
  if (held !== undefined && generation < held.generation) return refuse("older");
  if (held?.kind === "gone" && generation === held.generation) return refuse("older");
  const live = held?.kind === "present" && isLive(held, now) ? held : undefined;
  const wayOut = live?.generation === generation ? ({ kind: "known" } as const) : undefined;
  if (until.boot !== table.boot) return wayOut ?? refuse("other-boot");
  if (until.at <= now) return wayOut ?? refuse("late");
  if (isOfSmallOrder(peer.publicKey)) return refuse("not-a-key");
  if (peer.publicKey === ownKey) return refuse("own-key");
  if (!peer.addresses.every(isInPool)) return refuse("not-in-pool");
  if (table.isTaken(peer, placement, now)) return refuse("taken");
  const isOwn = (address: string) =>
    live?.peer.addresses.includes(address) === true || table.rest(address)?.formerly === placement;
  if (peer.addresses.some((address) => isLeaving(address) && !isOwn(address))) return refuse("taken");
  // The same order again may prolong it: never further than `until` and a lease, for which entry reserves it.
  const endsAt = millis(Math.max(now + lease, live?.endsAt ?? 0));
  const present: Present = { kind: "present", placement, generation, peer, endsAt };
  return { kind: "take", held: present };
}

function judgeRemove(table: LeaseTable, order: RemoveOrder, { now }: Circumstances): Judgement {
  const { placement, generation, publicKey, remember } = order;
  const held = table.find(placement);
  if (held === undefined && generation <= table.watermark) return { kind: "known" };
  if (held?.kind === "gone" && generation <= held.generation) return { kind: "known" };
  if (held !== undefined && generation < held.generation) return refuse("older");
  return { kind: "take", held: { kind: "gone", placement, generation, publicKey, forgetAt: millis(now + remember) } };
}

function refuse(why: Refusal): Judgement {
  return { kind: "refuse", why };
}
