/** What one neighbour, or several that act together, can do to the messages of others: little, and nothing that lasts. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { type Millis, millis, seconds } from "@ropewalk/kernel/units";
import type { LinkId } from "@ropewalk/mesh/pure/link";
import { heldOverhead } from "@ropewalk/mesh/pure/messages/custody/held";
import type { LinkFrame } from "@ropewalk/mesh/pure/wire/link-frame";
import { identity } from "../wire/announces.ts";
import { addressNumber } from "./held-makers.ts";
import { envelopeNumber, heldNameOf, MessageRig, nameOf } from "./message-rig.ts";

const cost = 72 + heldOverhead;
const room = 400;
/** What honest neighbours bring is numbered from here; all else is the attacker's. */
const honest = 1_000_000;

/** Links 1 to 8, of which the last is honest and the others need not be; nothing leads to identities 7 and 8. */
function besieged() {
  const rig = new MessageRig({ most: room * cost });
  const links = [1, 2, 3, 4, 5, 6, 7, 8].map((number) => rig.linkUp(number));
  const labels = [7, 8].map((who) => {
    const { label } = rig.wayTo(who, links[0] ?? assert.fail());
    rig.noWayTo(who);
    return label;
  });
  return { rig, links, labels, good: links[7] ?? assert.fail() };
}
const keptOf = (rig: MessageRig, from: number, count: number) =>
  Array.from({ length: count }, (_, number) => rig.heldOf(nameOf(from + number))).filter((one) => one !== undefined);
const messages = (sent: readonly { readonly to: LinkId; readonly frame: LinkFrame }[]) =>
  sent.flatMap(({ to, frame }) => (frame.type === "message" ? [{ to, ...frame }] : []));

test("one link that fills the store takes a quarter of it, and from nobody else anything, however urgent it calls what it brings", () => {
  const { rig, links, labels, good } = besieged();
  const [bad = good] = links;
  const low = { priority: 0, life: seconds(60) };
  for (let number = 0; number < 20; number += 1)
    rig.message(good, labels[0] ?? 0, envelopeNumber(honest + number, low));
  for (let number = 0; number < 3_000; number += 1) {
    const worst = envelopeNumber(number, { priority: 3, life: seconds(30 * 86_400) });
    if (number % 3 === 0) rig.message(bad, labels[number % 2] ?? 0, worst);
    else rig.deposit(bad, addressNumber(number % 3 === 1 ? number : 7), worst);
  }
  assert.equal(keptOf(rig, honest, 20).length, 20);
  assert.ok(rig.custody.octets <= (room / 4 + 20) * cost);
  const emergencies = rig.tags().filter((tag) => rig.heldOf(tag)?.priority === 3);
  assert.ok(emergencies.length <= room / 40, `${emergencies.length}`);
});

test("seven links that fill it together leave an honest eighth what is its own, and a newcomer finds room", () => {
  const { rig, links, labels, good } = besieged();
  for (let number = 0; number < 20; number += 1)
    rig.message(good, labels[0] ?? 0, envelopeNumber(honest + number, { priority: 0, life: seconds(60) }));
  for (let number = 0; number < 7_000; number += 1) {
    const options = { priority: 3, life: seconds(30 * 86_400) };
    rig.deposit(links[number % 7] ?? good, addressNumber(number), envelopeNumber(number, options));
  }
  assert.equal(keptOf(rig, honest, 20).length, 20);
  assert.ok(rig.custody.octets > (room - 2) * cost, "the store is full");
  for (let number = 100; number < 120; number += 1)
    rig.deposit(good, addressNumber(number), envelopeNumber(honest + number, { priority: 0, life: seconds(60) }));
  assert.equal(keptOf(rig, honest + 100, 20).length, 20);
});

test("who comes again and again under new names leaves those who are there what is theirs", () => {
  const { rig, good } = besieged();
  for (let name = 100; name < 500; name += 1) {
    const bad = rig.linkUp(name);
    for (let count = 0; count < 4; count += 1) {
      const number = 4 * name + count;
      rig.deposit(bad, addressNumber(number), envelopeNumber(number, { priority: 2, life: seconds(30 * 86_400) }));
    }
    rig.linkDown(name);
  }
  for (let number = 0; number < room / 4; number += 1)
    rig.deposit(good, addressNumber(number), envelopeNumber(honest + number, { priority: 0, life: seconds(60) }));
  assert.equal(keptOf(rig, honest, room / 4).length, room / 4);
});

test("a destination that is flooded through many links keeps what honest ones brought for it, and others find room for theirs", () => {
  const { rig, links, labels, good } = besieged();
  const [crowded = 0, other = 0] = labels;
  for (let number = 0; number < 5; number += 1)
    rig.message(good, crowded, envelopeNumber(honest + number, { priority: 0, life: seconds(60) }));
  for (let number = 0; number < 2_000; number += 1)
    rig.message(
      links[number % 7] ?? good,
      crowded,
      envelopeNumber(number, { priority: 3, life: seconds(30 * 86_400) }),
    );
  assert.equal(keptOf(rig, honest, 5).length, 5);
  const forCrowded = rig.tags().length * cost;
  assert.ok(forCrowded <= (room / 8) * cost, "no more than an eighth is for one");
  rig.message(good, crowded, envelopeNumber(honest + 50, { priority: 0, life: seconds(60) }));
  for (const [number, link] of links.entries())
    rig.message(link, other, envelopeNumber(honest + 100 + number, { priority: 0, life: seconds(60) }));
  assert.equal(keptOf(rig, honest + 50, 1).length, 1);
  assert.equal(keptOf(rig, honest + 100, 8).length, 8);
});

test("who says that he delivered and drops is not believed: what he answers proves nothing, and after three he is passed by", () => {
  const rig = new MessageRig();
  const [one, liar, true_] = [rig.linkUp(1), rig.linkUp(2), rig.linkUp(3)];
  const { label } = rig.wayTo(7, liar, true_);
  rig.noWayTo(7);
  for (const number of [1, 2, 3, 4]) rig.message(one, label, envelopeNumber(number, { life: seconds(86_400) }));
  rig.wayTo(7, liar, true_);
  for (let second = 0; second < 29; second += 1) {
    rig.proof(liar, honest + second);
    rig.run(1_000);
  }
  assert.deepEqual([rig.custody.size, rig.tally.proofsUnknown], [4, 29], "it is kept until a proof");
  rig.sent();
  rig.run(1_000);
  const later = messages(rig.sent());
  assert.deepEqual(
    later.map(({ to }) => to),
    [true_, true_, true_, true_],
  );
  rig.proof(true_, 1, 2, 3, 4);
  assert.equal(rig.custody.size, 0);
});

test("who answers with the proof of one envelope ends that and no other", () => {
  const { rig, links, labels, good } = besieged();
  for (const number of [1, 2, 3]) rig.message(good, labels[0] ?? 0, envelopeNumber(number));
  for (let count = 0; count < 10; count += 1) rig.proof(links[0] ?? good, 2);
  assert.deepEqual(
    keptOf(rig, 1, 3).map(({ tag }) => tag),
    [nameOf(1), nameOf(3)],
  );
});

/** Two nodes that each hold the other for the way to identity 7: what a race of routes or a liar can bring about. */
function ring() {
  const nodes = [new MessageRig(), new MessageRig()].map((rig) => {
    const [outside, across] = [rig.linkUp(1), rig.linkUp(2)];
    return { rig, outside, across, route: rig.wayTo(7, across) };
  });
  const [one, other] = nodes;
  if (one === undefined || other === undefined) assert.fail();
  for (const [from, to] of [[one, other] as const, [other, one] as const])
    from.route.lead({ link: from.across, hops: 1, label: to.route.label });
  return { one, other };
}

test("what goes in a circle ends: neither node sends back to where it came from", () => {
  const { one, other } = ring();
  let frames = 0;
  one.rig.message(one.outside, one.route.label, envelopeNumber(1));
  for (let now = 0; now < 7_200; now += 1) {
    for (const [from, to] of [[one, other] as const, [other, one] as const]) {
      for (const { label, envelope } of messages(from.rig.sent())) {
        frames += 1;
        to.rig.message(to.across, label, envelope);
      }
      from.rig.run(1_000);
    }
  }
  assert.ok(frames <= 64, `${frames}`);
  assert.deepEqual([one.rig.custody.size, other.rig.custody.size], [0, 0]);
});

test("what a node gives itself, by whatever way, is kept by nobody and sent to nobody", () => {
  const { rig, links, good } = besieged();
  for (const [number, link] of links.entries()) {
    assert.equal(rig.message(link, rig.routes.own, envelopeNumber(number)), "here");
    assert.equal(rig.deposit(link, rig.address, envelopeNumber(100 + number)), "here");
  }
  rig.custody.knows(rig.address);
  rig.run(10_000_000);
  assert.deepEqual([rig.custody.size, rig.sent(), rig.operations], [0, [], []]);
  assert.ok(good > 0);
});

test("a flood of hints that mean nobody does not keep an honest one from being found", () => {
  const { rig, links, good } = besieged();
  for (let known = 0; known < 900; known += 1) rig.custody.knows(addressNumber(10_000 + known));
  const to = identity(7).address;
  for (let number = 0; number < 90; number += 1)
    rig.deposit(links[0] ?? good, addressNumber(90_000 + number), envelopeNumber(number));
  rig.deposit(good, to, envelopeNumber(honest));
  let turns = 0;
  for (; rig.heldOf(nameOf(honest))?.destination === undefined; turns += 1) rig.run(50);
  assert.ok(turns <= 6, `${turns}`);
});

test("who repeats tags that he has seen neither stops envelopes nor takes their proofs", () => {
  const rig = new MessageRig();
  const [one, bad, next] = [rig.linkUp(1), rig.linkUp(2), rig.linkUp(3)];
  const { label } = rig.wayTo(7, next);
  rig.message(bad, label, envelopeNumber(1, { size: 31 }));
  rig.sent();
  rig.message(one, label, envelopeNumber(1));
  assert.equal(messages(rig.sent()).length, 1);
  for (let count = 0; count < 100; count += 1) rig.message(bad, label, envelopeNumber(1, { size: 31 }));
  rig.sent();
  rig.proof(next, 1);
  assert.deepEqual(
    rig.sent().map(({ to }) => to),
    [bad, one],
  );
});

test("who has other octets kept under a tag that he has seen keeps nobody from the true ones, and the proof ends both", () => {
  const { rig, links, labels, good } = besieged();
  const [bad = good, next = good] = links;
  const [label = 0] = labels;
  const [junk, known] = [envelopeNumber(1, { size: 31 }), envelopeNumber(1)];
  rig.deposit(bad, identity(7).address, junk);
  rig.message(good, label, known);
  rig.message(good, label, known);
  assert.deepEqual([rig.custody.size, rig.disk.size, rig.tally.dropped.get("held")], [2, 2, 1]);
  assert.deepEqual(rig.custody.get(heldNameOf(known))?.from, addressNumber(8));
  rig.wayTo(7, next);
  rig.run(1_000);
  const went = messages(rig.sent()).map(({ envelope }) => envelope.sealed.length);
  assert.ok(went.includes(known.sealed.length), "the true one goes on");
  rig.proof(next, 1);
  assert.deepEqual([rig.custody.size, rig.custody.octets, rig.disk.size], [0, 0, 0]);
});

test("each kind of a link's frames has a bound of its own, and what a flood costs is told", () => {
  const { rig, links, good } = besieged();
  const { budget } = rig.neighbours.get(links[0] ?? good) ?? assert.fail();
  const allowed = (kind: Parameters<typeof budget.take>[1], count: number, at: Millis, each = 1) =>
    Array.from({ length: count }).filter(() => budget.take(at, kind, each)).length;
  assert.equal(allowed("deposit", 10_000, rig.now), 2_048);
  assert.equal(allowed("deposit", 10_000, millis(rig.now + 1_000)), 500);
  assert.equal(allowed("proof", 1_000, rig.now, 255), Math.floor(65_536 / 255));
  assert.equal(allowed("message", 40_000, rig.now), 30_000);
  assert.equal(allowed("opening", 2_000, rig.now), 1_024);
});
