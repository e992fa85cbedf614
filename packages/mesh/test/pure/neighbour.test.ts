/** What a neighbour's silence and answers mean, and which of several is the way to the internet. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { millis } from "@ropewalk/kernel/units";
import type { LinkId } from "@ropewalk/mesh/pure/link";
import { Neighbour } from "@ropewalk/mesh/pure/neighbour";
import { DropCounts } from "@ropewalk/mesh/pure/protection/drop-counts";
import { factsOf, SmallMesh } from "./small-mesh.ts";
import { identity } from "./wire/announces.ts";

const token = new Uint8Array(8).fill(1);
const fresh = () => new Neighbour(1 as LinkId, factsOf(identity(2)), millis(0), new DropCounts());

test("who is silent is asked after two seconds, each two seconds, and gone after six", () => {
  const neighbour = fresh();
  neighbour.asked(millis(0), token);
  neighbour.answered(millis(3), token);
  assert.equal(neighbour.roundTrip, 3);
  const calls = [1_999, 2_000, 3_999].map((at) => {
    const call = neighbour.watch(millis(at));
    if (call === "ask") neighbour.asked(millis(at), token);
    return call;
  });
  assert.deepEqual(calls, [undefined, "ask", undefined]);
  assert.equal(neighbour.watch(millis(4_000)), "ask");
  assert.equal(neighbour.watch(millis(5_999)), "ask");
  assert.equal(neighbour.watch(millis(6_000)), "gone");
});

test("who talks without end is asked as well, at once and each fifteen seconds, and only the last question counts", () => {
  const neighbour = fresh();
  assert.equal(neighbour.watch(millis(0)), "ask");
  neighbour.asked(millis(0), token);
  neighbour.answered(millis(5), new Uint8Array(8));
  assert.equal(neighbour.answeredAt, undefined);
  neighbour.answered(millis(10), token);
  neighbour.heard(millis(14_900));
  assert.equal(neighbour.watch(millis(15_009)), undefined);
  assert.equal(neighbour.watch(millis(15_010)), "ask");
});

test("a neighbour that measured that it is online, lets others out and answers is the way to the internet, until its link is gone", () => {
  const mesh = SmallMesh.chain(3);
  mesh.run(2_000);
  const route = () => mesh.at(1).node.findPeerRoute(mesh.now);
  assert.deepEqual(route(), { kind: "none", why: "not-measured" });
  mesh.measure(0, "open", "online");
  mesh.measure(2, "standard", "online");
  mesh.run(100);
  assert.deepEqual(route(), { kind: "relay", relay: mesh.address(0), of: "open" });
  mesh.part(0, 1);
  assert.deepEqual(route(), { kind: "none", why: "not-relaying" });
  mesh.measure(1, "standard", "online");
  assert.deepEqual(route(), { kind: "direct" });
});

test("who comes up late is told how long ago it was measured, and does not take it for news", () => {
  const mesh = new SmallMesh(2);
  mesh.measure(0, "universal", "online");
  mesh.run(100_000);
  mesh.join(0, 1);
  mesh.run(2_000);
  assert.deepEqual(mesh.at(1).node.findPeerRoute(mesh.now), { kind: "none", why: "not-measured" });
  mesh.part(0, 1);
  mesh.measure(0, "universal", "online");
  mesh.join(0, 1);
  mesh.run(2_000);
  assert.deepEqual(mesh.at(1).node.findPeerRoute(mesh.now), {
    kind: "relay",
    relay: mesh.address(0),
    of: "universal",
  });
});
