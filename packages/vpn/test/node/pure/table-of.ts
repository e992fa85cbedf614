/** Orders, rows and tables for tests, with what does not matter filled in. */
import { millis } from "@ropewalk/kernel/units";
import type { Present, Stranger, Tombstone } from "@ropewalk/vpn/node/pure/held";
import { type Circumstances, type Judgement, judgeOrder } from "@ropewalk/vpn/node/pure/judge-order";
import { LeaseTable } from "@ropewalk/vpn/node/pure/lease-table";
import type { Generation, Order, PlacementId, PlaceOrder, RemoveOrder } from "@ropewalk/vpn/node/pure/order";

export const boot = "boot 1";
export const id = (text: string): PlacementId => text as PlacementId;
export const generation = (value: number): Generation => value as Generation;

interface Some {
  readonly placement?: string;
  readonly generation?: number;
  readonly key?: string;
  readonly address?: string;
}

const peerOf = ({ key = "ada", address = "10.0.0.2" }: Some) => ({ publicKey: key, addresses: [address] });

/** To be taken until 100, for a lease of 1,000. */
export function place(some: Some & { readonly until?: number; readonly boot?: string } = {}): PlaceOrder {
  return {
    kind: "place",
    placement: id(some.placement ?? "one"),
    generation: generation(some.generation ?? 1),
    peer: peerOf(some),
    lease: millis(1_000),
    until: { boot: some.boot ?? boot, at: millis(some.until ?? 100) },
  };
}

export function remove(some: Some = {}): RemoveOrder {
  return {
    kind: "remove",
    placement: id(some.placement ?? "one"),
    generation: generation(some.generation ?? 2),
    publicKey: some.key ?? "ada",
    remember: millis(1_000),
  };
}

export function present(some: Some & { readonly endsAt?: number } = {}): Present {
  return {
    kind: "present",
    placement: id(some.placement ?? "one"),
    generation: generation(some.generation ?? 1),
    peer: peerOf(some),
    endsAt: millis(some.endsAt ?? 1_000),
  };
}

export function gone(some: Some & { readonly forgetAt?: number } = {}): Tombstone {
  return {
    kind: "gone",
    placement: id(some.placement ?? "one"),
    generation: generation(some.generation ?? 2),
    publicKey: some.key ?? "ada",
    forgetAt: millis(some.forgetAt ?? 1_000),
  };
}

export function stranger(some: Some & { readonly endsAt?: number } = {}): Stranger {
  return { peer: peerOf(some), endsAt: millis(some.endsAt ?? 1_000) };
}

export function tableOf(
  held: readonly (Present | Tombstone)[] = [],
  watermark = 0,
  strangers: readonly Stranger[] = [],
) {
  return new LeaseTable(boot, generation(watermark), held, strangers);
}

/** Judged at 10, alone, unless `some` says otherwise. */
export function judge(table: LeaseTable, order: Order, some: Partial<Circumstances> = {}): Judgement {
  return judgeOrder(table, order, {
    now: millis(10),
    isInPool: () => true,
    isLeaving: () => false,
    ownKey: undefined,
    from: "alone",
    ...some,
  });
}
