import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { noVerdicts, SharedVerdicts } from "./shared-verdicts.ts";

const fail = () => assert.fail("it was judged before");

test("what one has judged the other knows, whichever way it went, and nothing else", () => {
  fc.assert(
    fc.property(fc.uniqueArray(fc.uint8Array(), { selector: String, maxLength: 50 }), fc.boolean(), (all, verdict) => {
      const memory = noVerdicts();
      const [one, other] = [new SharedVerdicts(memory), new SharedVerdicts(memory)];
      for (const octets of all) {
        let asked = 0;
        const judge = () => {
          asked += 1;
          return verdict;
        };
        assert.equal(one.of(octets, judge), verdict);
        assert.equal(asked, 1);
        assert.equal(other.of(octets, fail), verdict);
      }
    }),
    { numRuns: 20 },
  );
});

test("half of what one wrote and half of another is the verdict on nothing", () => {
  const octets = Uint8Array.of(1);
  for (const half of [0, 1, 2, 3]) {
    const memory = noVerdicts();
    const verdicts = new SharedVerdicts(memory);
    verdicts.of(octets, () => true);
    const written = memory.findIndex((word) => word !== 0) + half;
    memory[written] = (memory[written] ?? 0) ^ 0x10;
    const isGood = verdicts.of(octets, () => false);
    assert.equal(isGood, false, `word ${half}`);
  }
});
