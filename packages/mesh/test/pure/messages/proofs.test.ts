/** Proofs on their way back, what ends with them, and who is blamed where none comes. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { bytes } from "@ropewalk/kernel/units";
import { keptLink } from "@ropewalk/mesh/pure/messages/back-ways";
import type { LinkFrame } from "@ropewalk/mesh/pure/wire/link-frame";
import { ackKeyOf, envelopeNumber, MessageRig, nameOf, tagOf } from "./message-rig.ts";

function relay() {
  const rig = new MessageRig();
  const [one, other, next, further] = [rig.linkUp(1), rig.linkUp(2), rig.linkUp(3), rig.linkUp(4)];
  const route = rig.wayTo(7, next, further);
  return { rig, one, other, next, further, route, label: route.label };
}
const proofs = (sent: readonly { readonly to: number; readonly frame: LinkFrame }[]) =>
  sent.flatMap(({ to, frame }) =>
    frame.type === "proof" ? [{ to, ackKeys: frame.ackKeys.map((key) => key.toHex()) }] : [],
  );
const hex = (...numbers: readonly number[]) => numbers.map((number) => ackKeyOf(number).toHex());

test("proofs go back the way that envelopes came, those of one turn together", () => {
  const { rig, one, other, next, label } = relay();
  for (const number of [1, 2]) rig.message(one, label, envelopeNumber(number));
  rig.message(other, label, envelopeNumber(3));
  rig.sent();
  rig.proof(next, 1, 2, 3);
  assert.deepEqual(proofs(rig.sent()), [
    { to: 1, ackKeys: hex(1, 2) },
    { to: 2, ackKeys: hex(3) },
  ]);
  rig.proof(next, 1);
  assert.deepEqual([proofs(rig.sent()), rig.tally.proofsUnknown], [[], 0], "it was passed on before");
});

test("a proof of nothing that passed here goes nowhere, and is counted", () => {
  const { rig, one, next, label } = relay();
  rig.message(one, label, envelopeNumber(1));
  rig.sent();
  rig.proof(next, 2, 3);
  assert.deepEqual([proofs(rig.sent()), rig.tally.proofsUnknown], [[], 2]);
});

test("more than fit a frame of the link go in several", () => {
  const rig = new MessageRig({ mtu: 100 });
  const [one, next] = [rig.linkUp(1), rig.linkUp(2, "passes", { mtu: bytes(4_096) })];
  const { label } = rig.wayTo(7, next);
  for (let number = 0; number < 13; number += 1) rig.message(one, label, envelopeNumber(number, { size: 40 }));
  rig.sent();
  rig.proof(next, ...Array.from({ length: 13 }, (_, number) => number));
  assert.deepEqual(
    proofs(rig.sent()).map(({ ackKeys }) => ackKeys.length),
    [6, 6, 1],
  );
});

test("a proof ends custody, is kept for who still has the envelope, and told to who brings it again", () => {
  const { rig, one, next, label } = relay();
  rig.noWayTo(7);
  rig.message(one, label, envelopeNumber(1));
  rig.wayTo(7, next);
  rig.sent();
  rig.proof(next, 1);
  assert.deepEqual(proofs(rig.sent()), [{ to: 1, ackKeys: hex(1) }]);
  assert.deepEqual([rig.custody.size, rig.disk.size, rig.tally.ended.get("proved")], [0, 0, 1]);
  const kept = rig.operations.find(({ kind }) => kind === "proof-keep");
  assert.deepEqual(kept?.kind === "proof-keep" && [kept.proof.tag, kept.proof.ackKey], [nameOf(1), ackKeyOf(1)]);
  rig.deposit(
    next,
    rig.routes.get([...rig.routes.all()][0]?.address ?? rig.address)?.address ?? rig.address,
    envelopeNumber(1),
  );
  rig.message(one, label, envelopeNumber(1));
  assert.deepEqual(proofs(rig.sent()), [
    { to: 3, ackKeys: hex(1) },
    { to: 1, ackKeys: hex(1) },
  ]);
  assert.equal(rig.custody.size, 0);
});

test("who opened an envelope proves it to all who brought it, and to who brings it later", () => {
  const { rig, one, other } = relay();
  for (const link of [one, other]) assert.equal(rig.message(link, rig.routes.own, envelopeNumber(1)), "here");
  rig.carrying.opened(tagOf(1), ackKeyOf(1), rig.calendar.after(rig.now, rig.now), "direct");
  rig.turn();
  assert.deepEqual(
    proofs(rig.sent()).map(({ to }) => to),
    [1, 2],
  );
  assert.equal(rig.message(one, rig.routes.own, envelopeNumber(1)), undefined);
  assert.deepEqual(proofs(rig.sent()), [{ to: 1, ackKeys: hex(1) }]);
});

test("who brings proofs of what he was given is trusted more, who takes and brings none is bypassed after three", () => {
  const { rig, one, next, further, label, route } = relay();
  rig.message(one, label, envelopeNumber(1));
  rig.proof(next, 1);
  const passage = { to: route.address, by: next, from: one };
  assert.ok(rig.deliveries.share(rig.now, passage) > 0.5);
  for (const number of [2, 3, 4]) rig.message(one, label, envelopeNumber(number));
  rig.run(11_000);
  assert.ok(rig.deliveries.bypassedUntil(passage) > rig.now);
  rig.sent();
  rig.message(one, label, envelopeNumber(5));
  assert.deepEqual(
    rig.sent().map(({ to }) => to),
    [further],
  );
});

test("what was kept for others and is lost says nothing of what next hops do with the node's own", () => {
  const { rig, one, next, label, route } = relay();
  rig.noWayTo(7);
  for (const number of [1, 2, 3]) rig.message(one, label, envelopeNumber(number));
  rig.wayTo(7, next);
  rig.run(20_000);
  assert.equal(rig.deliveries.share(rig.now, { to: route.address, by: next, from: undefined }), 0.5);
  assert.ok(rig.deliveries.share(rig.now, { to: route.address, by: next, from: keptLink }) < 0.5);
});

test("a proof that another brings says nothing for who was given the envelope", () => {
  const { rig, one, further, label, route, next } = relay();
  rig.message(one, label, envelopeNumber(1));
  rig.proof(further, 1);
  assert.equal(rig.deliveries.share(rig.now, { to: route.address, by: next, from: one }), 0.5);
  assert.deepEqual(proofs(rig.sent()), [{ to: 1, ackKeys: hex(1) }], "but goes back as any");
});

test("nobody is blamed for what cannot be delivered: where the way is gone nothing is lost by who took it", () => {
  const { rig, one, next, label, route } = relay();
  for (const number of [1, 2, 3]) rig.message(one, label, envelopeNumber(number));
  rig.noWayTo(7);
  rig.run(20_000);
  assert.equal(rig.deliveries.bypassedUntil({ to: route.address, by: next, from: one }), 0);
});

test("who brings a proof needs none, though he brought the envelope too", () => {
  const { rig, one, next, label } = relay();
  for (const link of [one, next]) rig.message(link, label, envelopeNumber(1));
  rig.sent();
  rig.proof(next, 1);
  assert.deepEqual(proofs(rig.sent()), [{ to: 1, ackKeys: hex(1) }]);
});

test("a proof for a link that is gone goes nowhere", () => {
  const { rig, one, next, label } = relay();
  rig.message(one, label, envelopeNumber(1));
  rig.sent();
  rig.linkDown(1);
  rig.proof(next, 1);
  assert.deepEqual(proofs(rig.sent()), []);
});
