/** What neighbours tell of that nobody can check: it helps where it is true, and takes nobody's place where it is not. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { LinkId } from "@ropewalk/mesh/pure/link";
import { HeardProofs } from "@ropewalk/mesh/pure/messages/heard-proofs";
import { elementOf } from "@ropewalk/mesh/pure/messages/reconcile/element";
import { identity } from "../wire/announces.ts";
import { storeTime, tagNumber } from "./held-makers.ts";
import { ackKeyOf, envelopeNumber, MessageRig, tagOf } from "./message-rig.ts";

const [one, other] = [1 as LinkId, 2 as LinkId];
const later = storeTime(100);

test("a proof is found until its time is over, though its octets were written over", () => {
  const heard = new HeardProofs();
  const ackKey = ackKeyOf(1);
  heard.hear(one, tagNumber(1), ackKey, later);
  ackKey.fill(0);
  assert.deepEqual(heard.find(storeTime(99), tagNumber(1)), ackKeyOf(1));
  assert.equal(heard.find(later, tagNumber(1)), undefined);
  const words = new Uint32Array(2);
  assert.deepEqual(
    [99, later].map((now) => heard.elements.copy(storeTime(now), words, 0)),
    [2, 0],
  );
  assert.deepEqual([...words], elementOf("proved", tagNumber(1)));
});

test("who tells of ever more displaces his own, and nobody else's", () => {
  const heard = new HeardProofs();
  heard.hear(other, tagNumber(1_000_000), ackKeyOf(1), later);
  for (let number = 0; number < 5_000; number += 1) heard.hear(one, tagNumber(number), ackKeyOf(number), later);
  assert.equal(heard.size, 256 + 1);
  assert.ok(heard.find(storeTime(1), tagNumber(1_000_000)) !== undefined);
  assert.ok(heard.find(storeTime(1), tagNumber(4_999)) !== undefined);
  assert.equal(heard.find(storeTime(1), tagNumber(4_000)), undefined);
});

test("of too many neighbours, who told of something longest ago is forgotten", () => {
  const heard = new HeardProofs();
  for (let link = 1; link <= 65; link += 1) {
    heard.hear(link as LinkId, tagNumber(link), ackKeyOf(link), later);
    heard.hear(one, tagNumber(1_000 + link), ackKeyOf(link), later);
  }
  assert.equal(heard.find(storeTime(1), tagNumber(2)), undefined);
  assert.ok(
    heard.find(storeTime(1), tagNumber(3)) !== undefined && heard.find(storeTime(1), tagNumber(1)) !== undefined,
  );
});

test("a node that heard of a proof takes the envelope no more, and passes the proof on", () => {
  const rig = new MessageRig();
  const [told, brings] = [rig.linkUp(1), rig.linkUp(2)];
  rig.proof(told, 1);
  rig.deposit(brings, identity(7).address, envelopeNumber(1));
  assert.equal(rig.custody.size, 0);
  assert.deepEqual(
    rig.sent().map(({ to, frame }) => [to, frame]),
    [[brings, { type: "proof", ackKeys: [ackKeyOf(1)] }]],
  );
});

test("who makes up proofs by the thousand takes no place of those that the node knows itself", () => {
  const rig = new MessageRig();
  const bad = rig.linkUp(1);
  rig.carrying.opened(tagOf(1), ackKeyOf(1), rig.calendar.after(rig.now, rig.now), "kept");
  const made = Array.from({ length: 100_000 }, (_, number) => 10 + number);
  for (let from = 0; from < made.length; from += 250) rig.proof(bad, ...made.slice(from, from + 250));
  const now = rig.calendar.at(rig.now);
  assert.deepEqual(rig.carrying.proofOf(now, tagOf(1)), ackKeyOf(1));
  assert.equal(rig.carrying.elements(now).length, 2 * (1 + 256));
});

test("who comes again and again under new names takes no place of what those who are there have told", () => {
  const rig = new MessageRig();
  const good = rig.linkUp(1);
  rig.proof(good, 1);
  for (let name = 100; name < 300; name += 1) {
    rig.proof(rig.linkUp(name), name);
    rig.linkDown(name);
  }
  assert.deepEqual(rig.carrying.proofOf(rig.calendar.at(rig.now), tagOf(1)), ackKeyOf(1));
});
