/** Flows: whose answer comes back where, for how long, and how many may wait. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { millis } from "@ropewalk/kernel/units";
import { answerWithin, type Flow, Flows, mostFlows } from "@ropewalk/mesh/pure/flows";
import type { LinkId } from "@ropewalk/mesh/pure/link";
import type { MeshAddress } from "@ropewalk/mesh/pure/mesh-address";
import fc from "fast-check";

const link = (number: number) => number as LinkId;
const flow = (at: number, by: number, from?: number): Flow => ({
  from: from === undefined ? undefined : { link: link(from), flow: 1 },
  to: "somebody" as MeshAddress,
  by: link(by),
  at: millis(at),
});

test("an answer is taken once, from the neighbour that was asked and from no other, and never under 0", () => {
  const flows = new Flows(0xffff_fffe);
  const [one, other] = [flow(0, 1), flow(0, 2)];
  const numbers = [flows.add(one), flows.add(other)];
  assert.deepEqual(numbers, [0xffff_ffff, 1]);
  assert.equal(flows.answer(link(2), 0xffff_ffff), undefined);
  assert.equal(flows.answer(link(1), 0xffff_ffff), one);
  assert.equal(flows.answer(link(1), 0xffff_ffff), undefined);
  assert.equal(flows.answer(link(2), 0), undefined);
  assert.equal(flows.answer(link(2), 1), other);
});

test("what nobody answers is lost after two seconds, and not before", () => {
  const flows = new Flows(0);
  assert.equal(flows.deadline, undefined);
  const [early, late] = [flow(0, 1), flow(5, 1)];
  flows.add(early);
  flows.add(late);
  assert.equal(flows.deadline, answerWithin);
  assert.deepEqual(flows.expire(millis(answerWithin - 1)), []);
  assert.deepEqual(flows.expire(answerWithin), [early]);
  assert.deepEqual(flows.expire(millis(answerWithin + 5)), [late]);
  assert.equal(flows.size, 0);
});

test("who floods one link with questions leaves half of the room to others, and they half of theirs", () => {
  const flows = new Flows(0);
  const asked = (from: number | undefined, times: number) =>
    Array.from({ length: times }).filter(() => flows.add(flow(0, 1, from)) !== 0).length;
  assert.equal(asked(7, 100_000), mostFlows / 2);
  assert.equal(asked(8, 100_000), mostFlows / 4);
  assert.equal(asked(undefined, 100), 100);
  flows.expire(answerWithin);
  assert.equal(asked(7, 100_000), mostFlows / 2);
});

test("whatever is asked, answered and lost, there are never more than fit, and each ends once", () => {
  const step = fc.oneof(
    fc.record({ kind: fc.constant("ask" as const), by: fc.nat(3), from: fc.option(fc.nat(3)), times: fc.nat(4000) }),
    fc.record({ kind: fc.constant("answer" as const), by: fc.nat(3), number: fc.nat(9000) }),
    fc.record({ kind: fc.constant("wait" as const), time: fc.nat(1500) }),
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 12, size: "max" }), (steps) => {
      const flows = new Flows(0);
      let [now, begun, ended] = [0, 0, 0];
      for (const each of steps) {
        if (each.kind === "wait") now += each.time;
        else if (each.kind === "answer") ended += flows.answer(link(each.by), each.number) === undefined ? 0 : 1;
        else
          for (let count = 0; count < each.times; count += 1)
            begun += flows.add(flow(now, each.by, each.from ?? undefined)) === 0 ? 0 : 1;
        if (each.kind === "wait") ended += flows.expire(millis(now)).length;
        assert.ok(flows.size <= mostFlows);
        assert.equal(flows.size, begun - ended);
      }
      ended += flows.expire(millis(now + answerWithin)).length;
      assert.equal(ended, begun);
      assert.equal(flows.deadline, undefined);
    }),
  );
});
