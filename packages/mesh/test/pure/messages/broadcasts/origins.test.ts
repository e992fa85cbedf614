import assert from "node:assert/strict";
import { test } from "node:test";
import { millis } from "@ropewalk/kernel/units";
import type { LinkId } from "@ropewalk/mesh/pure/link";
import type { MeshAddress } from "@ropewalk/mesh/pure/mesh-address";
import { newcomerRate, Origins, originRate } from "@ropewalk/mesh/pure/messages/broadcasts/origins";

const [link, other] = [1 as LinkId, 2 as LinkId];
const who = (index: number) => index.toString(16).padStart(32, "0") as MeshAddress;
const number = (sequence: number) => ({ epoch: 1, sequence });

function scene(most: number, contacts: readonly MeshAddress[] = []) {
  const forgotten: MeshAddress[] = [];
  const isContact = (address: MeshAddress) => contacts.includes(address);
  const origins = new Origins({ isContact, onForgotten: (address) => void forgotten.push(address), most });
  const hears = (address: MeshAddress, sequence: number, by = link, at = 0) => {
    const fault = origins.judge(millis(at), by, address, number(sequence));
    if (fault === undefined) assert.ok(origins.heard(millis(at), by, address, number(sequence)));
    return fault;
  };
  return { origins, forgotten, hears };
}

test("an origin is heard as often as its share lets it, and no other has less for that", () => {
  const { hears } = scene(100);
  for (let sequence = 0; sequence < originRate.burst; sequence += 1) assert.equal(hears(who(1), sequence), undefined);
  assert.equal(hears(who(1), 1_000), "origin-rate");
  assert.equal(hears(who(2), 1), undefined);
  assert.equal(hears(who(1), 1_001, link, 10_000), undefined);
  assert.equal(hears(who(1), 1_002, link, 10_000), "origin-rate");
});

test("what was judged and not proved changes nothing for whom it names", () => {
  const { origins, hears } = scene(100);
  assert.equal(hears(who(1), 5), undefined);
  for (let index = 0; index < 1_000; index += 1) origins.judge(millis(0), other, who(1), number(1_000 + index));
  assert.equal(hears(who(1), 6), undefined);
  assert.equal(hears(who(1), 5), "old");
});

test("a link that brings one newcomer after the other is stopped, and others may bring theirs", () => {
  const { hears } = scene(10_000);
  for (let index = 0; index < newcomerRate.burst; index += 1) assert.equal(hears(who(index), 1), undefined);
  assert.equal(hears(who(9_000), 1), "newcomers");
  assert.equal(hears(who(9_000), 1, other), undefined);
  assert.equal(hears(who(3), 2), undefined, "who was known is heard by it");
});

test("who was silent longest is forgotten where there are too many, and a contact is not", () => {
  const { origins, forgotten, hears } = scene(3, [who(1)]);
  for (const index of [1, 2, 3]) hears(who(index), 1);
  hears(who(2), 2);
  hears(who(4), 1);
  assert.deepEqual(forgotten, [who(3)]);
  hears(who(5), 1);
  assert.deepEqual([forgotten.at(-1), origins.size], [who(2), 3]);
  assert.equal(hears(who(1), 1), "old");
});
