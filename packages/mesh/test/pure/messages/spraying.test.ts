/** Copies that are given to neighbours while there is no way: how many, to whom, how fast, and never some of them twice. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { bitsPerSecond, bytes, seconds } from "@ropewalk/kernel/units";
import type { LinkId } from "@ropewalk/mesh/pure/link";
import type { LinkFrame } from "@ropewalk/mesh/pure/wire/link-frame";
import fc from "fast-check";
import { identity } from "../wire/announces.ts";
import { factsOfHeld } from "./held-makers.ts";
import { envelopeNumber, heldNameOf, hintFor, MessageRig, nameOf, tagOf } from "./message-rig.ts";

/** Link 1 brings; nothing leads to identity 7. `takers` keep for others, from link 2 on. */
function custodian(takers: number) {
  const rig = new MessageRig();
  const one = rig.linkUp(1, "keeps");
  const stores = Array.from({ length: takers }, (_, index) => rig.linkUp(2 + index, "keeps"));
  return { rig, one, stores, to: identity(7).address };
}
const gifts = (sent: readonly { readonly to: LinkId; readonly frame: LinkFrame }[]) =>
  sent.flatMap(({ to, frame }) => (frame.type === "deposit" ? [{ to, ...frame }] : []));
const copiesOf = (sent: Parameters<typeof gifts>[0]) => gifts(sent).map(({ to, envelope }) => [to, envelope.copies]);

test("a new envelope is given to neighbours that keep, half of the copies each time, and to nobody who brought it", () => {
  const { rig, one, to } = custodian(5);
  rig.deposit(one, to, envelopeNumber(1, { copies: 8, hops: 9 }));
  const sent = rig.sent();
  assert.deepEqual(copiesOf(sent), [
    [2, 4],
    [3, 2],
    [4, 1],
  ]);
  assert.equal(rig.heldOf(nameOf(1))?.copies, 1);
  for (const { envelope, hint } of gifts(sent)) {
    assert.deepEqual([envelope.hops, envelope.tag, hint.toHex()], [8, tagOf(1), hintFor(nameOf(1), to)]);
    assert.ok(envelope.life <= seconds(3_600));
  }
});

test("one copy waits, and neighbours that do not keep are given none", () => {
  const { rig, one, to } = custodian(0);
  rig.linkUp(9, "passes");
  rig.deposit(one, to, envelopeNumber(1, { copies: 8 }));
  rig.linkUp(8, "keeps");
  rig.deposit(one, to, envelopeNumber(2, { copies: 1 }));
  assert.deepEqual(copiesOf(rig.sent()), []);
});

test("a neighbour that comes up is given what a meeting says that it lacks, the urgent first", () => {
  const { rig, one, to } = custodian(0);
  for (const number of [1, 2, 3]) rig.deposit(one, to, envelopeNumber(number, { copies: 4, priority: number }));
  const late = rig.linkUp(5, "keeps");
  assert.deepEqual(copiesOf(rig.sent()), []);
  rig.met(late, 1, 3, 77);
  const given = gifts(rig.sent());
  assert.deepEqual(
    given.map(({ to: link, envelope }) => [link, envelope.copies, envelope.priority]),
    [
      [5, 2, 3],
      [5, 2, 1],
    ],
  );
  assert.equal(rig.heldOf(nameOf(2))?.copies, 4);
});

test("what has a way goes by it, and is given to nobody", () => {
  const { rig, one, stores } = custodian(2);
  const { label } = rig.wayTo(7, ...stores.slice(0, 1));
  rig.message(one, label, envelopeNumber(1));
  rig.met(stores[1] ?? assert.fail(), 1);
  assert.deepEqual(
    rig.sent().map(({ to, frame }) => [to, frame.type]),
    [[2, "message"]],
  );
  rig.noWayTo(7);
  rig.message(one, label, envelopeNumber(2));
  assert.deepEqual(copiesOf(rig.sent()), [
    [2, 4],
    [3, 2],
  ]);
});

test("copies do not leave before there are fewer on the disk", () => {
  const { rig, one, to } = custodian(0);
  rig.deposit(one, to, envelopeNumber(1));
  const taker = rig.linkUp(5, "keeps");
  rig.isCommitting = false;
  rig.met(taker, 1);
  rig.isCommitting = true;
  let changedAt = -1;
  rig.onCommit = (operation) => {
    if (operation.kind === "custody-change") changedAt = gifts(rig.sent()).length;
  };
  rig.turn();
  assert.equal(changedAt, 0);
  assert.deepEqual(copiesOf(rig.sent()), [[5, 4]]);
  assert.deepEqual(rig.operations.at(-1), {
    ...{ kind: "custody-change", name: heldNameOf(envelopeNumber(1)), copies: 4 },
    to: { kind: "hint", hint: hintFor(nameOf(1), to) },
  });
});

test("where the disk refuses, nothing leaves, and the copies are there again", () => {
  const { rig, one, to } = custodian(0);
  rig.deposit(one, to, envelopeNumber(1));
  const taker = rig.linkUp(5, "keeps");
  rig.isDiskFull = true;
  rig.met(taker, 1);
  assert.deepEqual(copiesOf(rig.sent()), []);
  assert.equal(rig.heldOf(nameOf(1))?.copies, 8);
});

test("copies for a link that goes before they left are nobody's: never more are given than there were", () => {
  const { rig, one, to } = custodian(0);
  rig.deposit(one, to, envelopeNumber(1));
  const taker = rig.linkUp(5, "keeps");
  rig.isCommitting = false;
  rig.met(taker, 1);
  rig.onCommit = ({ kind }) => {
    if (kind === "custody-change") rig.linkDown(5);
  };
  rig.isCommitting = true;
  rig.turn();
  assert.deepEqual(copiesOf(rig.sent()), []);
  assert.equal(rig.heldOf(nameOf(1))?.copies, 4);
});

test("a poor link is given no more than a quarter of what it carries, and what is too long for it not at all", () => {
  const { rig, one, to } = custodian(0);
  for (let number = 0; number < 200; number += 1) rig.deposit(one, to, envelopeNumber(number, { size: 240 }));
  rig.deposit(one, to, envelopeNumber(999, { size: 700 }));
  const poor = rig.linkUp(5, "keeps", { bitrate: bitsPerSecond(8_000), mtu: bytes(500) });
  rig.met(poor, 999, ...Array.from({ length: 200 }, (_, number) => number));
  const octets = () => gifts(rig.sent()).reduce((sum, { envelope }) => sum + 9 + envelope.octets.length, 0);
  const atOnce = octets();
  assert.ok(atOnce <= 8_192 && atOnce > 7_500, `${atOnce}`);
  const next = rig.carrying.deadline - rig.now;
  assert.ok(next > 0 && next < 1_100, `${next}`);
  rig.run(60_000);
  const later = octets();
  assert.ok(later <= 60 * 250 && later > 58 * 250, `${later}`);
  rig.run(1_000_000);
  octets();
  assert.equal(rig.tally.given, 200);
});

test("no neighbour is given faster than it takes, however good its link is", () => {
  const { rig, one, to } = custodian(0);
  for (let number = 0; number < 1_500; number += 1) rig.deposit(one, to, envelopeNumber(number));
  const rich = rig.linkUp(5, "keeps");
  rig.met(rich, ...Array.from({ length: 1_500 }, (_, number) => number));
  assert.equal(gifts(rig.sent()).length, 1_024);
  rig.run(3_600_000 / 2);
  assert.equal(gifts(rig.sent()).length, 0, "the rest is for the next meeting");
  rig.met(rich, ...Array.from({ length: 1_500 }, (_, number) => number));
  assert.equal(gifts(rig.sent()).length, 1_024, "of more copies than one, each is halved again");
  rig.met(rich, ...Array.from({ length: 500 }, (_, number) => 1_000 + number));
  assert.equal(gifts(rig.sent()).length, 0);
  const next = rig.carrying.deadline - rig.now;
  assert.ok(next > 0 && next <= 4, `${next}`);
  rig.run(400);
  const soon = gifts(rig.sent()).length;
  assert.ok(soon >= 99 && soon <= 101, `${soon}`);
});

test("what has found a way since a meeting is given to nobody", () => {
  const { rig, one, stores, to } = custodian(1);
  rig.linkDown(2);
  rig.deposit(one, to, envelopeNumber(1));
  const later = rig.linkUp(2, "keeps");
  rig.run(100);
  rig.wayTo(7, one);
  rig.sent();
  rig.met(later, 1);
  rig.run(100_000);
  assert.deepEqual(copiesOf(rig.sent()), []);
  assert.equal(stores.length, 1);
});

test("the node's own are given as others' are, from its outbox", () => {
  const { rig, to } = custodian(2);
  const own = factsOfHeld(1, { from: "own", to, until: 1_800_001_000, copies: 8 });
  rig.disk.set(own.name, envelopeNumber(1).octets);
  rig.custody.add(rig.now, own, 72, "untried");
  rig.turn();
  assert.deepEqual(copiesOf(rig.sent()), [
    [1, 4],
    [2, 2],
    [3, 1],
  ]);
  assert.deepEqual(rig.operations, []);
});

test("however neighbours come and go and meet, no more nodes hold it than its sender said", () => {
  const act = fc.oneof(
    fc.record({ up: fc.integer({ min: 2, max: 9 }) }),
    fc.record({ down: fc.integer({ min: 2, max: 9 }) }),
    fc.record({ met: fc.integer({ min: 2, max: 9 }) }),
    fc.record({ isCommitting: fc.boolean() }),
    fc.record({ isDiskFull: fc.boolean() }),
    fc.record({ time: fc.integer({ min: 1, max: 5_000 }) }),
  );
  fc.assert(
    fc.property(fc.array(act, { maxLength: 60, size: "max" }), fc.integer({ min: 1, max: 8 }), (acts, copies) => {
      const { rig, one, to } = custodian(0);
      rig.deposit(one, to, envelopeNumber(1, { copies, life: seconds(86_400) }));
      let given = 0;
      for (const each of acts) {
        if ("up" in each && !rig.neighbours.has(each.up as LinkId)) rig.linkUp(each.up, "keeps");
        else if ("down" in each && rig.neighbours.has(each.down as LinkId)) rig.linkDown(each.down);
        else if ("met" in each) rig.met(each.met as LinkId, 1);
        else if ("isCommitting" in each) rig.isCommitting = each.isCommitting;
        else if ("isDiskFull" in each) rig.isDiskFull = each.isDiskFull;
        else if ("time" in each) rig.run(each.time);
        for (const { envelope } of gifts(rig.sent())) {
          assert.ok(envelope.copies >= 1);
          given += envelope.copies;
        }
        assert.ok(given + (rig.heldOf(nameOf(1))?.copies ?? 0) <= copies);
      }
    }),
  );
});

test("who announces itself again while it is being given something is given that, and what it was to have besides", () => {
  const { rig, one, stores, to } = custodian(1);
  rig.isCommitting = false;
  for (let number = 1; number <= 20; number += 1) rig.deposit(one, to, envelopeNumber(number, { copies: 8 }));
  rig.carrying.keeps(rig.now, rig.neighbours.get(stores[0] ?? one) ?? assert.fail());
  rig.isCommitting = true;
  rig.turn();
  assert.equal(gifts(rig.sent()).length, 20);
});
