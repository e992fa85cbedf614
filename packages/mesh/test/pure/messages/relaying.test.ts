/** Envelopes on their way: what a relay changes, where they go, and what goes no further. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { millis, seconds } from "@ropewalk/kernel/units";
import { EmergencyShare } from "@ropewalk/mesh/pure/messages/emergency-share";
import type { LinkFrame } from "@ropewalk/mesh/pure/wire/link-frame";
import { type EnvelopeOptions, envelopeNumber, heldNameOf, MessageRig, type RigOptions } from "./message-rig.ts";

/** Links 1 and 2 bring, 3 and 4 lead to identity 7; `label` is the node's own for that. */
function relay(options: RigOptions = {}) {
  const rig = new MessageRig(options);
  const [one, other, next, further] = [rig.linkUp(1), rig.linkUp(2), rig.linkUp(3), rig.linkUp(4)];
  const { label } = rig.wayTo(7, next, further);
  return { rig, one, other, next, further, label };
}
const messages = (sent: readonly { readonly to: number; readonly frame: LinkFrame }[]) =>
  sent.flatMap(({ to, frame }) => (frame.type === "message" ? [{ to, ...frame }] : []));
const dropped = (rig: MessageRig) => Object.fromEntries(rig.tally.dropped);

test("it goes on to who is nearer, under his label, with one hop less and all else as it came", () => {
  const { rig, one, label } = relay();
  const envelope = envelopeNumber(1, { hops: 9, copies: 5, priority: 2 });
  assert.equal(rig.message(one, label, envelope), undefined);
  const [gone] = messages(rig.sent());
  assert.deepEqual([gone?.to, gone?.label, gone?.envelope.hops], [3, 700, 8]);
  const { priority, copies, life, sealed, tag } = gone?.envelope ?? assert.fail();
  assert.deepEqual([priority, copies, life], [2, 5, seconds(3_600)]);
  assert.deepEqual([sealed, tag], [envelope.sealed, envelope.tag]);
  assert.equal(rig.tally.passed, 1);
});

test("what came is left as it was: the octets of a link are written over, not changed", () => {
  const { rig, one, label } = relay();
  const envelope = envelopeNumber(1);
  const before = envelope.octets.toHex();
  rig.message(one, label, envelope);
  assert.equal(envelope.octets.toHex(), before);
});

test("what is for this node comes here, and goes nowhere from here", () => {
  const { rig, one } = relay();
  assert.equal(rig.message(one, rig.routes.own, envelopeNumber(1)), "here");
  assert.equal(rig.message(one, rig.routes.own, envelopeNumber(1, { hops: 0 })), "here", "with no hop left");
  assert.equal(rig.deposit(one, rig.address, envelopeNumber(2)), "here");
  rig.run(1_000_000);
  assert.deepEqual(rig.sent(), []);
  assert.deepEqual([rig.custody.size, rig.tally.arrived], [0, 3]);
});

test("a label that stands for nobody is taken back, and what has no hop left is dropped", () => {
  const { rig, one, label } = relay();
  rig.message(one, 0x7777, envelopeNumber(1));
  rig.message(one, label, envelopeNumber(2, { hops: 0 }));
  rig.deposit(one, identityless, envelopeNumber(3, { hops: 0 }));
  assert.deepEqual(dropped(rig), { label: 1, hops: 2 });
  assert.deepEqual(rig.neighbours.get(one)?.withdrawn, [0x7777]);
  assert.equal(rig.custody.size, 0);
});
const identityless = "00".repeat(16) as MessageRig["address"];

test("the same by the same link is not sent on again within a moment, and is after it", () => {
  const { rig, one, other, label } = relay();
  for (const link of [one, one, other]) rig.message(link, label, envelopeNumber(1));
  assert.equal(messages(rig.sent()).length, 2);
  assert.deepEqual(dropped(rig), { repeated: 1 });
  rig.run(1_000);
  rig.message(one, label, envelopeNumber(1));
  assert.equal(messages(rig.sent()).length, 1);
});

test("where there is no way it is kept, and goes as soon as there is one", () => {
  const { rig, one, label } = relay();
  rig.noWayTo(7);
  rig.message(one, label, envelopeNumber(1, { hops: 9 }));
  assert.deepEqual(
    [messages(rig.sent()), rig.custody.size, rig.disk.has(heldNameOf(envelopeNumber(1)))],
    [[], 1, true],
  );
  rig.run(5_500);
  rig.wayTo(7, 4 as typeof one);
  const [gone] = messages(rig.sent());
  assert.deepEqual([gone?.to, gone?.envelope.hops, gone?.envelope.copies], [4, 8, 1]);
  const life = gone?.envelope.life ?? 0;
  assert.ok(life <= 3_600_000 - 5_500 && life > 3_600_000 - 8_500, `${life}`);
});

test("it does not go back to who brought it: it is kept where there is no other way", () => {
  const { rig, next, label } = relay();
  rig.wayTo(8, next);
  const { label: other } = rig.routes.get([...rig.routes.all()].at(-1)?.address ?? identityless) ?? assert.fail();
  rig.message(next, other, envelopeNumber(1));
  assert.equal(rig.custody.size, 1);
  rig.message(next, label, envelopeNumber(2));
  assert.deepEqual(
    messages(rig.sent()).map(({ to }) => to),
    [4],
  );
});

/** As `relay`, but that only link 3 leads nearer, and 4 leads there all the same. */
function relayWithDetour() {
  const made = relay();
  const route = made.rig.routes.find(made.label);
  if (route === undefined || route === "here") return assert.fail();
  route.tell(1);
  return { ...made, to: route.address };
}

test("where all who are nearer have lost what they were given, it goes by another, which costs 8 hops", () => {
  const { rig, one, next, label, to } = relayWithDetour();
  for (let count = 0; count < 3; count += 1) {
    rig.message(one, label, envelopeNumber(count, { hops: 30 }));
    rig.deliveries.lost(rig.now, { to, by: next, from: one });
  }
  rig.message(one, label, envelopeNumber(3, { hops: 30 }));
  rig.message(one, label, envelopeNumber(4, { hops: 8 }));
  assert.deepEqual(
    messages(rig.sent()).map(({ to: by, envelope }) => [by, envelope.hops]),
    [...[3, 3, 3].map((by) => [by, 29]), [4, 21], [3, 7]],
    "and what has not so many left goes as before",
  );
});

test("where nobody is nearer it is kept, though another leads there", () => {
  const { rig, one, next, label } = relayWithDetour();
  rig.routes.by(next)[0]?.unlead(next);
  rig.message(one, label, envelopeNumber(1));
  rig.message(next, label, envelopeNumber(2));
  assert.deepEqual([messages(rig.sent()), rig.custody.size], [[], 2]);
});

test("what is too long for the way is kept as if there were none", () => {
  const { rig, one, label } = relay({ mtu: 200 });
  rig.message(one, label, envelopeNumber(1, { size: 300 }));
  assert.deepEqual([messages(rig.sent()), rig.custody.size], [[], 1]);
});

test("no life is longer than this node allows", () => {
  const { rig, one, label } = relay();
  rig.message(one, label, envelopeNumber(1, { life: seconds(30 * 86_400) }));
  const [gone] = messages(rig.sent());
  assert.ok((gone?.envelope.life ?? 0) <= 7 * 86_400_000 && (gone?.envelope.life ?? 0) > 6.9 * 86_400_000);
});

test("emergencies are a tenth of what a link brings, and a little at first; beyond it they are high", () => {
  const { rig, one, label } = relay();
  const urgent = (number: number, options: EnvelopeOptions = {}) =>
    rig.message(one, label, envelopeNumber(number, { priority: 3, size: 988, ...options }));
  for (let number = 0; number < 100; number += 1) urgent(number);
  const asEmergency = messages(rig.sent()).filter(({ envelope }) => envelope.priority === 3).length;
  assert.ok(asEmergency >= 16 && asEmergency <= 16 + 11, `${asEmergency}`);
  assert.equal(rig.tally.lowered, 100 - asEmergency);
  for (let number = 1_000; number < 2_000; number += 1) urgent(number, { priority: number % 20 === 10 ? 3 : 0 });
  const later = messages(rig.sent());
  assert.equal(later.filter(({ envelope }) => envelope.priority === 3).length, 50, "a twentieth is less than a tenth");
  assert.equal(later.filter(({ envelope }) => envelope.priority === 0).length, 950);
});

test("one link's emergencies cost those of another nothing, and a link that was silent has its own again", () => {
  const { rig, one, other, label } = relay();
  for (let number = 0; number < 100; number += 1)
    rig.message(one, label, envelopeNumber(number, { priority: 3, size: 988 }));
  rig.sent();
  rig.message(other, label, envelopeNumber(500, { priority: 3 }));
  rig.run(60_000);
  rig.message(one, label, envelopeNumber(501, { priority: 3 }));
  assert.deepEqual(
    messages(rig.sent()).map(({ envelope }) => envelope.priority),
    [3, 3],
  );
});

test("a link that was silent for a day has saved up no more emergencies than at first", () => {
  const share = new EmergencyShare(millis(0));
  const taken = Array.from({ length: 100 }, () => share.take(millis(86_400_000), 1_000, true)).filter(Boolean);
  assert.equal(taken.length, 26, "16 at once, and a tenth of the hundred");
});

test("what was kept goes with as many hops left as its way has and 32 more, and never with more than it had", () => {
  const { rig, one, next, label } = relay();
  rig.noWayTo(7);
  for (const hops of [64, 20]) rig.message(one, label, envelopeNumber(hops, { hops }));
  rig.run(5_500);
  const way = rig.wayTo(7, next);
  assert.deepEqual(
    messages(rig.sent()).map(({ envelope }) => envelope.hops),
    [(way.distance ?? 0) - 1 + 32, 19],
  );
});

test("a relay has no octet of who sends and who receives", () => {
  const { rig, one, label } = relay();
  rig.message(one, label, envelopeNumber(1));
  rig.message(one, label, envelopeNumber(2, { life: millis(5_000) }));
  const to = [...rig.routes.all()][0]?.address ?? assert.fail();
  for (const { envelope } of messages(rig.sent())) assert.ok(!envelope.octets.toHex().includes(to.slice(0, 16)));
});
