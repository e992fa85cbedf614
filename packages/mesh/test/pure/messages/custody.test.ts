/** What is kept for others: until when, in what order it goes, and that all of it ends in one of five ways. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { millis, seconds } from "@ropewalk/kernel/units";
import { type HeldState, heldOverhead, tagIn } from "@ropewalk/mesh/pure/messages/custody/held";
import type { LinkFrame } from "@ropewalk/mesh/pure/wire/link-frame";
import fc from "fast-check";
import { identity } from "../wire/announces.ts";
import { factsOfHeld } from "./held-makers.ts";
import { envelopeNumber, heldNameOf, hintFor, MessageRig, nameOf, type RigOptions } from "./message-rig.ts";

/** A node that knows identity 7 and has no way to it. */
function custodian(options: RigOptions = {}) {
  const rig = new MessageRig(options);
  const [one, other, next] = [rig.linkUp(1), rig.linkUp(2), rig.linkUp(3)];
  const { label } = rig.wayTo(7, next);
  rig.noWayTo(7);
  return { rig, one, other, next, label, to: identity(7).address };
}
const numbersOf = (sent: readonly { readonly frame: LinkFrame }[]) =>
  sent.flatMap(({ frame }) => (frame.type === "message" ? [frame.envelope.sealed[0]] : []));
const ended = (rig: MessageRig) => Object.fromEntries(rig.tally.ended);

test("what is kept goes at once when a way appears, the urgent first, and of the same in the order in which it came", () => {
  const { rig, one, next, label } = custodian();
  for (const number of [1, 2, 3, 4, 5])
    rig.message(one, label, envelopeNumber(number, { priority: number === 4 ? 2 : 1 }));
  rig.run(100_000);
  assert.deepEqual(numbersOf(rig.sent()), []);
  const { usedAt } = rig.wayTo(7, next);
  assert.deepEqual(numbersOf(rig.sent()), [4, 1, 2, 3, 5]);
  assert.equal(usedAt, Number.NEGATIVE_INFINITY, "what others brought makes no way the node's own");
});

test("it is tried again after 2, 4, 8 seconds and on, until it is proved", () => {
  const { rig, one, next, label } = custodian();
  rig.message(one, label, envelopeNumber(1));
  rig.wayTo(7, next);
  const times: number[] = [];
  for (let second = 0; second < 70; second += 1) {
    if (numbersOf(rig.sent()).length > 0) times.push(second);
    rig.run(1_000);
  }
  assert.deepEqual(times, [0, 2, 6, 14, 30, 62]);
  rig.proof(next, 1);
  rig.sent();
  rig.run(1_000_000);
  assert.deepEqual([numbersOf(rig.sent()), ended(rig)], [[], { proved: 1 }]);
});

test("what ends is gone, from the disk as well, and no more of it is sent", () => {
  const { rig, one, next, label } = custodian();
  rig.message(one, label, envelopeNumber(1, { life: seconds(60) }));
  rig.run(59_000);
  assert.equal(rig.custody.size, 1);
  rig.run(2_000);
  assert.deepEqual([rig.custody.size, rig.disk.size, ended(rig)], [0, 0, { expired: 1 }]);
  assert.deepEqual(
    rig.operations.map(({ kind }) => kind),
    ["custody-put", "expire"],
  );
  rig.wayTo(7, next);
  assert.deepEqual(numbersOf(rig.sent()), []);
});

test("the same envelope is kept once", () => {
  const { rig, one, other, label } = custodian();
  for (const link of [one, other]) rig.message(link, label, envelopeNumber(1));
  assert.deepEqual([rig.custody.size, rig.tally.dropped.get("held")], [1, 1]);
});

test("a hint is matched when its destination becomes known, and what it means is stored", () => {
  const { rig, one, to } = custodian();
  rig.deposit(one, to, envelopeNumber(1));
  rig.run(100);
  const change = rig.operations.at(-1);
  assert.deepEqual(change, {
    kind: "custody-change",
    name: heldNameOf(envelopeNumber(1, { hops: 63 })),
    to: { kind: "address", address: to },
    copies: 8,
  });
  const stranger = identity(8).address;
  rig.deposit(one, stranger, envelopeNumber(2));
  rig.run(1_000);
  assert.deepEqual(rig.heldOf(nameOf(2))?.to, { kind: "hint", hint: hintFor(nameOf(2), stranger) });
  rig.wayTo(8, 3 as typeof one);
  rig.run(100);
  assert.deepEqual(numbersOf(rig.sent()), [2]);
});

test("a hint that turns out to mean a crowded destination takes no room there", () => {
  const most = 80 * (72 + heldOverhead);
  const { rig, one, other, to, label } = custodian({ most });
  for (let number = 0; number < 10; number += 1) rig.message(one, label, envelopeNumber(number, { priority: 2 }));
  for (let number = 100; number < 110; number += 1) rig.deposit(one, to, envelopeNumber(number, { priority: 1 }));
  rig.deposit(other, to, envelopeNumber(200, { priority: 1 }));
  rig.run(100);
  assert.equal(rig.custody.size, 10);
  assert.equal(rig.tally.ended.get("evicted"), 11);
  assert.ok(rig.heldOf(nameOf(200)) !== undefined, "who has less there does not give way for who has more");
});

test("what cannot be stored is not kept, and what was is not lost by it", () => {
  const { rig, one, label } = custodian();
  rig.message(one, label, envelopeNumber(1));
  rig.isDiskFull = true;
  rig.message(one, label, envelopeNumber(2));
  assert.deepEqual([rig.custody.size, ended(rig)], [1, { refused: 1 }]);
  rig.isDiskFull = false;
  rig.message(one, label, envelopeNumber(2));
  assert.equal(rig.custody.size, 2);
});

test("what the store has no more ends, after it was looked for twice", () => {
  const { rig, one, next, label } = custodian();
  rig.message(one, label, envelopeNumber(1));
  rig.disk.clear();
  rig.wayTo(7, next);
  assert.equal(rig.custody.size, 1);
  rig.run(3_000);
  assert.deepEqual([rig.custody.size, ended(rig)], [0, { lost: 1 }]);
});

test("few envelopes are in memory however many are due: they are read in portions", () => {
  const { rig, one, next, label } = custodian();
  for (let number = 0; number < 500; number += 1) rig.message(one, label, envelopeNumber(number));
  rig.isCommitting = false;
  rig.wayTo(7, next);
  assert.equal(rig.reading, 48);
  rig.isCommitting = true;
  rig.turn();
  assert.equal(numbersOf(rig.sent()).length, 500);
});

test("however many end or find a way at once, a turn does a part of it, and there is another at once", () => {
  const { rig, next, to } = custodian({ most: 1e8 });
  const from = "ab".repeat(16) as MessageRig["address"];
  rig.isCommitting = false;
  for (let number = 0; number < 3_000; number += 1)
    rig.custody.add(rig.now, factsOfHeld(number, { from, to, until: 1_800_000_100 }), 60, "untried");
  rig.now = millis(200_000);
  rig.turn();
  assert.deepEqual([rig.custody.size, rig.custody.deadline], [3_000 - 512, rig.now]);
  rig.wayTo(7, next);
  rig.run(100);
  assert.deepEqual([rig.custody.size, ended(rig)], [0, { expired: 3_000 }]);
  for (let number = 5_000; number < 8_000; number += 1)
    rig.custody.add(rig.now, factsOfHeld(number, { from, to, until: 1_900_000_000 }), 60, "untried");
  rig.noWayTo(7);
  rig.isCommitting = true;
  rig.turn();
  rig.run(100);
  for (const name of rig.custody.names()) rig.disk.set(name, envelopeNumber(1).octets);
  const inState = (...states: readonly HeldState[]) =>
    [...rig.custody.names()].filter((name) => states.includes(rig.custody.get(name)?.state ?? "gone")).length;
  rig.isCommitting = false;
  rig.wayTo(7, next);
  assert.deepEqual([inState("idle"), rig.carrying.deadline], [3_000 - 512, rig.now]);
  rig.isCommitting = true;
  rig.turn();
  rig.run(1_000);
  assert.equal(numbersOf(rig.sent()).length, 3_000);
  rig.isCommitting = false;
  rig.run(1_000);
  rig.now = millis(rig.now + 2_000);
  rig.turn();
  assert.ok(inState("ready", "reading") <= 2 * 512, "not all that are due are looked at in one turn");
});

test("nothing is read for a way that is gone, and all goes when it is back", () => {
  const { rig, one, next, label } = custodian();
  for (let number = 0; number < 100; number += 1) rig.message(one, label, envelopeNumber(number));
  rig.isCommitting = false;
  rig.wayTo(7, next);
  rig.noWayTo(7);
  rig.isCommitting = true;
  rig.run(10_000);
  assert.deepEqual([rig.asked, numbersOf(rig.sent()).length], [48, 0]);
  rig.wayTo(7, next);
  assert.equal(numbersOf(rig.sent()).length, 100);
});

test("what has ended is not found by its hint", () => {
  const { rig, one } = custodian();
  rig.deposit(one, identity(8).address, envelopeNumber(1, { life: seconds(10) }));
  rig.run(20_000);
  const before = rig.operations.length;
  rig.wayTo(8, 3 as typeof one);
  rig.run(1_000);
  assert.deepEqual([rig.operations.length, rig.custody.octets, numbersOf(rig.sent())], [before, 0, []]);
});

test("what was kept before a restart is kept after it, within the bounds of now", () => {
  const cost = 60 + heldOverhead;
  const rig = new MessageRig({ most: 40 * cost });
  const from = "ab".repeat(16) as MessageRig["address"];
  for (let number = 0; number < 12; number += 1) {
    const facts = factsOfHeld(number, { from, to: identity(number).address, until: 1_800_000_500 });
    rig.disk.set(facts.name, new Uint8Array(60));
    rig.custody.add(rig.now, facts, 60, "untried");
  }
  rig.turn();
  assert.deepEqual([rig.custody.size, rig.disk.size, rig.custody.octets], [10, 10, 10 * cost]);
});

test("the node's own are found by their tag and destination as well, and nothing of others takes their place", () => {
  const { rig, one, next, label, to } = custodian({ most: 40 * 600 });
  const own = factsOfHeld(1, { from: "own", to, until: 1_800_001_000 });
  rig.disk.set(own.name, envelopeNumber(99).octets);
  rig.custody.add(rig.now, own, 72, "untried");
  for (let number = 0; number < 100; number += 1) rig.message(one, label, envelopeNumber(number, { priority: 3 }));
  assert.ok(rig.custody.get(own.name) !== undefined);
  const { usedAt } = rig.wayTo(7, next);
  assert.ok(numbersOf(rig.sent()).includes(99));
  assert.equal(usedAt, rig.now, "a way that the node's own goes by is asked for again when it is lost");
  rig.custody.withdraw(tagIn(own.name));
  assert.equal(rig.custody.get(own.name), undefined);
});

test("whatever happens, bounds hold, the disk has what is kept, and all that was kept ended by proof, end, room or loss", () => {
  const act = fc.oneof(
    {
      weight: 6,
      arbitrary: fc.record({ comes: fc.nat(300), by: fc.nat(3), to: fc.nat(3), priority: fc.nat(3), how: fc.nat(1) }),
    },
    fc.record({ proved: fc.nat(300) }),
    fc.record({ way: fc.nat(3), isUp: fc.boolean() }),
    fc.record({ time: fc.integer({ min: 1, max: 90_000 }) }),
    fc.record({ isDiskFull: fc.boolean() }),
  );
  fc.assert(
    fc.property(fc.array(act, { maxLength: 120, size: "max" }), (acts) => {
      const most = 40 * (72 + heldOverhead);
      const rig = new MessageRig({ most });
      const links = [1, 2, 3, 4].map((number) => rig.linkUp(number));
      const way = rig.linkUp(9);
      const labels = [11, 12, 13, 14].map((who) => rig.wayTo(who, way).label);
      for (const who of [11, 12, 13, 14]) rig.noWayTo(who);
      for (const each of acts) {
        if ("comes" in each) {
          const { comes, by, to, priority, how } = each;
          const envelope = envelopeNumber(comes, { priority, life: seconds(30 + comes) });
          const link = links[by] ?? assert.fail();
          if (how === 0) rig.message(link, labels[to] ?? assert.fail(), envelope);
          else rig.deposit(link, identity(11 + to).address, envelope);
        } else if ("proved" in each) rig.proof(way, each.proved);
        else if ("time" in each) rig.run(each.time);
        else if ("isDiskFull" in each) rig.isDiskFull = each.isDiskFull;
        else if (each.isUp) rig.wayTo(11 + each.way, way);
        else rig.noWayTo(11 + each.way);
        rig.sent();
        assert.ok(rig.custody.octets <= most);
        const held = [...rig.custody.names()];
        assert.deepEqual(new Set(rig.disk.keys()), new Set<string>(held));
        const costs = held.map((name) => rig.custody.get(name)?.cost ?? 0);
        assert.equal(
          rig.custody.octets,
          costs.reduce((sum, cost) => sum + cost, 0),
        );
        const all = [...rig.tally.ended.values()].reduce((sum, count) => sum + count, 0);
        assert.equal(rig.tally.kept, all + rig.custody.size);
      }
      rig.run(400_000);
      assert.deepEqual([rig.custody.size, rig.custody.octets, rig.custody.deadline], [0, 0, undefined]);
    }),
    { numRuns: 40 },
  );
});
