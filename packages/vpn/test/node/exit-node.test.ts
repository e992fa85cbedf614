/** What an exit does with orders, and what it makes of failures in between. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { SecretBytes } from "@ropewalk/kernel/secret-bytes";
import { millis, seconds } from "@ropewalk/kernel/units";
import { addressOf, ExitRig, keyOf, ownKey, placed, refused, settled, tunnel } from "./exit-rig.ts";

test("whoever is placed is on the device and in the kernel's set, and whoever is removed is on neither, with nothing tracked of him", async () => {
  await using rig = await ExitRig.open();
  assert.deepEqual(await rig.node.apply([rig.place(2), rig.place(3)]), [placed(2), placed(3)]);
  assert.deepEqual(await rig.peers(), [keyOf(2), keyOf(3)]);
  assert.deepEqual(rig.nft.leases(), ["wg0 10.90.0.2", "wg0 10.90.0.3"]);
  for (const number of [2, 3]) rig.tracked.add(addressOf(number));
  const [removed] = await rig.node.apply([rig.remove(2)]);
  assert.equal(removed?.kind, "removed");
  assert.deepEqual([await rig.peers(), rig.nft.leases()], [[keyOf(3)], ["wg0 10.90.0.3"]]);
  await rig.pass(millis(250));
  assert.deepEqual([rig.ended, [...rig.tracked]], [["10.90.0.2"], ["10.90.0.3"]]);
  const { counts } = rig.node.status();
  assert.deepEqual(counts, { peers: 1, tombstones: 1, strangers: 0, resting: 1 });
});

test("what is asked for while a batch is written is one write to each behind it", async () => {
  await using rig = await ExitRig.open();
  const { promise, resolve } = Promise.withResolvers<void>();
  rig.device.gate = () => promise;
  const first = rig.node.apply([rig.place(2)]);
  await settled();
  const others = Array.from({ length: 50 }, (_, index) => rig.node.apply([rig.place(index + 3)]));
  await settled();
  const runs = rig.nft.runs;
  resolve();
  await Promise.all([first, ...others]);
  assert.deepEqual(
    rig.device.changes.map((changes) => changes.length),
    [1, 50],
  );
  assert.equal(rig.nft.runs, runs + 1);
});

test("what is asked for at the same moment is one write, too", async () => {
  await using rig = await ExitRig.open();
  await Promise.all([2, 3, 4].map((number) => rig.node.apply([rig.place(number)])));
  assert.deepEqual(
    rig.device.changes.map((changes) => changes.length),
    [3],
  );
});

test("to prolong a lease writes nothing to the device", async () => {
  await using rig = await ExitRig.open();
  await rig.node.apply([rig.place(2)]);
  rig.clock.advance(seconds(600));
  assert.deepEqual(await rig.node.apply([rig.place(2, { generation: 9 })]), [placed(2, 9)]);
  assert.equal(rig.device.changes.length, 1);
  await rig.pass(seconds(1_790));
  assert.deepEqual(rig.nft.leases(), ["wg0 10.90.0.2"]);
});

test("a lease ends by itself, and its address rests", async () => {
  await using rig = await ExitRig.open();
  await rig.node.apply([rig.place(2, { lease: seconds(60) })]);
  rig.tracked.add(addressOf(2));
  await rig.pass(seconds(61));
  await rig.pass(millis(250));
  assert.deepEqual([await rig.peers(), rig.nft.leases(), [...rig.tracked]], [[], [], []]);
  const other = { placement: "p9", key: keyOf(9) };
  const [answer] = await rig.node.apply([rig.place(2, other)]);
  assert.deepEqual(answer, { kind: "refused", placement: "p9", generation: 2, why: "taken" });
  await rig.pass(seconds(30));
  assert.equal((await rig.node.apply([rig.place(2, { ...other, generation: 3 })]))[0]?.kind, "placed");
});

test("whoever has left an address may have it back at once", async () => {
  await using rig = await ExitRig.open();
  await rig.node.apply([rig.place(2)]);
  await rig.node.apply([rig.remove(2)]);
  assert.equal((await rig.node.apply([rig.place(2, { generation: 200_000 })]))[0]?.kind, "placed");
  assert.equal(rig.node.status().counts.resting, 0);
});

test("the exit's own key, one that is none, and addresses of nobody or of the exit are refused", async () => {
  await using rig = await ExitRig.open();
  const zero = `${"A".repeat(43)}=` as typeof ownKey;
  const outside = { ...rig.place(5), peer: { publicKey: keyOf(5), addresses: ["10.91.0.5"] } };
  const orders = [rig.place(2, { key: ownKey }), rig.place(3, { key: zero }), outside, rig.place(1)];
  assert.deepEqual(await rig.node.apply(orders), [
    ...[refused(2, "own-key"), refused(3, "not-a-key"), refused(5, "not-in-pool"), refused(1, "not-in-pool")],
  ]);
});

test("what the device did not take is stored, told as undone, and done when the order is repeated", async () => {
  for (const fault of ["before", "behind"] as const) {
    await using rig = await ExitRig.open();
    rig.device.fault = fault;
    await assert.rejects(rig.node.apply([rig.place(2)]), { code: "VPN_UNDONE" });
    assert.match(rig.node.status().troubles.join(), /^device cannot be changed/);
    await assert.rejects(rig.node.apply([rig.place(3)]), { code: "VPN_UNDONE" });
    rig.device.fault = "none";
    assert.deepEqual(await rig.node.apply([rig.place(2)]), [placed(2)]);
    assert.deepEqual(await rig.peers(), [keyOf(2), keyOf(3)]);
    assert.ok(rig.node.status().isHealthy);
  }
});

test("what the device did not take is done soon, though nobody asks again", async () => {
  await using rig = await ExitRig.open();
  await rig.node.apply([rig.place(2)]);
  rig.tracked.add(addressOf(2));
  rig.device.fault = "before";
  await assert.rejects(rig.node.apply([rig.remove(2)]), { code: "VPN_UNDONE" });
  assert.deepEqual(rig.ended, []);
  rig.device.fault = "none";
  await rig.pass(seconds(1));
  assert.deepEqual([await rig.peers(), rig.ended], [[], ["10.90.0.2"]]);
});

test("whoever is removed is not on the device, even if somebody else has put him there", async () => {
  await using rig = await ExitRig.open();
  const stray = { publicKey: keyOf(2), presharedKey: undefined, allowedPrefixes: [], keepalive: undefined };
  for (const _again of [1, 2]) {
    await rig.device.inner.change([{ kind: "add", peer: stray }]);
    assert.equal((await rig.node.apply([rig.remove(2)]))[0]?.kind, "removed");
    assert.deepEqual(await rig.peers(), []);
  }
});

test("an address is given to nobody else while connections of whoever had it are tracked, however long that takes; a removal does not wait for it", async () => {
  await using rig = await ExitRig.open({ quarantine: seconds(1) });
  await rig.node.apply([rig.place(2)]);
  rig.tracked.add(addressOf(2));
  rig.areFlowsBroken = true;
  assert.equal((await rig.node.apply([rig.remove(2)]))[0]?.kind, "removed");
  await rig.pass(seconds(10));
  assert.match(rig.node.status().troubles.join(), /still tracked/);
  const another = { placement: "p9", key: keyOf(9) };
  assert.deepEqual(await rig.node.apply([rig.place(2, another)]), [
    { kind: "refused", placement: "p9", generation: 2, why: "taken" },
  ]);
  rig.areFlowsBroken = false;
  await rig.pass(seconds(1));
  assert.deepEqual([rig.ended, rig.node.status().troubles], [["10.90.0.2"], []]);
  assert.equal((await rig.node.apply([rig.place(2, { ...another, generation: 3 })]))[0]?.kind, "placed");
});

test("whoever has his address back before his connections have ended keeps it when he is prolonged", async () => {
  await using rig = await ExitRig.open();
  await rig.node.apply([rig.place(2, { lease: seconds(60) })]);
  rig.areFlowsBroken = true;
  await rig.pass(seconds(61));
  assert.deepEqual(await rig.node.apply([rig.place(2, { generation: 5 })]), [placed(2, 5)]);
  assert.deepEqual(await rig.node.apply([rig.place(2, { generation: 6 })]), [placed(2, 6)]);
});

test("a firewall's table that somebody took away is made anew, with its leases", async () => {
  await using rig = await ExitRig.open();
  await rig.node.apply([rig.place(2)]);
  rig.nft.flush();
  await assert.rejects(rig.node.apply([rig.place(3)]), { code: "VPN_UNDONE", message: /firewall/ });
  await rig.pass(seconds(1));
  assert.deepEqual(rig.nft.leases(), ["wg0 10.90.0.2", "wg0 10.90.0.3"]);
  assert.ok(rig.node.status().isHealthy);
});

test("only what differs is written when device and table are compared, and a peer that nobody ordered makes the node ask for a snapshot", async () => {
  await using rig = await ExitRig.open();
  await rig.node.apply([2, 3, 4, 5].map((number) => rig.place(number)));
  await rig.node.applySnapshot(rig.snapshot(5, [2, 3, 4, 5]));
  assert.equal(rig.node.status().wantsSnapshot, false);
  rig.device.changes = [];
  const { added, removed, updated } = await rig.node.reconcile();
  assert.deepEqual([{ added, removed, updated }, rig.device.changes], [{ added: 0, removed: 0, updated: 0 }, []]);
  await rig.device.inner.change([
    { kind: "remove", publicKey: keyOf(2) },
    { kind: "update", publicKey: keyOf(3), values: { presharedKey: new SecretBytes(new Uint8Array(32).fill(9)) } },
    {
      kind: "add",
      peer: { ...{ publicKey: keyOf(9), presharedKey: undefined, allowedPrefixes: [] }, keepalive: undefined },
    },
  ]);
  const again = await rig.node.reconcile();
  assert.deepEqual([again.added, again.removed, again.updated], [1, 1, 1]);
  assert.equal(rig.device.changes.flat().length, 3);
  assert.deepEqual(await rig.peers(), [2, 3, 4, 5].map(keyOf));
  assert.equal(rig.node.status().wantsSnapshot, true);
});

test("orders that are settled while the device is read are not undone by what was read", async () => {
  await using rig = await ExitRig.open();
  await rig.node.apply([rig.place(2)]);
  const stale = await rig.device.inner.read();
  const reading = Promise.withResolvers<typeof stale>();
  rig.device.read = () => reading.promise;
  const reconciled = rig.node.reconcile();
  await rig.node.apply([rig.place(3), rig.remove(2)]);
  reading.resolve(stale);
  const { added, removed } = await reconciled;
  assert.deepEqual([added, removed, await rig.peers()], [0, 0, [keyOf(3)]]);
});

test("a snapshot takes away what it does not name, and is refused when it is older", async () => {
  await using rig = await ExitRig.open();
  await rig.node.apply([rig.place(2), rig.place(3)]);
  const taken = await rig.node.applySnapshot(rig.snapshot(9, [3, 4]));
  assert.deepEqual(taken, { kind: "taken", answers: [placed(3), placed(4)] });
  assert.deepEqual(await rig.peers(), [keyOf(3), keyOf(4)]);
  assert.deepEqual(await rig.node.applySnapshot(rig.snapshot(8, [])), { kind: "refused", why: "older" });
  const { watermark, wantsSnapshot, latest } = rig.node.status();
  assert.deepEqual([watermark, wantsSnapshot, latest], [9, false, 9]);
});

test("an order that was stored for too long is late, whenever it comes", async () => {
  await using rig = await ExitRig.open();
  const order = rig.place(2);
  rig.clock.advance(seconds(10));
  assert.deepEqual(await rig.node.apply([order]), [refused(2, "late")]);
});

test("when too much waits a call is refused, and those that wait are not", async () => {
  await using rig = await ExitRig.open();
  const { promise, resolve } = Promise.withResolvers<void>();
  rig.device.gate = () => promise;
  const first = rig.node.apply([rig.place(2)]);
  await settled();
  const many = Array.from({ length: 32_000 }, () => rig.remove(3));
  const second = rig.node.apply(many);
  await assert.rejects(rig.node.apply(many), { code: "VPN_BUSY" });
  resolve();
  assert.equal((await first).length + (await second).length, 32_001);
});

test("a node that ends refuses what waits, answers what it is doing, and leaves its peers", async () => {
  await using rig = await ExitRig.open();
  const { promise, resolve } = Promise.withResolvers<void>();
  rig.device.gate = () => promise;
  const first = rig.node.apply([rig.place(2)]);
  await settled();
  const waiting = assert.rejects(rig.node.apply([rig.place(3)]), { code: "VPN_CLOSED" });
  const { node } = rig;
  const stopped = rig.stop();
  resolve();
  assert.deepEqual(await first, [placed(2)]);
  await Promise.all([waiting, stopped]);
  await assert.rejects(node.apply([]), { code: "VPN_CLOSED" });
  assert.deepEqual(await rig.peers(), [keyOf(2)]);
});

test("endpoints are told to the device again, and nothing else", async () => {
  await using rig = await ExitRig.open();
  await rig.node.apply([rig.place(2), rig.place(3)]);
  const endpoint = { address: "192.0.2.9" as never, port: 999 };
  rig.device.inner.hear(keyOf(2), endpoint, 1);
  rig.device.changes = [];
  await rig.node.setEndpointsAgain();
  assert.deepEqual(rig.device.changes, [[{ kind: "update", publicKey: keyOf(2), values: { endpoint } }]]);
});

test("who watches is told of changes, and of nothing when he has stopped", async () => {
  await using rig = await ExitRig.open();
  let told = 0;
  const watch = rig.node.watch(() => {
    told += 1;
  });
  await rig.node.apply([rig.place(2)]);
  assert.ok(told > 0);
  watch[Symbol.dispose]();
  const before = told;
  await rig.node.apply([rig.place(3)]);
  assert.equal(told, before);
  assert.equal(tunnel, "wg0");
});
