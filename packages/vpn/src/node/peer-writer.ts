/**
 * Makes device, firewall and tracked connections what the table says: of what an order changed, or of all that differs. What could not be done is
 * remembered, and done with the next that is.
 */
import type { NftOutcome } from "@ropewalk/host/nft";
import type { PeerChange, WireGuardDevice, WireGuardState } from "@ropewalk/host/wireguard/device";
import { peerDrift } from "@ropewalk/host/wireguard/peer-drift";
import type { WireGuardPublicKey } from "@ropewalk/host/wireguard/public-key";
import type { IpAddress } from "@ropewalk/kernel/addresses";
import type { Clock } from "@ropewalk/kernel/clock";
import { describeError } from "@ropewalk/kernel/errors";
import { VpnError } from "../errors.ts";
import type { ExitFirewall } from "./exit-firewall.ts";
import { FreedFlows } from "./freed-flows.ts";
import type { FlowsEnded, PeerFlows } from "./peer-flows.ts";
import type { ExitTable } from "./pure/exit-table.ts";
import type { Lease, LeaseChange } from "./pure/lease-elements.ts";
import type { LeaseTable } from "./pure/lease-table.ts";
import type { OrderBatch } from "./pure/order-batch.ts";
import { isInPools } from "./pure/pool-member.ts";
import { wantedPeer } from "./pure/wanted-peer.ts";
import type { Troubles } from "./troubles.ts";
import { Unsettled } from "./unsettled.ts";

export interface PeerWriterDeps {
  /** The interface of the device, as the firewall knows it. */
  readonly tunnel: string;
  readonly device: WireGuardDevice;
  readonly firewall: ExitFirewall;
  readonly flows: PeerFlows;
  readonly table: ExitTable;
  readonly clock: Pick<Clock, "now" | "after">;
  readonly troubles: Troubles;
}

/** In how many peers the device differed. */
export interface Drift {
  readonly added: number;
  readonly removed: number;
  readonly updated: number;
  /** Of those that were removed: nobody ever ordered them. */
  readonly unordered: number;
}

export class PeerWriter implements Disposable {
  readonly #deps: PeerWriterDeps;
  readonly #leases: LeaseTable;
  /** Of whom the device may not be right. */
  readonly #keys = new Unsettled();
  readonly #addresses = new Unsettled();
  /** Left by somebody who may still send from them. */
  readonly #freed = new Unsettled();
  readonly #freedFlows: FreedFlows;
  /** What `settle` is writing; undefined while it is not. */
  #underWay: ReadonlyMap<string, number> | undefined;
  /** Written by `settle` since the device began to be read: what was read of them says nothing. */
  #overtaken: Set<string> | undefined;
  #ownKey: WireGuardPublicKey | undefined;

  constructor(leases: LeaseTable, deps: PeerWriterDeps) {
    this.#deps = deps;
    this.#leases = leases;
    this.#freedFlows = new FreedFlows(deps);
  }

  /** Of the device, when it was last read. */
  get ownKey(): WireGuardPublicKey | undefined {
    return this.#ownKey;
  }

  /** All of it, as at a start: traffic of whoever has no lease ends first. Throws VpnError, VPN_UNDONE. */
  async begin(state: WireGuardState): Promise<Drift> {
    await this.#replaceFirewall();
    const drift = await this.#writeDrift(async () => state);
    const { table, flows } = this.#deps;
    this.#demandEnd(flows.endAll((source) => isInPools(table, source) && !this.#isHeld(source)));
    return drift;
  }

  /** One call at a time. Throws VpnError, VPN_UNDONE, for the device as it is then: who asks again has it tried again. */
  async settle({ keys, addresses, freed }: Pick<OrderBatch, "keys" | "addresses" | "freed">): Promise<void> {
    this.#keys.ask(keys);
    this.#addresses.ask(addresses);
    this.#freed.ask(freed);
    const underWay = this.#keys.current();
    this.#underWay = underWay;
    for (const key of underWay.keys()) this.#overtaken?.add(key);
    try {
      const results = await Promise.allSettled([this.#writePeers(underWay), this.#writeLeases()]);
      for (const result of results) if (result.status === "rejected") throw result.reason;
    } finally {
      this.#underWay = undefined;
    }
    this.#leaveFreed();
  }

  /** Somebody has left it, and something of him may still be tracked. */
  isLeaving(address: string): boolean {
    return this.#freed.has(address) || this.#freedFlows.has(address);
  }

  [Symbol.dispose](): void {
    this.#freedFlows[Symbol.dispose]();
  }

  /**
   * Reads the device and writes what differs; orders may be settled meanwhile. A firewall's table that somebody took away is made anew. Throws
   * VpnError, VPN_UNDONE.
   */
  async reconcile(): Promise<Drift> {
    const { device, firewall } = this.#deps;
    const drift = await this.#writeDrift(() => device.read());
    const isStanding = firewall.dropCounts() !== undefined;
    if (!isStanding || this.#addresses.size > 0) await this.#replaceFirewall();
    // Whom orders are just removing may still send: what he begins is ended behind that.
    if (this.#underWay === undefined) this.#leaveFreed();
    this.#demandEnd(this.#freedFlows.end());
    return drift;
  }

  async #writePeers(keys: ReadonlyMap<string, number>): Promise<void> {
    const now = this.#deps.clock.now();
    const changes = [...keys.keys()].map((key): PeerChange => {
      const holder = this.#leases.holderOf(key, now);
      return holder === undefined
        ? { kind: "remove", publicKey: key as WireGuardPublicKey }
        : { kind: "add", peer: wantedPeer(holder.peer) };
    });
    if (changes.length === 0) return;
    // What is revoked goes first.
    await this.#change([...changes.filter(isRemoval), ...changes.filter((change) => !isRemoval(change))]);
    this.#keys.settle(keys);
  }

  async #writeDrift(read: () => Promise<WireGuardState>): Promise<Drift> {
    const overtaken = new Set(this.#underWay?.keys());
    this.#overtaken = overtaken;
    try {
      const state = await read().catch((cause: unknown) => this.#undone("device", "cannot be read", cause));
      this.#takeOwnKey(state);
      const wanted = [...this.#leases.holders(this.#deps.clock.now())].map(({ peer }) => wantedPeer(peer));
      const isFresh = (key: string) => !overtaken.has(key);
      // Whose lease is just over is taken off with the others of whom that is so.
      const isEnding = (change: PeerChange) => isRemoval(change) && this.#leases.hasKey(keyOf(change));
      const drift = peerDrift(wanted, state).filter((change) => isFresh(keyOf(change)) && !isEnding(change));
      const asked = this.#keys.current();
      await this.#change(drift);
      this.#keys.settle(new Map([...asked].filter(([key]) => isFresh(key))));
      return countOf(drift, asked);
    } finally {
      this.#overtaken = undefined;
    }
  }

  #takeOwnKey({ publicKey }: WireGuardState): void {
    const { troubles, device } = this.#deps;
    this.#ownKey = publicKey;
    if (publicKey === undefined)
      troubles.begin("key", `the device ${device.name} has no private key: nobody can use it`);
    else troubles.end("key");
  }

  async #change(changes: readonly PeerChange[]): Promise<void> {
    const { device, troubles } = this.#deps;
    if (changes.length > 0)
      await device.change(changes).catch((cause: unknown) => this.#undone("device", "cannot be changed", cause));
    troubles.end("device");
  }

  async #writeLeases(): Promise<void> {
    const { tunnel, firewall, clock } = this.#deps;
    const addresses = this.#addresses.current();
    if (addresses.size === 0) return;
    const now = clock.now();
    const changes = [...addresses.keys()].map((address): LeaseChange => {
      const endsAt = this.#leases.holderAt(address, now)?.endsAt;
      return { tunnel, address: address as IpAddress, endsAt };
    });
    this.#demand(await firewall.change(changes));
    this.#addresses.settle(addresses);
  }

  async #replaceFirewall(): Promise<void> {
    const { tunnel, firewall, table, clock } = this.#deps;
    const addresses = this.#addresses.current();
    const leases = [...this.#leases.holders(clock.now())].flatMap(({ peer, endsAt }) =>
      peer.addresses.map((address): Lease => ({ tunnel, address: address as IpAddress, endsAt })),
    );
    this.#demand(await firewall.replace(table, leases));
    this.#addresses.settle(addresses);
  }

  #demand(outcome: NftOutcome): void {
    if (outcome.kind === "no-nft") this.#undone("firewall", "cannot be written", "this machine has no nft");
    if (outcome.kind === "refused") this.#undone("firewall", "was not written", outcome.detail);
    this.#deps.troubles.end("firewall");
  }

  /** Nobody may send from them any more. */
  #leaveFreed(): void {
    const freed = this.#freed.current();
    this.#freedFlows.ask(freed.keys());
    this.#freed.settle(freed);
  }

  #demandEnd(ended: FlowsEnded): void {
    if (ended.kind === "failed") this.#undone("connections", "are still tracked", ended.detail);
    this.#deps.troubles.end("connections");
  }

  #isHeld(address: string): boolean {
    return this.#leases.holderAt(address, this.#deps.clock.now()) !== undefined;
  }

  #undone(what: "device" | "firewall" | "connections", how: string, cause: unknown): never {
    const { troubles, device } = this.#deps;
    const why = describeError(cause);
    troubles.begin(what, `${what} ${how}: ${why}`);
    throw new VpnError("VPN_UNDONE", `${what} of the exit ${device.name} ${how}: ${why}. It is tried again`, { cause });
  }
}

function isRemoval({ kind }: PeerChange): boolean {
  return kind === "remove";
}

function keyOf(change: PeerChange): string {
  return change.kind === "add" ? change.peer.publicKey : change.publicKey;
}

function countOf(drift: readonly PeerChange[], asked: ReadonlyMap<string, number>): Drift {
  const of = (kind: PeerChange["kind"]) => drift.filter((change) => change.kind === kind);
  const unordered = of("remove").filter((change) => !asked.has(keyOf(change)));
  return {
    ...{ added: of("add").length, removed: of("remove").length, updated: of("update").length },
    unordered: unordered.length,
  };
}
