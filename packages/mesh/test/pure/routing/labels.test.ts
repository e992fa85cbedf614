/** Labels: each stands for one thing, and for nothing once it was taken back. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { Labels } from "@ropewalk/mesh/pure/routing/labels";
import fc from "fast-check";

test("a label that was taken back means nothing, not who has its slot next, until that had 255 others", () => {
  const labels = new Labels<number>();
  const first = labels.give(0) ?? assert.fail();
  const given = new Set([first]);
  let last = first;
  for (let count = 1; count < 256; count += 1) {
    labels.take(last);
    last = labels.give(count) ?? assert.fail();
    given.add(last);
    assert.equal(labels.find(first), undefined);
  }
  assert.equal(given.size, 256);
  labels.take(last);
  assert.equal(labels.give(256), first);
});

test("nothing is at 0, or at a label that nobody was given", () => {
  const labels = new Labels<string>();
  assert.equal(labels.find(0), undefined);
  labels.take(0);
  const label = labels.give("somebody") ?? assert.fail();
  assert.ok(label !== 0);
  for (const other of [0, label + 1, label + 256, 0xffff_ffff]) {
    labels.take(other);
    assert.equal(labels.find(other), undefined);
  }
  assert.equal(labels.find(label), "somebody");
});

test("whatever is given and taken, each label that is out is another's, and leads to whom it was given for", () => {
  const step = fc.oneof(fc.constant("give" as const), fc.nat(40), fc.integer({ min: 0, max: 0xffff_ffff }));
  fc.assert(
    fc.property(fc.array(step, { maxLength: 200, size: "max" }), (steps) => {
      const labels = new Labels<number>();
      const out = new Map<number, number>();
      for (const [index, one] of steps.entries()) {
        if (one === "give") {
          const label = labels.give(index) ?? assert.fail();
          assert.equal(out.has(label), false);
          out.set(label, index);
        } else {
          const label = [...out.keys()][one] ?? one;
          labels.take(label);
          out.delete(label);
        }
        for (const [label, of] of out) assert.equal(labels.find(label), of);
      }
    }),
  );
});
