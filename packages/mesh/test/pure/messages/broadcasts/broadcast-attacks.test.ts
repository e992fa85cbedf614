/** What neighbours and origins that mean no good do with broadcasts, and what it costs the others. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { seconds } from "@ropewalk/kernel/units";
import { createMessageCrypto } from "@ropewalk/mesh/message-crypto";
import { sealToChannel, signBroadcast } from "@ropewalk/mesh/pure/messages/sealing/broadcast-sealing";
import {
  type Broadcast,
  type BroadcastContent,
  type BroadcastHop,
  encodeBroadcast,
} from "@ropewalk/mesh/pure/messages/wire/broadcast";
import { encodePlaintext } from "@ropewalk/mesh/pure/messages/wire/plaintext";
import { signingKey } from "../../wire/announces.ts";
import { BroadcastMesh } from "./broadcast-mesh.ts";

const hop: BroadcastHop = { priority: 1, hops: 16, life: seconds(600) };
const attacker = createMessageCrypto(signingKey(99));

/** By who has this key, with this number. */
function signed(sequence: number, by = attacker, content = new Uint8Array(9)): BroadcastContent {
  const id = `00000001${sequence.toString(16).padStart(8, "0")}`;
  return signBroadcast(by, encodePlaintext({ kind: "whole", port: 0, id, sent: 1_790_000_000, content }, 0));
}

function rewritten(broadcast: Broadcast, unlike: Partial<BroadcastHop>): Uint8Array {
  const { priority, hops, life } = broadcast;
  return encodeBroadcast({ priority, hops, life, ...unlike }, broadcast.content);
}

/** How many frames went from one to the other. */
const carried = (mesh: BroadcastMesh, from: number, to: number) =>
  mesh.sent.filter((one) => one.from === from && one.to === to).length;

test("what was not signed by whom it names is heard by nobody and goes nowhere, and he is heard as before", () => {
  const mesh = BroadcastMesh.chain(3);
  const content = signed(7, createMessageCrypto(mesh.at(0).key));
  assert.ok(content.form === "signed");
  for (let number = 0; number < 100; number += 1)
    mesh.say(1, 0, encodeBroadcast(hop, { ...content, signature: new Uint8Array(64).fill(number) }));
  mesh.run(1_000);
  assert.deepEqual([mesh.heard(1), mesh.heard(2), carried(mesh, 1, 2)], [[], [], 0]);
  assert.equal(mesh.count(1, "broadcastsDropped: forged"), 100);
  mesh.send(0);
  mesh.run(1_000);
  assert.equal(mesh.heard(2).length, 1);
});

test("a neighbour that lowers the hops of what it passes on does not shorten how far others are heard", () => {
  const mesh = BroadcastMesh.chain(5);
  mesh.send(0);
  mesh.run(5);
  const copy = mesh.sent.at(-1)?.frame.slice(1) ?? assert.fail();
  // It is there before the true one, with one hop left.
  const octets = copy.with(0, 0x41);
  mesh.say(1, 0, octets);
  mesh.run(1_000);
  assert.deepEqual(
    [1, 2, 3, 4].map((index) => mesh.heard(index).length),
    [1, 1, 1, 1],
  );
});

test("a neighbour that raises hops has each node pass a broadcast on once for each of its copies, and told once", () => {
  const mesh = BroadcastMesh.chain(3);
  mesh.send(0);
  mesh.run(1_000);
  const copy = mesh.last(0, 1);
  for (let round = 0; round < 20; round += 1)
    for (let hops = 0; hops <= 16; hops += 1) mesh.say(1, 0, rewritten(copy, { hops }));
  mesh.run(1_000);
  assert.equal(carried(mesh, 1, 2), 1, "none may go further than the first");
  const low = encodeBroadcast(hop, signed(1));
  for (let hops = 0; hops <= 16; hops += 1) {
    mesh.say(1, 0, low.with(0, 0x40 | hops));
    mesh.run(100);
  }
  assert.equal(carried(mesh, 1, 2), 17);
  assert.deepEqual([mesh.heard(1).length, mesh.heard(2).length], [2, 2]);
});

test("what is said again when its life is long over is known by its number, also by who was restarted", () => {
  const mesh = BroadcastMesh.chain(3);
  mesh.send(0, { life: seconds(5) });
  mesh.run(1_000);
  const copy = rewritten(mesh.last(0, 1), { life: seconds(3_600) });
  mesh.sleep(86_400_000);
  mesh.join(0, 1);
  mesh.join(1, 2);
  mesh.run(1_000);
  mesh.sent = [];
  mesh.say(1, 0, copy);
  mesh.run(1_000);
  assert.deepEqual([mesh.heard(1).length, mesh.heard(2).length, mesh.sent.length], [1, 1, 0]);
  assert.equal(mesh.count(1, "broadcastsDropped: old"), 1);
});

test("in a channel it is told once as well, and a day later it is old", () => {
  const key = new Uint8Array(32).fill(7);
  const mesh = BroadcastMesh.chain(2);
  for (const index of [0, 1]) mesh.desk(index, (desk) => desk.broadcasting.channels.put("here", key));
  mesh.send(0, { channel: "here", life: seconds(5) });
  mesh.run(1_000);
  const copy = rewritten(mesh.last(0, 1), { life: seconds(3_600) });
  for (const wait of [0, 3_600_000, 86_400_000, 3 * 86_400_000]) {
    mesh.sleep(wait);
    mesh.join(0, 1);
    mesh.say(1, 0, copy);
    mesh.run(1_000);
  }
  assert.equal(mesh.heard(1).length, 1);
});

test("an origin that says more than its share is not passed on, and others are", () => {
  const mesh = BroadcastMesh.chain(3);
  for (let sequence = 0; sequence < 200; sequence += 1) mesh.say(1, 0, encodeBroadcast(hop, signed(sequence)));
  mesh.run(1_000);
  assert.deepEqual([mesh.heard(1).length, carried(mesh, 1, 2)], [16, 16]);
  mesh.send(0);
  mesh.run(1_000);
  assert.equal(mesh.heard(2).length, 17);
});

test("who brings what nobody can open has his share of it and no more, and what is signed comes through beside it", () => {
  const mesh = BroadcastMesh.chain(3);
  for (let number = 0; number < 5_000; number += 1)
    mesh.say(1, 0, encodeBroadcast(hop, sealToChannel(attacker, new Uint8Array(32), new Uint8Array(20))));
  mesh.send(0, { priority: 2 });
  mesh.run(1_000);
  assert.equal(mesh.at(1).node.tally.overRate.of("channel-broadcast", "rate"), 5_000 - 64);
  assert.equal(carried(mesh, 1, 2), 65);
  assert.equal(mesh.heard(2).length, 1);
});

test("an origin that counts to the end of all numbers is heard once more by nobody, and by itself alone that is felt", () => {
  const mesh = BroadcastMesh.chain(2);
  mesh.say(1, 0, encodeBroadcast(hop, signed(0xffff_ffff)));
  mesh.say(1, 0, encodeBroadcast(hop, signed(5)));
  mesh.send(0);
  mesh.run(1_000);
  assert.equal(mesh.heard(1).length, 2);
});

test("whoever calls everything an emergency is passed on as urgent, once a tenth of what he brings was", () => {
  const mesh = BroadcastMesh.chain(3);
  const others = Array.from({ length: 30 }, (_, index) => createMessageCrypto(signingKey(200 + index)));
  for (const by of others)
    mesh.say(1, 0, encodeBroadcast({ ...hop, priority: 3 }, signed(1, by, new Uint8Array(1_000))));
  mesh.run(10_000);
  const urgencies = mesh.sent.filter(({ from }) => from === 1).map(({ frame }) => (frame[1] ?? 0) >>> 6);
  assert.equal(urgencies.length, 30);
  const emergencies = urgencies.filter((one) => one === 3).length;
  assert.ok(emergencies >= 14 && emergencies <= 18, `${emergencies}`);
});

test("its own broadcast that comes back is not told to a node, nor passed on, though it has forgotten it", () => {
  const mesh = BroadcastMesh.chain(3);
  mesh.send(1);
  mesh.run(1_000);
  const copy = mesh.last(1, 0).octets;
  mesh.restart(1);
  mesh.join(0, 1);
  mesh.join(1, 2);
  mesh.run(1_000);
  mesh.sent = [];
  mesh.say(1, 0, copy);
  mesh.run(1_000);
  assert.deepEqual([mesh.heard(1), mesh.sent], [[], []]);
});
