/** Links that carry shorter frames than others: what does not fit is dropped where it would not, and the rest of the mesh goes on. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { bytes } from "@ropewalk/kernel/units";
import { encodeFrame } from "@ropewalk/mesh/pure/wire/encode-frame";
import { frameLengths } from "@ropewalk/mesh/pure/wire/link-frame";
import { SmallMesh } from "./small-mesh.ts";

const narrow = bytes(140);

/** How many came to the last of three, of packets with so long a frame, that the second was given for it. */
function passed(length: number, type: "packet" | "trace"): { readonly arrived: number; readonly tooLong: number } {
  const mesh = new SmallMesh(3);
  mesh.join(0, 1);
  mesh.join(1, 2, narrow);
  mesh.run(500);
  const { node } = mesh.at(1);
  const route = node.route(mesh.address(2)) ?? assert.fail("there is no way");
  const forwarded = { label: route.label, flow: 7, hopsLeft: 9, sidestepsLeft: 2 };
  const body = new Uint8Array(length - frameLengths[type]);
  mesh.say(1, 0, encodeFrame({ ...forwarded, ...(type === "packet" ? { type } : { type, addresses: [] }), body }));
  mesh.run(10);
  return { arrived: mesh.at(2).node.tally.packetsArrived, tooLong: node.tally.packetsDropped.get("too-long") ?? 0 };
}

test("a packet that the next link just carries goes on, and one that is an octet longer is dropped and counted", () => {
  assert.deepEqual(passed(narrow, "packet"), { arrived: 1, tooLong: 0 });
  assert.deepEqual(passed(narrow + 1, "packet"), { arrived: 0, tooLong: 1 });
});

test("a trace must leave room for the address of who passes it on", () => {
  assert.deepEqual(passed(narrow - 16, "trace"), { arrived: 1, tooLong: 0 });
  assert.deepEqual(passed(narrow - 15, "trace"), { arrived: 0, tooLong: 1 });
});

test("what is dropped so is no fault of the neighbour that would have carried it", () => {
  const mesh = new SmallMesh(3);
  mesh.join(0, 1);
  mesh.join(1, 2, narrow);
  mesh.run(500);
  const { node } = mesh.at(1);
  const route = node.route(mesh.address(2)) ?? assert.fail("there is no way");
  const body = new Uint8Array(1_000);
  for (let flow = 1; flow <= 5; flow += 1)
    mesh.say(1, 0, encodeFrame({ type: "packet", label: route.label, flow, hopsLeft: 9, sidestepsLeft: 2, body }));
  mesh.run(20_000);
  mesh.probe(0, 2, "ping", 3);
  mesh.run(100);
  assert.deepEqual(mesh.at(0).outputs.at(-1), { kind: "answered", probe: 3, roundTrip: 4, path: [] });
});

test("an answer that the way back does not carry is dropped there, and a shorter one comes", () => {
  const mesh = new SmallMesh(10);
  mesh.join(0, 1, narrow);
  for (let index = 1; index < 9; index += 1) mesh.join(index, index + 1);
  mesh.run(1_000);
  mesh.probe(0, 9, "trace", 1);
  mesh.probe(0, 9, "ping", 2);
  mesh.run(100);
  assert.equal(mesh.at(1).node.tally.packetsDropped.get("too-long"), 1);
  assert.deepEqual(mesh.at(0).outputs.at(-1), { kind: "answered", probe: 2, roundTrip: 18, path: [] });
});
