/** Nodes with each other, over links that they see as they would any: who is there, how to reach them, and what becomes of that. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { linkBudgetAt } from "@ropewalk/mesh/pure/protection/link-budget";
import { decodeFrame } from "@ropewalk/mesh/pure/wire/decode-frame";
import { encodeFrame } from "@ropewalk/mesh/pure/wire/encode-frame";
import { SmallMesh, usualConfig } from "./small-mesh.ts";

const answers = (mesh: SmallMesh, index: number) =>
  mesh.at(index).outputs.filter(({ kind }) => kind === "answered" || kind === "unanswered");

test("in a chain of six everybody finds everybody, at as many hops as there are", () => {
  const mesh = SmallMesh.chain(6);
  mesh.run(200);
  for (const [index, { node }] of mesh.members.entries()) {
    for (const other of mesh.members.keys()) {
      if (other === index) continue;
      assert.equal(node.route(mesh.address(other))?.distance, Math.abs(other - index), `${index} to ${other}`);
    }
  }
});

test("a ping is answered from five hops away, and a trace tells who stands between", () => {
  const mesh = SmallMesh.chain(6);
  mesh.run(200);
  mesh.probe(0, 5, "ping", 7);
  mesh.probe(0, 5, "trace", 8);
  mesh.run(100);
  const path = [1, 2, 3, 4].map((index) => mesh.address(index));
  assert.deepEqual(answers(mesh, 0), [
    { kind: "answered", probe: 7, roundTrip: 10, path: [] },
    { kind: "answered", probe: 8, roundTrip: 10, path },
  ]);
});

test("who is told that a way is gone loses it, and finds the other way round within a moment", () => {
  const mesh = SmallMesh.chain(6);
  mesh.join(5, 0);
  mesh.run(500);
  assert.equal(mesh.at(0).node.route(mesh.address(5))?.distance, 1);
  mesh.part(5, 0);
  mesh.run(2_000);
  for (const [index, { node }] of mesh.members.entries())
    for (const other of mesh.members.keys())
      if (other !== index)
        assert.equal(node.route(mesh.address(other))?.distance, Math.abs(other - index), `${index} to ${other}`);
});

test("nobody goes on to who is not there any more: the last word of it is forgotten, not passed in circles", () => {
  const mesh = SmallMesh.chain(5);
  mesh.join(4, 1);
  mesh.run(500);
  mesh.part(0, 1);
  mesh.run(3_000);
  for (const index of [1, 2, 3, 4]) assert.equal(mesh.at(index).node.isRoutable(mesh.address(0)), false, String(index));
});

test("another kind is told to neighbours at once, and what was measured is as old as it was", () => {
  const mesh = SmallMesh.chain(2);
  mesh.run(200);
  mesh.measure(0, "standard", "online");
  mesh.run(5_000);
  const said = () => [...mesh.at(1).node.neighbours.values()][0]?.said;
  const before = said();
  mesh.reconfigure(0, { ...usualConfig, kind: "open" });
  mesh.run(10);
  assert.deepEqual(said(), { ...before, kind: "open" });
});

test("a link brings no more than its limits, also one that was there before they were others", () => {
  const mesh = SmallMesh.chain(2);
  mesh.run(200);
  const limits = linkBudgetAt({ request: 1 });
  mesh.reconfigure(0, { ...usualConfig, limits });
  const ask = encodeFrame({ type: "request", address: mesh.address(1), epoch: 1, sequence: 1, hopsLeft: 1 });
  for (let asked = 0; asked < 30; asked += 1) mesh.say(0, 1, ask);
  assert.equal(mesh.at(0).node.tally.overRate.of("request", "rate"), 30 - limits.request.burst);
});

test("neighbours hear at once that the way to the internet is another, and not each time that it was measured", () => {
  const mesh = SmallMesh.chain(2);
  mesh.run(200);
  let heard = 0;
  mesh.tamper = (frame) => {
    heard += Number(decodeFrame(frame)?.type === "status");
    return frame;
  };
  for (const online of ["online", "online", "online", "offline", "offline"] as const)
    mesh.measure(0, "standard", online);
  assert.equal(heard, 2);
});
