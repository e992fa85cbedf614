/** Ten thousand peers on a real device: what is compared, written and told, and how long it takes here. */
import assert from "node:assert/strict";
import { randomBytes, randomUUID } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, type TestContext, test } from "node:test";
import { createMachineClock, readKernelBoot } from "@ropewalk/host/linux/machine-clock";
import { createNative } from "@ropewalk/host/linux/native";
import { createNftLibrary } from "@ropewalk/host/linux/native-nft";
import { createUapiDevice } from "@ropewalk/host/linux/uapi-device";
import { endWireGuardGo, startWireGuardGo } from "@ropewalk/host/linux/wireguard-go";
import type { PeerChange, PeerValues, WireGuardDevice } from "@ropewalk/host/wireguard/device";
import { type WireGuardPublicKey, wireGuardPublicKeyFromBytes } from "@ropewalk/host/wireguard/public-key";
import { ipAddress, parsePrefix } from "@ropewalk/kernel/addresses";
import { SecretBytes } from "@ropewalk/kernel/secret-bytes";
import { millis, seconds } from "@ropewalk/kernel/units";
import { createLog } from "@ropewalk/ops/log";
import { ExitFirewall } from "@ropewalk/vpn/node/exit-firewall";
import { ExitNode } from "@ropewalk/vpn/node/exit-node";
import { createPeerFlows } from "@ropewalk/vpn/node/peer-flows";
import type { Generation, Order, PlacementId, PlaceOrder } from "@ropewalk/vpn/node/pure/order";
import { inOwnNamespace, ownProcesses } from "../../in-own-namespace.ts";
import { ownSockets } from "./wireguard-exit.ts";

const count = 10_000;
const clock = createMachineClock();
const tunnel = "wg0";
const keys = Array.from({ length: 2 * count }, () => wireGuardPublicKeyFromBytes(new Uint8Array(randomBytes(32))));
const ids = keys.map(() => randomUUID());
const addressOf = (index: number) => ipAddress(`10.90.${(index + 256) >> 8}.${(index + 256) & 255}`);
const hostOf = (index: number) => ({ address: addressOf(index), length: 32 });
const keyOf = (index: number) => keys[index] ?? assert.fail();

function defineTests(): void {
  const folder = mkdtempSync(join(tmpdir(), "ropewalk-exit-"));
  const native = createNative();
  const nft = createNftLibrary(native);
  let written: PeerChange[] = [];
  let device: WireGuardDevice;
  let node: ExitNode;

  const open = async () => {
    const pool = parsePrefix("10.90.0.0/16") ?? assert.fail();
    const counting: WireGuardDevice = {
      ...device,
      change(changes) {
        written.push(...changes);
        return device.change(changes);
      },
    };
    return ExitNode.open({
      ...{ tunnel, device: counting, firewall: new ExitFirewall(nft, clock), flows: createPeerFlows(native), clock },
      table: {
        ...{ tunnels: [tunnel], pools: [pool], ownAddresses: [ipAddress("10.90.0.1")] },
        ...{ services: [], managementPrefixes: [], openedPrefixes: [] },
      },
      ...{ storePath: join(folder, "leases.sqlite"), kernelBoot: readKernelBoot(), capacity: count },
      ...{
        quarantine: seconds(0),
        log: createLog({ level: "error", format: "text", clock, destination: process.stderr }),
      },
    });
  };

  const place = (index: number, generation: number): PlaceOrder => ({
    ...{ kind: "place", placement: ids[index] as PlacementId, generation: generation as Generation },
    ...{ peer: { publicKey: keyOf(index), addresses: [addressOf(index)] }, lease: seconds(1_800) },
    until: { boot: node.status().boot, at: millis(clock.now() + 60_000) },
  });

  const remove = (index: number, generation: number): Order => ({
    ...{ kind: "remove", placement: ids[index] as PlacementId, generation: generation as Generation },
    ...{ publicKey: keyOf(index), remember: seconds(1_800) },
  });

  before(async () => {
    ownSockets();
    await startWireGuardGo(tunnel, { clock });
    device = createUapiDevice(tunnel, { clock });
    await device.configure({ privateKey: new SecretBytes(new Uint8Array(randomBytes(32))) });
    node = await open();
  });
  after(async () => {
    await node?.[Symbol.asyncDispose]();
    await endWireGuardGo(tunnel, { clock });
    nft[Symbol.dispose]();
    rmSync(folder, { recursive: true, force: true });
  });

  const timed = async <Value>(t: TestContext, what: string, work: () => Promise<Value>): Promise<Value> => {
    const [begun, before] = [clock.now(), process.cpuUsage()];
    const value = await work();
    const { user, system } = process.cpuUsage(before);
    t.diagnostic(
      `${what}: ${Math.round(clock.now() - begun)} ms, ${Math.round((user + system) / 1_000)} ms of a core here`,
    );
    return value;
  };

  test("a snapshot of ten thousand is carried out", async (t) => {
    const placements = Array.from({ length: count }, (_, index) => place(index, index + 1));
    const { boot } = node.status();
    const answer = await timed(t, "snapshot of 10,000", () =>
      node.applySnapshot({ watermark: count as Generation, boot, placements }),
    );
    assert.ok(answer.kind === "taken" && answer.answers.every(({ kind }) => kind === "placed"));
    assert.equal((await device.read()).peers.size, count);
    assert.equal(node.status().counts.peers, count);
  });

  test("to compare ten thousand writes nothing where nothing differs", async (t) => {
    written = [];
    const { added, removed, updated } = await timed(t, "reconciliation without drift", () => node.reconcile());
    assert.deepEqual([added, removed, updated, written.length], [0, 0, 0, 0]);
  });

  test("a hundred drifts are a hundred stanzas", async (t) => {
    const indices = Array.from({ length: 100 }, (_, index) => index * 97);
    const of = (kind: number) => indices.filter((_, index) => index % 5 === kind);
    const update = (index: number, values: PeerValues): PeerChange => ({
      ...{ kind: "update", publicKey: keyOf(index), values },
    });
    const swapped = of(4);
    await device.change([
      ...of(0).map((index): PeerChange => ({ kind: "remove", publicKey: keyOf(index) })),
      ...of(1).map((index): PeerChange => stray(keyOf(count + index))),
      ...of(2).map((index) => update(index, { prefixes: { kind: "replace", prefixes: [hostOf(2 * count + index)] } })),
      ...of(3).map((index) => update(index, { presharedKey: new SecretBytes(new Uint8Array(32).fill(7)) })),
      ...swapped.map((index, at) =>
        update(index, { prefixes: { kind: "replace", prefixes: [hostOf(swapped[at ^ 1] ?? assert.fail())] } }),
      ),
    ]);
    written = [];
    const { added, removed, updated } = await timed(t, "reconciliation of 100 drifts", () => node.reconcile());
    assert.deepEqual([added, removed, updated, written.length], [20, 20, 60, 100]);
    const { peers } = await device.read();
    assert.equal(peers.size, count);
    for (const index of indices) {
      assert.deepEqual(peers.get(keyOf(index))?.allowedPrefixes, [hostOf(index)]);
      assert.equal(peers.get(keyOf(index))?.presharedKey, undefined);
    }
  });

  test("a program that starts again finds all of them, and writes nothing", async (t) => {
    await node[Symbol.asyncDispose]();
    written = [];
    node = await timed(t, "start with 10,000", open);
    assert.deepEqual([written.length, node.status().counts.peers], [0, count]);
  });

  test("orders that come one by one among ten thousand are carried out together", async (t) => {
    const changes = 1_000;
    await timed(t, `${changes} orders to place and ${changes} to remove, 32 at a time`, async () => {
      for (let start = 0; start < changes; start += 16)
        await Promise.all(
          Array.from({ length: 16 }, (_, at) => [
            node.apply([place(count + start + at, 100_000 + start + at)]),
            node.apply([remove(start + at, 200_000 + start + at)]),
          ]).flat(),
        );
    });
    const { peers } = await device.read();
    assert.equal(peers.size, count);
    assert.ok(peers.has(keyOf(count)) && !peers.has(keyOf(0)));
  });

  test("a device that has lost all is made anew", async (t) => {
    await endWireGuardGo(tunnel, { clock });
    await startWireGuardGo(tunnel, { clock });
    await device.configure({ privateKey: new SecretBytes(new Uint8Array(randomBytes(32))) });
    written = [];
    const { added } = await timed(t, "10,000 peers made anew", () => node.reconcile());
    assert.deepEqual([added, written.length, (await device.read()).peers.size], [count, count, count]);
    t.diagnostic(`${Math.round(process.memoryUsage().rss / 1_048_576)} MiB RSS, with this test`);
  });
}

function stray(publicKey: WireGuardPublicKey): PeerChange {
  return {
    kind: "add",
    peer: { ...{ publicKey, presharedKey: undefined, keepalive: undefined }, allowedPrefixes: [] },
  };
}

inOwnNamespace(import.meta.filename, defineTests, [], ownProcesses);
