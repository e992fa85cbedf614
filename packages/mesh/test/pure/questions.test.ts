/** Questions for newer announces: who is asked, how far, who answers, and that none goes round for ever. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { MeshCrypto } from "@ropewalk/mesh/pure/mesh-crypto";
import { HeardAnnounce } from "@ropewalk/mesh/pure/wire/announce";
import type { RequestFrame } from "@ropewalk/mesh/pure/wire/link-frame";
import { announceOf, LoneNode } from "./lone-node.ts";
import { identity } from "./wire/announces.ts";

const far = identity(50);
const asking = (of: MeshCrypto, sequence: number, hopsLeft: number, epoch = 1): RequestFrame => {
  return { type: "request", address: of.address, epoch, sequence, hopsLeft };
};
/** To whom it has said a question, how far that may go, and what is known by it. */
const asked = (lone: LoneNode) =>
  lone.said("request").map(({ to, frame }) => [to, frame.hopsLeft, frame.epoch, frame.sequence]);

/** `far` has been told of by neighbours, each so far from it; and everybody was told. */
function knowing(neighbours: number, ways: readonly (readonly [number, number])[], sequence = 5): LoneNode {
  const lone = new LoneNode(neighbours);
  for (const [by, hops] of ways) lone.tell(by, announceOf(far, hops, { sequence }));
  lone.wait(1_000);
  lone.said();
  return lone;
}

test("who has a newer announce tells it at once to who asks, by a way that does not lead through him", () => {
  const lone = knowing(2, [[1, 2]]);
  lone.hear(2, asking(far, 4, 0));
  const told = lone.said();
  assert.equal(told.length, 1);
  const [{ to, frame } = assert.fail()] = told;
  assert.ok(to === 2 && frame.type === "announce");
  const { hops, sequence } = new HeardAnnounce(frame.announce);
  assert.deepEqual([frame.label, hops, sequence], [lone.route(far)?.label, 3, 5]);
});

test("who wants a newer one than is known is helped on to where it is nearer, as far as that is", () => {
  const lone = knowing(3, [[1, 2]]);
  lone.hear(2, asking(far, 5, 0));
  assert.deepEqual(asked(lone), [[1, 0, 1, 5]]);
  lone.hear(3, asking(far, 6, 7));
  assert.deepEqual(asked(lone), [[1, 7, 1, 6]]);
});

test("the question of who leads there himself goes to another who leads there, though he be further; else to all, one hop less", () => {
  const two = knowing(3, [
    [1, 2],
    [2, 9],
  ]);
  two.hear(1, asking(far, 4, 3));
  assert.deepEqual(asked(two), [[2, 3, 1, 4]]);
  two.hear(1, asking(far, 3, 0));
  assert.deepEqual(two.said(), [], "what goes no further was asked of this node alone");
  const one = knowing(3, [[1, 2]]);
  one.hear(1, asking(far, 4, 3));
  assert.deepEqual(asked(one), [
    [2, 2, 1, 4],
    [3, 2, 1, 4],
  ]);
  one.hear(1, asking(far, 3, 0));
  assert.deepEqual(one.said(), []);
});

test("for whom nobody knows all are asked but who asks, as far as the question goes", () => {
  const lone = new LoneNode(3);
  lone.hear(2, asking(far, 0, 2, 0));
  assert.deepEqual(asked(lone), [
    [1, 1, 0, 0],
    [3, 1, 0, 0],
  ]);
  lone.hear(2, asking(identity(51), 0, 0, 0));
  assert.deepEqual(lone.said(), []);
});

test("the same question is passed on once, whoever asks it, and again after a second", () => {
  const lone = knowing(3, [[1, 2]]);
  for (const by of [2, 3, 2]) lone.hear(by, asking(far, 5, 4));
  assert.deepEqual(asked(lone), [[1, 4, 1, 5]]);
  lone.wait(1_000);
  lone.said();
  lone.hear(3, asking(far, 5, 4));
  assert.deepEqual(asked(lone), [[1, 4, 1, 5]]);
});

test("it asks for whom it does not know: near at first, then further, then everywhere, and then no more", () => {
  const lone = new LoneNode(2);
  const began = lone.now;
  lone.probe(1, far);
  const times: (readonly (number | undefined)[])[] = [];
  for (let time = 0; time < 20_000; time += 10) {
    lone.wait(10);
    for (const [to, hopsLeft, epoch, sequence] of asked(lone))
      times.push([to, lone.now - began, hopsLeft, epoch, sequence]);
  }
  assert.deepEqual(
    times,
    [
      [50, 2],
      [1_050, 4],
      [3_050, 64],
    ].flatMap(([at, hopsLeft]) => [1, 2].map((to) => [to, at, hopsLeft, 0, 0])),
  );
});

test("what comes back of its own question is not passed on", () => {
  const lone = new LoneNode(2);
  lone.probe(1, far);
  lone.wait(50);
  lone.said();
  lone.hear(2, asking(far, 0, 1, 0));
  assert.deepEqual(lone.said(), []);
});

test("who was told of meanwhile is not asked for", () => {
  const lone = new LoneNode(2);
  lone.probe(1, far);
  lone.tell(1, announceOf(far, 2));
  lone.wait(10_000);
  assert.deepEqual(asked(lone), []);
});

test("who has lost the last way that leads nowhere back asks who leads there besides, and then all", () => {
  const lone = knowing(3, [
    [1, 2],
    [2, 9],
  ]);
  lone.probe(1, far);
  lone.part(1);
  lone.wait(100);
  assert.deepEqual(asked(lone), [[2, 2, 1, 5]]);
  lone.wait(1_000);
  assert.deepEqual(asked(lone), [
    [2, 4, 1, 5],
    [3, 4, 1, 5],
  ]);
});

test("where what was sent is lost and nobody else leads there, those are asked who have said nothing of him, and they alone", () => {
  const lone = knowing(3, [[1, 2]]);
  lone.probe(1, far);
  lone.wait(1_999);
  assert.deepEqual(asked(lone), []);
  lone.wait(1);
  assert.deepEqual(asked(lone), [
    [2, 0, 1, 4],
    [3, 0, 1, 4],
  ]);
  const first = knowing(2, [[1, 2]], 0);
  first.probe(1, far);
  first.wait(2_000);
  assert.deepEqual(asked(first), [[2, 0, 0, 0xffff_ffff]], "what is before the first of an epoch is of the one before");
});

test("of many that are lost at once it is asked around once", () => {
  const lone = knowing(2, [[1, 2]]);
  for (let id = 0; id < 5; id += 1) lone.probe(id, far);
  lone.wait(2_000);
  assert.equal(asked(lone).length, 1);
});

test("nobody is asked around for as long as another leads there who has not failed as often", () => {
  const lone = knowing(3, [
    [1, 2],
    [2, 2],
  ]);
  const lost: number[] = [];
  for (let id = 1; id <= 7; id += 1) {
    lone.probe(id, far);
    lone.wait(2_001);
    const questions = asked(lone);
    if (questions.length > 0) lost.push(id);
    for (const [to] of questions) assert.equal(to, 3);
  }
  assert.equal(lost[0], 6, "three by the one, and three by the other");
});
