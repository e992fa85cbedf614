/** Packets on their way: what they pay, who they come to, what answers do, and what neighbours cannot do with them. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { encodeEndToEnd } from "@ropewalk/mesh/pure/end-to-end";
import { decodeFrame } from "@ropewalk/mesh/pure/wire/decode-frame";
import { encodeFrame } from "@ropewalk/mesh/pure/wire/encode-frame";
import type { AnswerFrame, PacketFrame, TraceFrame } from "@ropewalk/mesh/pure/wire/link-frame";
import { SmallMesh } from "./small-mesh.ts";

type Passing = PacketFrame | TraceFrame | AnswerFrame;

const settled = (mesh: SmallMesh) => {
  mesh.run(1_000);
  return mesh;
};
/** The label under which `at` takes packets for `to`. */
const labelOf = (mesh: SmallMesh, at: number, to: number) =>
  mesh.at(at).node.route(mesh.address(to))?.label ?? assert.fail();
/** What the members are sent from now on, of packets, traces and answers. */
function passingIn(mesh: SmallMesh, isLost: (to: number) => boolean = () => false) {
  const passing: { readonly to: number; readonly frame: Passing }[] = [];
  mesh.tamper = (octets, to) => {
    const frame = decodeFrame(octets.slice());
    if (frame?.type !== "packet" && frame?.type !== "trace" && frame?.type !== "answer") return octets;
    passing.push({ to, frame });
    return isLost(to) ? undefined : octets;
  };
  return passing;
}
const dropped = (mesh: SmallMesh, index: number) => Object.fromEntries(mesh.at(index).node.tally.packetsDropped);

test("each hop takes one of the hops left, and a packet that has none is dropped", () => {
  const mesh = settled(SmallMesh.chain(4));
  const passing = passingIn(mesh);
  const packet = {
    type: "packet",
    label: labelOf(mesh, 1, 3),
    sidestepsLeft: 0,
    flow: 0,
    body: new Uint8Array(5),
  } as const;
  mesh.say(1, 0, encodeFrame({ ...packet, hopsLeft: 2 }));
  mesh.say(1, 0, encodeFrame({ ...packet, hopsLeft: 1 }));
  mesh.say(1, 0, encodeFrame({ ...packet, hopsLeft: 0 }));
  mesh.run(20);
  assert.deepEqual(
    passing.map(({ to, frame }) => [to, frame.type === "packet" && frame.hopsLeft]),
    [
      [2, 1],
      [2, 0],
      [3, 0],
    ],
  );
  assert.deepEqual([dropped(mesh, 1), dropped(mesh, 2)], [{ hops: 1 }, { hops: 1 }]);
  assert.equal(mesh.at(3).node.tally.packetsArrived, 1);
});

test("a relay learns neither who asks nor who is asked, not even from the octets", () => {
  const mesh = settled(SmallMesh.chain(5));
  const passing = passingIn(mesh);
  mesh.probe(0, 4);
  mesh.run(100);
  const hidden = [0, 4].flatMap((end) => [mesh.address(end), mesh.at(end).crypto.publicKey.toHex()]);
  for (const { frame } of passing) for (const name of hidden) assert.ok(!encodeFrame(frame).toHex().includes(name));
});

test("of a trace that has come over as many as it can tell, the first are told", () => {
  const mesh = settled(SmallMesh.chain(3));
  const passing = passingIn(mesh);
  const addresses = Array.from({ length: 64 }, () => mesh.address(0));
  const trace = { type: "trace", label: labelOf(mesh, 1, 2), hopsLeft: 9, sidestepsLeft: 0, addresses } as const;
  mesh.say(1, 0, encodeFrame({ ...trace, flow: 0, body: new Uint8Array(5) }));
  mesh.run(20);
  assert.deepEqual(passing[0]?.frame.type === "trace" && passing[0].frame.addresses, addresses);
});

test("a packet for whom a label does not stand any more is told so to its sender, who then has no such way", () => {
  const mesh = settled(SmallMesh.chain(3));
  const label = labelOf(mesh, 1, 2);
  mesh.tamper = (frame, to) => (to === 0 && frame[0] === 3 ? undefined : frame);
  mesh.part(1, 2);
  mesh.run(100);
  assert.equal(mesh.at(0).node.isRoutable(mesh.address(2)), true, "it was not told");
  mesh.tamper = (frame) => frame;
  mesh.say(
    1,
    0,
    encodeFrame({ type: "packet", label, hopsLeft: 9, sidestepsLeft: 0, flow: 0, body: new Uint8Array(5) }),
  );
  mesh.run(100);
  assert.deepEqual(dropped(mesh, 1), { label: 1 });
  assert.equal(mesh.at(0).node.isRoutable(mesh.address(2)), false);
});

test("an answer is taken from the neighbour that was asked, once, and passed to who asked it", () => {
  const mesh = settled(SmallMesh.chain(4));
  const passing = passingIn(mesh, (to) => to === 3);
  mesh.probe(0, 3);
  mesh.run(10);
  const { flow, body } = passing.find(({ to }) => to === 3)?.frame ?? assert.fail();
  const answer = encodeFrame({ type: "answer", flow, body });
  passing.length = 0;
  mesh.say(2, 1, answer);
  mesh.run(10);
  assert.equal(passing.length, 0, "who was not asked");
  mesh.say(2, 3, answer);
  mesh.say(2, 3, answer);
  mesh.run(10);
  assert.deepEqual(
    passing.map(({ to }) => to),
    [1, 0],
  );
  assert.deepEqual(dropped(mesh, 2), { flow: 2 });
});

test("who was asked himself cannot answer for another whom he leads to", () => {
  const mesh = settled(SmallMesh.chain(3));
  const passing = passingIn(mesh, (to) => to === 1);
  mesh.probe(0, 1, "ping", 1);
  mesh.probe(0, 2, "ping", 2);
  mesh.run(10);
  const [own, others] = passing.map(({ frame }) => frame);
  if (own === undefined || others === undefined) assert.fail();
  const nonce = mesh.at(1).crypto.open(own.body)?.subarray(1) ?? assert.fail();
  const body = encodeEndToEnd({ kind: "pong", nonce });
  mesh.say(0, 1, encodeFrame({ type: "answer", flow: others.flow, body }));
  mesh.run(3_000);
  assert.equal(mesh.at(0).node.route(mesh.address(2))?.standing, "unconfirmed");
  assert.ok(mesh.at(0).outputs.every(({ kind }) => kind !== "answered"));
});

test("questions that a node must open itself cost its neighbour what signatures do", () => {
  const mesh = settled(SmallMesh.chain(2));
  const { node, crypto } = mesh.at(1);
  let opened = 0;
  const { open } = crypto;
  const counting = (sealed: Uint8Array) => {
    opened += 1;
    return open(sealed);
  };
  Object.assign(crypto, { open: counting });
  const { label } = mesh.at(0).node.route(mesh.address(1))?.best ?? assert.fail();
  for (let count = 0; count < 5_000; count += 1)
    mesh.say(
      1,
      0,
      encodeFrame({ type: "packet", label, hopsLeft: 9, sidestepsLeft: 0, flow: 0, body: new Uint8Array(60) }),
    );
  assert.equal(opened, 1_024);
  assert.equal(node.tally.overRate.of("question", "rate"), 5_000 - 1_024);
});

test("a detour costs the packet one of its sidesteps, and what comes of it is nearer again", () => {
  const mesh = new SmallMesh(6);
  for (const [one, other] of [
    [0, 1],
    [1, 3],
    [3, 4],
    [0, 2],
    [2, 5],
    [5, 3],
  ] as const)
    mesh.join(one, other);
  settled(mesh);
  const passing = passingIn(mesh, (to) => to === 1);
  for (let count = 0; count < 4; count += 1) {
    mesh.probe(0, 4);
    mesh.run(2_100);
  }
  const detour = passing.filter(({ to, frame }) => frame.type === "packet" && to !== 1);
  assert.deepEqual(
    detour.map(({ to, frame }) => [to, frame.type === "packet" && frame.sidestepsLeft]),
    [
      [2, 1],
      [5, 1],
      [3, 1],
      [4, 1],
    ],
  );
});

test("a relay that is answered between losses goes on by who answers", () => {
  const mesh = settled(SmallMesh.chain(3));
  const passing = passingIn(mesh);
  const { node } = mesh.at(1);
  const label = labelOf(mesh, 1, 2);
  const link = node.route(mesh.address(0))?.best?.link ?? assert.fail();
  const ask = (isAnswered: boolean) => {
    passing.length = 0;
    mesh.say(
      1,
      0,
      encodeFrame({ type: "packet", label, flow: 9, hopsLeft: 9, sidestepsLeft: 0, body: new Uint8Array(5) }),
    );
    const { flow, body } = passing.find(({ to }) => to === 2)?.frame ?? assert.fail();
    if (isAnswered) mesh.say(1, 2, encodeFrame({ type: "answer", flow, body }));
    mesh.run(3_000);
  };
  for (const isAnswered of [false, false, true, false, false]) ask(isAnswered);
  const deliveries = node.deliveries;
  const by = node.route(mesh.address(2))?.best?.link ?? assert.fail();
  assert.equal(deliveries.bypassedUntil({ to: mesh.address(2), by, from: link }), 0);
  ask(false);
  assert.ok(deliveries.bypassedUntil({ to: mesh.address(2), by, from: link }) > mesh.now);
});
