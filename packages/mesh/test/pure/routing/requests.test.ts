/** Which questions are asked and passed on, when, and how far. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { millis } from "@ropewalk/kernel/units";
import type { LinkId } from "@ropewalk/mesh/pure/link";
import type { MeshAddress } from "@ropewalk/mesh/pure/mesh-address";
import { Requests } from "@ropewalk/mesh/pure/routing/requests";
import fc from "fast-check";

const somebody = "somebody" as MeshAddress;
const known = { epoch: 1, sequence: 5 };

test("the same question is passed on once within half a second, and again after a second, whatever else was asked between", () => {
  fc.assert(
    fc.property(fc.nat(5_000), fc.array(fc.nat(1_000), { size: "max", maxLength: 6 }), (at, between) => {
      const requests = new Requests();
      assert.equal(requests.isNew(millis(at), somebody, known), true);
      for (const [index, later] of between.toSorted((one, other) => one - other).entries()) {
        requests.isNew(millis(at + later), somebody, { epoch: 2, sequence: index });
        if (later < 500) assert.equal(requests.isNew(millis(at + later), somebody, known), false);
      }
      assert.equal(requests.isNew(millis(at + 1_000), somebody, known), true);
    }),
  );
});

test("another address, epoch or sequence is another question", () => {
  const requests = new Requests();
  requests.isNew(millis(0), somebody, known);
  assert.equal(requests.isNew(millis(0), "other" as MeshAddress, known), true);
  assert.equal(requests.isNew(millis(0), somebody, { ...known, sequence: 6 }), true);
  assert.equal(requests.isNew(millis(0), somebody, { ...known, epoch: 2 }), true);
});

test("what is wanted is asked for a moment later and then ever more rarely and further, until it is settled", () => {
  const requests = new Requests();
  assert.equal(requests.deadline, undefined);
  requests.want(millis(0), somebody, known);
  requests.want(millis(10), somebody, { epoch: 9, sequence: 9 });
  const asked: (readonly [number, number])[] = [];
  for (let at = 0; at < 60_000; at += 10) for (const { reach } of requests.due(millis(at))) asked.push([at, reach]);
  assert.deepEqual(
    asked.map(([at]) => at),
    [50, 1_050, 3_050],
  );
  assert.deepEqual(asked.at(-1)?.[1], 64);
  assert.equal(requests.size, 0);
  assert.equal(requests.deadline, undefined);

  requests.want(millis(0), somebody, known);
  requests.settle(somebody);
  assert.deepEqual(requests.due(millis(1_000)), []);
});

test("of thousands that are due at once a part is asked for, and the others as soon as others had their turn, each once", () => {
  const requests = new Requests();
  for (let index = 0; index < 1_000; index += 1) requests.want(millis(0), String(index) as MeshAddress, known);
  const asked: string[] = [];
  let turns = 0;
  for (; requests.deadline === 50; turns += 1) {
    const due = requests.due(millis(50));
    assert.ok(due.length > 0 && due.length < 500, `${due.length}`);
    asked.push(...due.map(({ address }) => address));
  }
  assert.ok(turns >= 2);
  assert.deepEqual(
    asked,
    Array.from({ length: 1_000 }, (_, index) => String(index)),
  );
});

test("what is only good to have is not asked of all", () => {
  const requests = new Requests();
  requests.want(millis(0), somebody, known, "unused");
  let furthest = 0;
  for (let at = 0; at < 60_000; at += 10)
    for (const { reach } of requests.due(millis(at))) furthest = Math.max(furthest, reach);
  assert.ok(furthest > 0 && furthest < 10, `${furthest}`);
});

test("what was only good to have is asked for anew once somebody waits for it", () => {
  const requests = new Requests();
  requests.want(millis(0), somebody, known, "unused");
  requests.due(millis(50));
  requests.want(millis(100), somebody, known, "gap");
  assert.equal(requests.deadline, 1_050, "it is asked for already");
  requests.want(millis(100), somebody, known, "used");
  requests.want(millis(120), somebody, known, "used");
  assert.deepEqual(
    requests.due(millis(150)).map(({ urgency, reach }) => [urgency, reach]),
    [["used", 2]],
  );
});

test("who asks is told what comes within three seconds, once, and not what comes after six", () => {
  const one = 1 as LinkId;
  for (const [asked, came] of [
    [0, 2_999],
    [2_999, 5_998],
  ] as const) {
    const requests = new Requests();
    requests.asks(millis(asked), somebody, one);
    requests.asks(millis(asked), somebody, one);
    requests.asks(millis(asked), somebody, "here");
    assert.equal(requests.isAsked(millis(came), somebody), true);
    assert.equal(requests.isAsked(millis(came), "other" as MeshAddress), false);
    assert.deepEqual(requests.takeAskers(somebody), [one], "this node itself is told anyhow");
    assert.deepEqual([requests.isAsked(millis(came), somebody), requests.takeAskers(somebody)], [false, []]);
  }
  for (const [asked, gone] of [
    [0, 6_000],
    [2_999, 9_000],
  ] as const) {
    const requests = new Requests();
    requests.asks(millis(asked), somebody, one);
    assert.equal(requests.isAsked(millis(gone), somebody), false);
    assert.deepEqual(requests.takeAskers(somebody), []);
  }
});

test("who asks is kept no more than may be, of one destination and of all", () => {
  const requests = new Requests();
  for (let index = 0; index < 100; index += 1) requests.asks(millis(0), somebody, index as LinkId);
  assert.equal(requests.takeAskers(somebody).length, 32);
  let kept = 0;
  for (let index = 0; index < 10_000; index += 1) requests.asks(millis(0), String(index) as MeshAddress, 1 as LinkId);
  for (let index = 0; index < 10_000; index += 1) kept += requests.takeAskers(String(index) as MeshAddress).length;
  assert.equal(kept, 8_192);
});

test("neither what is wanted nor what was passed on grows without a bound", () => {
  const requests = new Requests();
  let passedOn = 0;
  for (let index = 0; index < 20_000; index += 1) {
    requests.want(millis(0), String(index) as MeshAddress, known);
    passedOn += requests.isNew(millis(0), String(index) as MeshAddress, known) ? 1 : 0;
  }
  assert.equal(requests.size, 4_096);
  assert.equal(passedOn, 8_192);
});
