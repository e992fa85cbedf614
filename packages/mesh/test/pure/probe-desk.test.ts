/** Questions from end to end: only who was asked can answer, only what he answers counts, and who asks is answered the way he came. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { decodeEndToEnd, type EndToEnd, encodeEndToEnd } from "@ropewalk/mesh/pure/end-to-end";
import type { LinkId } from "@ropewalk/mesh/pure/link";
import type { MeshCrypto } from "@ropewalk/mesh/pure/mesh-crypto";
import { announceOf, LoneNode, own } from "./lone-node.ts";
import { identity } from "./wire/announces.ts";

const [far, further] = [identity(50), identity(51)];
const label = 300;

/** A node that reaches `far`, and `further` too, by neighbour 1. */
function knowing(): LoneNode {
  const lone = new LoneNode(2);
  lone.tell(1, announceOf(far, 2, { sequence: 5 }), label);
  lone.tell(1, announceOf(further, 4), label + 256);
  lone.wait(1_000);
  lone.said();
  return lone;
}

/** What it asks, as who is asked reads it. */
function questionOf(lone: LoneNode, id: number, to: MeshCrypto, kind: "ping" | "trace" = "ping") {
  lone.probe(id, to, kind);
  const [{ to: by, frame } = assert.fail(), ...others] = lone.said();
  assert.equal(others.length, 0);
  assert.ok(frame.type === "packet" || frame.type === "trace");
  const plain = to.open(frame.body) ?? assert.fail("it is not sealed to who is asked");
  return { by, frame, said: decodeEndToEnd(plain) ?? assert.fail() };
}

const answer = (lone: LoneNode, flow: number, said: EndToEnd) =>
  lone.hear(1, { type: "answer", flow, body: encodeEndToEnd(said) });
const share = (lone: LoneNode, to: MeshCrypto) =>
  lone.node.deliveries.share(lone.now, { to: to.address, by: 1 as LinkId, from: undefined });

test("a ping goes sealed by the way there, and is answered by who shows what was in it", () => {
  const lone = knowing();
  const { by, frame, said } = questionOf(lone, 7, far);
  assert.deepEqual([by, frame.type, frame.label, frame.hopsLeft], [1, "packet", label, 64]);
  assert.equal(said.kind, "ping");
  lone.wait(30);
  answer(lone, frame.flow, { kind: "pong", nonce: said.nonce });
  assert.deepEqual(lone.did(), [{ kind: "answered", probe: 7, roundTrip: 30, path: [] }]);
  assert.equal(lone.route(far)?.standing, "confirmed");
  assert.equal(lone.route(further)?.standing, "unconfirmed");
  assert.ok(share(lone, far) > 0.5);
  lone.wait(10_000);
  assert.deepEqual(lone.did(), [], "it is told of once");
});

test("a trace tells over whom it came", () => {
  const lone = knowing();
  const { frame, said } = questionOf(lone, 8, far, "trace");
  assert.deepEqual([frame.type, said.kind], ["trace", "trace"]);
  const path = [further.address, own.address];
  answer(lone, frame.flow, { kind: "traced", nonce: said.nonce, path });
  assert.deepEqual(lone.did(), [{ kind: "answered", probe: 8, roundTrip: 0, path }]);
});

test("each question has a nonce of its own", () => {
  const lone = knowing();
  const nonces = [1, 2, 3].map((id) => questionOf(lone, id, far).said.nonce.toHex());
  assert.equal(new Set(nonces).size, 3);
});

test("what is answered by who does not know the nonce, or with what is no answer, counts as lost, and the question stays open", () => {
  for (const wrong of [
    { kind: "pong", nonce: new Uint8Array(16) },
    { kind: "ping", nonce: undefined },
    { kind: "trace", nonce: undefined },
  ] as const) {
    const lone = knowing();
    const { frame, said } = questionOf(lone, 7, far);
    answer(lone, frame.flow, { kind: wrong.kind, nonce: wrong.nonce ?? said.nonce });
    assert.deepEqual(lone.did(), []);
    assert.ok(share(lone, far) < 0.5);
    assert.equal(lone.route(far)?.standing, "unconfirmed");
    lone.wait(2_000);
    assert.deepEqual(lone.did(), [{ kind: "unanswered", probe: 7, why: "lost" }]);
  }
  const lone = knowing();
  const { frame } = questionOf(lone, 7, far);
  lone.hear(1, { type: "answer", flow: frame.flow, body: Uint8Array.of(2, 1) });
  assert.deepEqual([lone.did(), share(lone, far) < 0.5], [[], true]);
});

test("who shows the nonce of another's question does not answer for him, nor for himself", () => {
  const lone = knowing();
  const [one, other] = [questionOf(lone, 1, far), questionOf(lone, 2, further)];
  answer(lone, other.frame.flow, { kind: "pong", nonce: one.said.nonce });
  assert.deepEqual(lone.did(), []);
  assert.equal(lone.route(further)?.standing, "unconfirmed");
  assert.equal(lone.route(far)?.standing, "unconfirmed");
  assert.ok(share(lone, further) < share(lone, far));
  answer(lone, one.frame.flow, { kind: "pong", nonce: one.said.nonce });
  assert.deepEqual(lone.did(), [{ kind: "answered", probe: 1, roundTrip: 0, path: [] }]);
});

test("what nobody answers is lost after two seconds, each question by itself, and not before", () => {
  const lone = knowing();
  questionOf(lone, 1, far);
  lone.wait(500);
  questionOf(lone, 2, far);
  lone.wait(1_499);
  assert.deepEqual(lone.did(), []);
  lone.wait(1);
  assert.deepEqual(lone.did(), [{ kind: "unanswered", probe: 1, why: "lost" }]);
  lone.wait(499);
  assert.deepEqual(lone.did(), []);
  lone.wait(1);
  assert.deepEqual(lone.did(), [{ kind: "unanswered", probe: 2, why: "lost" }]);
});

test("to who is not known, or has no way, nothing goes, and he is asked for: a newer announce than is known", () => {
  const lone = knowing();
  const nobody = identity(60);
  lone.probe(1, nobody);
  assert.deepEqual(lone.did(), [{ kind: "unanswered", probe: 1, why: "no-route" }]);
  lone.wait(50);
  assert.deepEqual(
    lone.said("request").map(({ frame }) => [frame.address, frame.epoch, frame.sequence]),
    [1, 2].map(() => [nobody.address, 0, 0]),
  );
  lone.hear(1, { type: "withdraw", labels: [label] });
  lone.wait(1_000);
  lone.said();
  lone.probe(2, far);
  assert.deepEqual(lone.did(), [{ kind: "unanswered", probe: 2, why: "no-route" }]);
  lone.wait(50);
  assert.deepEqual(
    lone.said("request").flatMap(({ frame }) => (frame.address === far.address ? [frame.sequence] : [])),
    [5, 5],
  );
});

test("no more than a thousand and some wait at once, and there is room again when they were lost", () => {
  const lone = knowing();
  for (let id = 1; id <= 1_030; id += 1) lone.probe(id, far);
  const busy = lone.did();
  assert.deepEqual(
    busy.map((output) => output.kind === "unanswered" && [output.probe, output.why]),
    [1_025, 1_026, 1_027, 1_028, 1_029, 1_030].map((id) => [id, "busy"]),
  );
  lone.wait(2_000);
  assert.equal(lone.did().length, 1_024);
  questionOf(lone, 2_000, further);
});

/** Asks the node itself, by neighbour 2. */
function ask(lone: LoneNode, body: Uint8Array, flow = 99, addresses?: readonly MeshCrypto[]): void {
  const packet = { label: lone.label, flow, hopsLeft: 3, sidestepsLeft: 0, body };
  if (addresses === undefined) lone.hear(2, { type: "packet", ...packet });
  else lone.hear(2, { type: "trace", ...packet, addresses: addresses.map(({ address }) => address) });
}
const sealed = (to: MeshCrypto, plain: Uint8Array) => far.seal(to.publicKey, plain) ?? assert.fail();

test("who asks is answered the way that he came, with what he asked and, of a trace, who was on the way", () => {
  const lone = knowing();
  const nonce = new Uint8Array(16).fill(9);
  ask(lone, sealed(own, encodeEndToEnd({ kind: "ping", nonce })));
  ask(lone, sealed(own, encodeEndToEnd({ kind: "trace", nonce })), 98, [far, further]);
  const answers = lone.said("answer").map(({ to, frame }) => [to, frame.flow, decodeEndToEnd(frame.body)]);
  assert.deepEqual(answers, [
    [2, 99, { kind: "pong", nonce }],
    [2, 98, { kind: "traced", nonce, path: [far.address, further.address] }],
  ]);
});

test("what is not sealed to it, is no question, or wants no answer has none", () => {
  const lone = knowing();
  const nonce = new Uint8Array(16);
  ask(lone, sealed(further, encodeEndToEnd({ kind: "ping", nonce })));
  ask(lone, encodeEndToEnd({ kind: "ping", nonce }));
  ask(lone, sealed(own, Uint8Array.of(1, 2, 3)));
  ask(lone, sealed(own, encodeEndToEnd({ kind: "pong", nonce })));
  ask(lone, sealed(own, encodeEndToEnd({ kind: "traced", nonce, path: [] })));
  ask(lone, sealed(own, encodeEndToEnd({ kind: "ping", nonce })), 0);
  assert.deepEqual(lone.said(), []);
});
