/** What one node says to all: how far it goes, who reads it, and that it is told once whatever comes in between. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { bitsPerSecond, millis, seconds } from "@ropewalk/kernel/units";
import { encodeBroadcast } from "@ropewalk/mesh/pure/messages/wire/broadcast";
import { BroadcastMesh } from "./broadcast-mesh.ts";

const key = new Uint8Array(32).fill(7);
const text = (words: string) => new TextEncoder().encode(words);
const told = ["high water"];

test("all hear a broadcast once, by whatever ways, and know who it is from", () => {
  const mesh = BroadcastMesh.chain(6);
  mesh.join(0, 3);
  mesh.join(1, 5);
  mesh.join(2, 4);
  const id = mesh.send(0);
  mesh.run(1_000);
  assert.deepEqual(mesh.heard(0), [], "who says it need not be told");
  for (const index of [1, 2, 3, 4, 5]) {
    assert.deepEqual(mesh.heard(index), told);
    const [row] = mesh.at(index).disk.heard;
    assert.deepEqual([row?.source, row?.id, row?.port], [{ kind: "origin", address: mesh.address(0) }, id, 0]);
  }
});

test("it goes sixteen links far, and no further", () => {
  const mesh = BroadcastMesh.chain(20);
  mesh.send(0);
  mesh.run(2_000);
  const heard = mesh.stations.map((_, index) => mesh.heard(index).length);
  assert.deepEqual(heard, [0, ...Array(17).fill(1), 0, 0]);
});

test("nobody passes it back to who brought it, and each link carries it once or twice", () => {
  const mesh = BroadcastMesh.chain(4);
  mesh.send(1);
  mesh.run(1_000);
  const ways = mesh.sent.map(({ from, to }) => `${from} to ${to}`);
  assert.deepEqual(ways.toSorted(), ["1 to 0", "1 to 2", "2 to 3"]);
});

test("what it says in a channel only those read who have its key, and all pass it on", () => {
  const mesh = BroadcastMesh.chain(4);
  for (const index of [0, 1, 3]) mesh.desk(index, (desk) => desk.broadcasting.channels.put(`of ${index}`, key));
  mesh.send(0, { channel: "of 0", content: text("flood at dawn") });
  mesh.run(1_000);
  assert.deepEqual(
    [0, 1, 2, 3].map((index) => mesh.heard(index).length),
    [0, 1, 0, 1],
  );
  assert.deepEqual(mesh.at(3).disk.heard[0]?.source, { kind: "channel", name: "of 3" });
  assert.ok(!mesh.last(2, 3).octets.toHex().includes(text("flood at dawn").toHex()));
  assert.equal(mesh.last(2, 3).octets.length + 3, 128, "it is padded");
});

test("who comes within its life hears it, who comes later does not", () => {
  const mesh = new BroadcastMesh(3);
  mesh.send(0, { life: seconds(60) });
  mesh.run(30_000);
  mesh.join(0, 1);
  mesh.run(40_000);
  mesh.join(1, 2);
  mesh.run(10_000);
  assert.deepEqual([mesh.heard(1), mesh.heard(2)], [told, []]);
});

test("its life goes on on the way, and no copy makes it longer", () => {
  const mesh = new BroadcastMesh(3);
  mesh.join(0, 1);
  mesh.send(0, { life: seconds(100) });
  mesh.run(1_000);
  const copy = mesh.last(0, 1);
  const longer = { priority: copy.priority, hops: copy.hops, life: seconds(3_600) };
  mesh.say(1, 0, encodeBroadcast(longer, copy.content));
  mesh.run(30_000);
  mesh.join(1, 2);
  mesh.run(1_000);
  assert.deepEqual([mesh.heard(2), mesh.last(1, 2).life <= seconds(70)], [told, true]);
});

test("over a link where octets are dear only what is urgent goes", () => {
  const mesh = new BroadcastMesh(2);
  mesh.join(0, 1, { rate: bitsPerSecond(5_000) });
  for (const priority of [0, 1, 2, 3] as const) mesh.send(0, { priority, content: text(`${priority}`) });
  mesh.run(120_000);
  assert.deepEqual(mesh.heard(1).toSorted(), ["2", "3"]);
  assert.equal(mesh.count(0, "broadcastsDropped: dear"), 2);
});

test("broadcasts take a twentieth of a link, and the urgent go first", () => {
  const mesh = new BroadcastMesh(2);
  mesh.join(0, 1, { rate: bitsPerSecond(160_000) });
  const content = new Uint8Array(1_000).fill(0x61);
  for (let number = 0; number < 15; number += 1) mesh.send(0, { content: content.with(0, 0x41 + number) });
  mesh.send(0, { priority: 2, content: text("first") });
  mesh.run(10);
  const atOnce = mesh.sent.length;
  assert.ok(atOnce >= 7 && atOnce <= 9, `${atOnce}`);
  mesh.run(3_000);
  // 1,000 octets a second.
  assert.ok(mesh.sent.length >= atOnce + 2 && mesh.sent.length <= atOnce + 3, `${mesh.sent.length}`);
  mesh.run(20_000);
  assert.equal(mesh.heard(1).length, 16);
  assert.equal(mesh.heard(1).indexOf("first"), atOnce - 1);
});

test("a node that is restarted is not told again, nor does it use a number again", () => {
  const mesh = BroadcastMesh.chain(2);
  const first = mesh.send(0);
  mesh.run(1_000);
  const copy = mesh.last(0, 1).octets;
  mesh.restart(1);
  mesh.join(0, 1);
  mesh.run(1_000);
  mesh.say(1, 0, copy);
  mesh.run(100);
  assert.deepEqual(mesh.heard(1), told);
  mesh.restart(0);
  mesh.join(0, 1);
  mesh.run(2_000);
  const second = mesh.send(0);
  mesh.run(1_000);
  assert.ok(second > first, `${second} behind ${first}`);
  assert.deepEqual(mesh.heard(1), [...told, ...told]);
});

test("more than others take of one node is refused, with how long to wait; so is what is too long, or to no channel", () => {
  const mesh = BroadcastMesh.chain(2);
  const send = (content: Uint8Array, channel?: string) =>
    mesh.desk(0, (desk) =>
      desk.broadcasting.send(mesh.now, { channel, port: 0, priority: 1, life: seconds(60), content }),
    );
  assert.deepEqual(send(new Uint8Array(1_025)), { kind: "too-long", octets: 1_025, limit: 1_024 });
  assert.deepEqual(send(text("?"), "nobody's"), { kind: "no-channel" });
  for (let number = 0; number < 16; number += 1) assert.equal(send(text("!")).kind, "sent");
  assert.deepEqual(send(text("!")), { kind: "too-many", wait: 10_000 });
});

test("a channel whose key is taken away is read no more, and is there again after a restart where it was not", () => {
  const mesh = BroadcastMesh.chain(2);
  for (const index of [0, 1]) mesh.desk(index, (desk) => desk.broadcasting.channels.put("here", key));
  mesh.restart(1);
  mesh.join(0, 1);
  mesh.send(0, { channel: "here" });
  mesh.run(1_000);
  assert.equal(mesh.heard(1).length, 1);
  mesh.desk(1, (desk) => desk.broadcasting.channels.remove("here"));
  mesh.send(0, { channel: "here" });
  mesh.run(1_000);
  assert.equal(mesh.heard(1).length, 1);
});

test("who has no clock is heard in a channel, and who has a wrong one is not", () => {
  const hearsOf = (wrong: number) => {
    const mesh = new BroadcastMesh(2);
    mesh.at(0).wrong = wrong;
    mesh.restart(0);
    mesh.join(0, 1, { delay: millis(10) });
    for (const index of [0, 1]) mesh.desk(index, (desk) => desk.broadcasting.channels.put("here", key));
    mesh.send(0, { channel: "here" });
    mesh.run(1_000);
    return mesh.heard(1).length;
  };
  const day = 86_400_000;
  assert.deepEqual([0, day / 2, -day / 2, 2 * day, -2 * day, -1_790_000_000_000].map(hearsOf), [1, 1, 1, 0, 0, 1]);
});
