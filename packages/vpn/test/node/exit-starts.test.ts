/** What an exit knows when its program, or its machine, starts again: with its store, without, and with one that is damaged. */
import assert from "node:assert/strict";
import { statSync, writeFileSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { test } from "node:test";
import { SecretBytes } from "@ropewalk/kernel/secret-bytes";
import { millis, seconds } from "@ropewalk/kernel/units";
import { addressOf, ExitRig, keyOf, placed, refused } from "./exit-rig.ts";

test("a program that starts again has whom it had, with their keys, and removes whom it had removed", async () => {
  await using rig = await ExitRig.open();
  const secret = new SecretBytes(new Uint8Array(32).fill(5));
  const two = rig.place(2);
  await rig.node.apply([{ ...two, peer: { ...two.peer, presharedKey: secret } }, rig.place(3), rig.place(4)]);
  await rig.node.applySnapshot(rig.snapshot(4, [3, 4], [{ ...two, peer: { ...two.peer, presharedKey: secret } }]));
  rig.device.fault = "before";
  await assert.rejects(rig.node.apply([rig.remove(3)]), { code: "VPN_UNDONE" });
  await rig.stop();
  rig.device.fault = "none";
  rig.device.changes = [];
  rig.tracked.add(addressOf(3)).add(addressOf(4)).add("192.0.2.1");
  const boot = (await rig.start()).status().boot;
  assert.deepEqual(rig.device.changes.flat(), [{ kind: "remove", publicKey: keyOf(3) }]);
  assert.deepEqual([rig.nft.leases(), rig.ended], [["wg0 10.90.0.2", "wg0 10.90.0.4"], ["10.90.0.3"]]);
  assert.equal(rig.node.status().wantsSnapshot, false);
  assert.equal((await rig.node.apply([rig.remove(3)]))[0]?.kind, "removed");
  assert.equal(statSync(rig.storePath).mode & 0o777, 0o600);
  assert.doesNotMatch(rig.lines.join(), /BQUFBQUF/);
  assert.ok(boot.startsWith("machine-1."));
});

test("rows of leases that ended while the program did not run are gone, and their addresses rest", async () => {
  await using rig = await ExitRig.open();
  await rig.node.apply([rig.place(2, { lease: seconds(60) }), rig.place(3)]);
  await rig.stop();
  rig.clock.advance(seconds(70));
  await rig.start();
  assert.deepEqual(await rig.peers(), [keyOf(3)]);
  const other = rig.place(2, { placement: "p9", key: keyOf(9) });
  assert.equal((await rig.node.apply([other]))[0]?.kind, "refused");
  await rig.stop();
  await rig.start();
  assert.equal((await rig.node.apply([other]))[0]?.kind, "refused");
  await rig.pass(seconds(20));
  assert.equal((await rig.node.apply([rig.place(2, { placement: "p9", key: keyOf(9) })]))[0]?.kind, "placed");
});

test("a machine that starts again has nobody, and takes no order from before", async () => {
  await using rig = await ExitRig.open();
  await rig.node.apply([rig.place(2)]);
  const old = rig.place(3);
  await rig.stop();
  rig.kernelBoot = "machine-2";
  await rig.device.inner.change([{ kind: "remove", publicKey: keyOf(2) }]);
  await rig.start();
  assert.deepEqual([await rig.peers(), [...rig.node.held()]], [[], []]);
  assert.deepEqual(await rig.node.apply([old]), [refused(3, "other-boot")]);
});

test("a node that has lost its store carries on whom it finds, until their orders come or a snapshot does not ask for them", async () => {
  await using rig = await ExitRig.open();
  await rig.node.apply([2, 3, 4].map((number) => rig.place(number)));
  const { boot } = rig.node.status();
  await rig.stop();
  writeFileSync(rig.storePath, "this is no database, and never was one of any kind: it is a text");
  await rig.start();
  const { setAside, counts } = rig.node.status();
  assert.match(setAside?.path ?? "", /leases\.sqlite\.corrupt-/);
  assert.match(rig.lines.join(), /was damaged, and is set aside/);
  assert.notEqual(rig.node.status().boot, boot);
  assert.deepEqual(counts, { peers: 0, tombstones: 0, strangers: 3, resting: 0 });
  rig.device.changes = [];
  assert.deepEqual(await rig.node.apply([rig.place(2)]), [placed(2)]);
  assert.deepEqual(rig.device.changes, [], "he is as he was");
  const [other] = await rig.node.apply([rig.place(3, { placement: "p8", key: keyOf(8), generation: 8 })]);
  assert.equal(other?.kind, "refused");
  await rig.node.applySnapshot(rig.snapshot(9, [2]));
  assert.deepEqual(await rig.peers(), [keyOf(2)]);
});

test("rows that no node has written are damage too", async () => {
  await using rig = await ExitRig.open();
  await rig.node.apply([rig.place(2)]);
  await rig.stop();
  const database = new DatabaseSync(rig.storePath);
  database.exec("UPDATE held SET addresses = 'nowhere'");
  database.close();
  await rig.start();
  assert.match(rig.node.status().setAside?.reason ?? "", /no addresses that a node would write/);
  assert.equal(rig.node.status().counts.strangers, 1);
});

test("time that is no whole number of milliseconds is kept", async () => {
  await using rig = await ExitRig.open();
  rig.clock.advance(millis(0.123));
  await rig.node.apply([rig.place(2)]);
  const [before] = rig.node.held();
  await rig.stop();
  const [held] = (await rig.start()).held();
  assert.deepEqual(held, before);
});
