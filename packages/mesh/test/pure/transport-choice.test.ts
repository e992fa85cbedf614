/** Classes of links, and which of several to one neighbour carries what. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { bitsPerSecond, bytes } from "@ropewalk/kernel/units";
import type { LinkId } from "@ropewalk/mesh/pure/link";
import { type ChoosableLink, carryingTime, chooseLink } from "@ropewalk/mesh/pure/transport-choice";
import { classRank, transportClass } from "@ropewalk/mesh/pure/transport-class";
import fc from "fast-check";

const link = (id: number, bitrate: number, more: Partial<ChoosableLink> = {}): ChoosableLink => ({
  link: id as LinkId,
  mtu: bytes(4096),
  bitrate: bitsPerSecond(bitrate),
  cost: 0,
  duty: 1,
  ...more,
});

test("a class is that of the rate that a link keeps up: from 1 Mbit/s, 10 kbit/s, 1 kbit/s", () => {
  const classOf = (bitrate: number, duty = 1) => transportClass({ bitrate: bitsPerSecond(bitrate), duty });
  assert.deepEqual(
    [1_000_000, 999_999, 10_000, 9_999, 1_000, 999, 0].map((bitrate) => classOf(bitrate)),
    ["unconstrained", "medium", "medium", "constrained", "constrained", "severely-constrained", "severely-constrained"],
  );
  assert.equal(classOf(5_470, 0.1), "severely-constrained", "LoRa of SF7, at a tenth of the time");
  assert.equal(classOf(100_000_000, 0.01), "unconstrained");
});

test("of links that have it through in time, the cheapest; of those that cost the same, the fastest", () => {
  const [ethernet, lte, radio] = [link(1, 1e9), link(2, 5e7, { cost: 100 }), link(3, 5e4)];
  assert.equal(chooseLink([lte, ethernet, radio], bytes(500)), ethernet.link);
  assert.equal(chooseLink([lte, radio], bytes(500)), radio.link, "it takes 80 ms, and nothing is paid");
  assert.equal(chooseLink([lte, radio, link(4, 2e6)], bytes(500)), 4);
  assert.equal(chooseLink([link(5, 2e6), link(6, 3e6)], bytes(500)), 6);
});

test("what a free link has not through in a second goes over one that costs", () => {
  const [lte, lora] = [link(1, 5e7, { cost: 100 }), link(2, 5_000, { mtu: bytes(4096) })];
  assert.equal(chooseLink([lte, lora], bytes(600)), 2);
  assert.equal(chooseLink([lte, lora], bytes(700)), 1);
  assert.equal(chooseLink([lora, lte], bytes(700)), 1);
});

test("where none has it through in time, the fastest", () => {
  assert.equal(chooseLink([link(1, 300), link(2, 900, { cost: 100 }), link(3, 8_000, { duty: 0.01 })], bytes(255)), 2);
});

test("a link whose frames are too short, or that may not send, carries nothing", () => {
  const short = link(1, 1e6, { mtu: bytes(255) });
  assert.equal(chooseLink([short, link(2, 2_000)], bytes(256)), 2);
  assert.equal(chooseLink([short], bytes(256)), undefined);
  assert.equal(chooseLink([link(1, 1e6, { duty: 0 })], bytes(1)), undefined);
  assert.equal(chooseLink([], bytes(1)), undefined);
  assert.equal(carryingTime(link(1, 8_000, { duty: 0.5 }), bytes(100)), 200);
});

const anyLink = fc
  .record({
    bitrate: fc.oneof(fc.double({ min: 0, max: 1e10, noNaN: true }), fc.constantFrom(0, 5e-324, 1e3, 1e4, 1e6)),
    mtu: fc.integer({ min: 1, max: 4096 }).map(bytes),
    cost: fc.integer({ min: 0, max: 3 }),
    duty: fc.constantFrom(0, 0.001, 0.01, 0.1, 1),
  })
  .map(({ bitrate, ...more }) => ({ ...link(0, bitrate), ...more }));

test("whichever links there are, the choice can carry it, and is the same in whatever order they come", () => {
  fc.assert(
    fc.property(fc.array(anyLink, { maxLength: 8 }), fc.integer({ min: 1, max: 4096 }).map(bytes), (facts, size) => {
      const links = facts.map((each, index) => ({ ...each, link: (index + 1) as LinkId }));
      const chosen = links.find((each) => each.link === chooseLink(links, size));
      assert.equal(
        chosen === undefined,
        links.every((each) => carryingTime(each, size) === undefined),
      );
      if (chosen === undefined) return;
      const time = carryingTime(chosen, size) ?? Number.POSITIVE_INFINITY;
      assert.ok(size <= chosen.mtu);
      const reversed = links.find((each) => each.link === chooseLink(links.toReversed(), size));
      assert.equal(reversed && carryingTime(reversed, size), time);
      for (const other of links) {
        const others = carryingTime(other, size);
        if (others === undefined || others > 1000) continue;
        assert.ok(time <= 1000 && chosen.cost <= other.cost);
        if (chosen.cost === other.cost) {
          assert.ok(classRank(transportClass(chosen)) <= classRank(transportClass(other)));
        }
      }
    }),
  );
});
