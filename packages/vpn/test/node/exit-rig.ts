/** An exit in memory, but for its store, whose program may end and start again: device, firewall and connections go on. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { FakeWireGuardDevice } from "@ropewalk/host/fake/fake-wireguard-device";
import type { PeerChange, WireGuardDevice } from "@ropewalk/host/wireguard/device";
import { WireGuardError } from "@ropewalk/host/wireguard/errors";
import { type WireGuardPublicKey, wireGuardPublicKeyFromBytes } from "@ropewalk/host/wireguard/public-key";
import { ipAddress, parsePrefix } from "@ropewalk/kernel/addresses";
import { FakeClock } from "@ropewalk/kernel/fake-clock";
import { SecretBytes } from "@ropewalk/kernel/secret-bytes";
import { type Millis, millis, seconds } from "@ropewalk/kernel/units";
import { createLog, type LogDestination } from "@ropewalk/ops/log";
import { ExitFirewall } from "@ropewalk/vpn/node/exit-firewall";
import { ExitNode, type ExitNodeOptions } from "@ropewalk/vpn/node/exit-node";
import type { PeerFlows } from "@ropewalk/vpn/node/peer-flows";
import type { Generation, PlacementId, PlaceOrder, RemoveOrder, Snapshot } from "@ropewalk/vpn/node/pure/order";
import { FakeNft } from "./fake-nft.ts";

export const tunnel = "wg0";
const lease = seconds(1_800);

/** The key of whoever has this number. */
export function keyOf(number: number): WireGuardPublicKey {
  const octets = new Uint8Array(32).fill(7);
  new DataView(octets.buffer).setUint32(0, number);
  return wireGuardPublicKeyFromBytes(octets);
}

export function addressOf(number: number): string {
  return `10.90.${number >> 8}.${number & 255}`;
}

export const ownKey: WireGuardPublicKey = keyOf(0xffff_ffff);

/** A device that does not do as it is told while `fault` is set. */
export class FaultyDevice implements WireGuardDevice {
  readonly inner: FakeWireGuardDevice = new FakeWireGuardDevice(tunnel, () => ownKey);
  readonly name = tunnel;
  fault: "none" | "before" | "behind" = "none";
  changes: (readonly PeerChange[])[] = [];
  /** Of each change, before it is done. */
  gate: () => Promise<void> = async () => {};

  async read() {
    this.#fail("before");
    return this.inner.read();
  }

  configure(settings: Parameters<WireGuardDevice["configure"]>[0]) {
    return this.inner.configure(settings);
  }

  async change(changes: readonly PeerChange[]) {
    await this.gate();
    this.#fail("before");
    this.changes.push(changes);
    await this.inner.change(changes);
    this.#fail("behind");
  }

  #fail(when: "before" | "behind") {
    if (this.fault === when) throw new WireGuardError("HOST_WIREGUARD_TIMEOUT", "it does not answer");
  }
}

export class ExitRig implements AsyncDisposable {
  readonly clock: FakeClock = new FakeClock();
  readonly nft: FakeNft = new FakeNft(this.clock);
  readonly device: FaultyDevice = new FaultyDevice();
  /** Addresses whose connections were ended, in their order. */
  readonly ended: string[] = [];
  /** Addresses of which something is tracked. */
  readonly tracked = new Set<string>();
  readonly lines: string[] = [];
  areFlowsBroken = false;
  kernelBoot = "machine-1";
  readonly folder: string = mkdtempSync(join(tmpdir(), "ropewalk-exit-"));
  readonly storePath: string = join(this.folder, "leases.sqlite");
  #node: ExitNode | undefined;

  static async open(options: Partial<ExitNodeOptions> = {}): Promise<ExitRig> {
    const rig = new ExitRig();
    await rig.device.configure({ privateKey: new SecretBytes(new Uint8Array(32).fill(1)) });
    await rig.start(options);
    return rig;
  }

  get node(): ExitNode {
    if (this.#node === undefined) throw new Error("the exit does not run");
    return this.#node;
  }

  async start(options: Partial<ExitNodeOptions> = {}): Promise<ExitNode> {
    const pool = parsePrefix("10.90.0.0/16");
    if (pool === undefined) throw new Error("that is a prefix");
    const destination: LogDestination = { write: (line) => void this.lines.push(line) };
    this.#node = await ExitNode.open({
      ...{ tunnel, device: this.device, firewall: new ExitFirewall(this.nft, this.clock), flows: this.#flows() },
      table: {
        ...{ tunnels: [tunnel], pools: [pool], ownAddresses: [ipAddress("10.90.0.1")] },
        ...{ services: [], managementPrefixes: [], openedPrefixes: [] },
      },
      ...{ storePath: this.storePath, kernelBoot: this.kernelBoot, clock: this.clock, capacity: 250 },
      ...{
        quarantine: seconds(30),
        log: createLog({ level: "debug", format: "json", destination, clock: this.clock }),
      },
      ...options,
    });
    return this.#node;
  }

  async stop(): Promise<void> {
    await this.#node?.[Symbol.asyncDispose]();
    this.#node = undefined;
  }

  /** Lets the program do what is due by then. */
  async pass(time: Millis): Promise<void> {
    // Timers are set behind what is answered.
    await settled();
    this.clock.advance(time);
    await settled();
  }

  place(
    number: number,
    some: { generation?: number; lease?: Millis; placement?: string; key?: WireGuardPublicKey } = {},
  ) {
    const order: PlaceOrder = {
      kind: "place",
      placement: (some.placement ?? `p${number}`) as PlacementId,
      generation: (some.generation ?? number) as Generation,
      peer: { publicKey: some.key ?? keyOf(number), addresses: [addressOf(number)] },
      lease: some.lease ?? lease,
      until: { boot: this.node.status().boot, at: millis(this.clock.now() + 10_000) },
    };
    return order;
  }

  remove(number: number, some: { generation?: number; placement?: string } = {}): RemoveOrder {
    return {
      kind: "remove",
      placement: (some.placement ?? `p${number}`) as PlacementId,
      generation: (some.generation ?? number + 100_000) as Generation,
      publicKey: keyOf(number),
      remember: lease,
    };
  }

  /** That names whoever has these numbers, and more. */
  snapshot(watermark: number, numbers: readonly number[], more: readonly PlaceOrder[] = []): Snapshot {
    const { boot } = this.node.status();
    const placements = [...numbers.map((number) => this.place(number)), ...more];
    return { watermark: watermark as Generation, boot, placements };
  }

  async peers(): Promise<readonly WireGuardPublicKey[]> {
    return [...(await this.device.inner.read()).peers.keys()].toSorted();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
    rmSync(this.folder, { recursive: true, force: true });
  }

  #flows(): PeerFlows {
    const endAll: PeerFlows["endAll"] = (isMeant) => {
      if (this.areFlowsBroken) return { kind: "failed", detail: "Operation not permitted" };
      const meant = [...this.tracked].filter((source) => isMeant(ipAddress(source)));
      for (const source of meant) this.tracked.delete(source);
      this.ended.push(...meant);
      return { kind: "ended", count: meant.length };
    };
    return { endAll, end: (sources) => endAll((source) => sources.has(source)) };
  }
}

/** Answers about whoever has this number. */
export const placed = (number: number, generation = number) => ({
  kind: "placed",
  placement: `p${number}`,
  generation,
});
export const refused = (number: number, why: string) => ({
  ...{ kind: "refused", placement: `p${number}`, generation: number, why },
});

/** What promises that wait for nothing outside have led to. */
export async function settled(): Promise<void> {
  for (let turns = 0; turns < 20; turns += 1) await new Promise(setImmediate);
}
