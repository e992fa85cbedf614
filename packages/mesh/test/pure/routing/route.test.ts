/** What is known of one destination: by whom this node goes there, and that what it has said of it never leads back to it. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { millis } from "@ropewalk/kernel/units";
import type { LinkId } from "@ropewalk/mesh/pure/link";
import { mostNextHops, Route } from "@ropewalk/mesh/pure/routing/route";
import { makeAnnounce } from "@ropewalk/mesh/pure/wire/announce-proof";
import fc from "fast-check";
import { identity, plainContent } from "../wire/announces.ts";

const origin = identity(1);
const announce = makeAnnounce(origin, plainContent);
const newer = makeAnnounce(origin, { ...plainContent, sequence: 2 });
const renewal = makeAnnounce(origin, { ...plainContent, sequence: 2, isRenewal: true });
const link = (number: number) => number as LinkId;

function routeBy(ways: readonly (readonly [number, number])[], nearest = Number.POSITIVE_INFINITY): Route {
  const route = new Route(origin.address, announce, 512, millis(9_000), nearest);
  for (const [number, hops] of ways) route.lead({ link: link(number), hops, label: 256 * number });
  return route;
}

test("of its next hops the nearest is the best, of those that are as near the one that was there first", () => {
  const route = routeBy([
    [1, 5],
    [2, 3],
    [3, 3],
  ]);
  assert.deepEqual(route.best, { link: 2, hops: 3, label: 512 });
  assert.equal(route.distance, 4);
  assert.equal(routeBy([]).best, undefined);
  assert.equal(routeBy([]).distance, undefined);
});

test("who is not nearer than it has told of itself does not lead there, and does again once the announce is newer", () => {
  const route = routeBy([
    [1, 2],
    [2, 3],
  ]);
  route.tell(3);
  assert.equal(route.nearest, 3);
  route.unlead(link(1));
  assert.equal(route.best, undefined, "it is as far as was told");
  assert.equal(route.nextHops.length, 1);
  route.renew(newer, millis(20_000));
  assert.deepEqual([route.nextHops.length, route.nearest, route.told], [0, Number.POSITIVE_INFINITY, undefined]);
  assert.deepEqual([route.announce, route.expiresAt, route.isLabelOut], [newer, 20_000, true]);
  route.lead({ link: link(2), hops: 3, label: 1 });
  assert.equal(route.distance, 4);
});

test("over a renewal others go on by it as they were told, and what is told of that alone says who is nearer", () => {
  const route = routeBy([[1, 2]]);
  route.tell(3);
  route.renew(renewal, millis(20_000));
  assert.deepEqual([route.nextHops.length, route.nearest, route.told], [0, Number.POSITIVE_INFINITY, 3]);
  route.lead({ link: link(2), hops: 5, label: 1 });
  route.tellAside(6);
  assert.deepEqual([route.told, route.nearest], [3, 6]);
  route.lead({ link: link(2), hops: 6, label: 1 });
  assert.equal(route.best, undefined, "it may lead back by who was told aside");
});

test("what it said to be nearest holds, whatever it says later", () => {
  const route = routeBy([[1, 2]]);
  route.tell(3);
  route.tell(7);
  assert.deepEqual([route.told, route.nearest], [7, 3]);
  route.untell();
  assert.deepEqual([route.told, route.nearest], [undefined, 3]);
  assert.equal(routeBy([[1, 3]], 3).best, undefined, "it was told so before, and forgotten since");
  assert.equal(routeBy([[1, 2]], 3).distance, 3);
});

test("to be nearer than before may leave others with no way but back", () => {
  const route = routeBy([
    [1, 1],
    [2, 4],
  ]);
  assert.equal(route.isFeasible({ link: link(2), hops: 4, label: 0 }), true);
  route.tell(2);
  assert.equal(route.isFeasible({ link: link(2), hops: 4, label: 0 }), false);
  assert.equal(route.isFeasible({ link: link(2), hops: 1, label: 0 }), true);
});

test("around a neighbour goes the nearest of the others that leads there, by the best where that is another", () => {
  const route = routeBy([
    [1, 2],
    [2, 5],
    [3, 4],
  ]);
  assert.equal(route.around(link(1))?.link, 3);
  assert.equal(route.around(link(2))?.link, 1);
  assert.equal(route.around(link(9))?.link, 1);
  route.tell(4);
  assert.equal(route.around(link(1)), undefined, "the others are as far as was told, or further");
});

test("what is told to one by another way counts where it is the nearest that was told, or the only", () => {
  const route = routeBy([[1, 2]]);
  route.tellAside(6);
  assert.deepEqual([route.told, route.nearest, route.isLabelOut], [6, 6, true]);
  route.tellAside(9);
  assert.equal(route.told, 6);
  route.tellAside(3);
  assert.deepEqual([route.told, route.nearest], [3, 3]);
});

test("a neighbour leads there once, as it said last, and no more of them are kept than may be", () => {
  const route = routeBy([
    [1, 5],
    [2, 5],
    [3, 5],
    [4, 5],
  ]);
  assert.equal(route.isFull, true);
  assert.throws(() => route.lead({ link: link(5), hops: 1, label: 1 }), /next hops at most/);
  route.lead({ link: link(3), hops: 2, label: 77 });
  assert.deepEqual(route.by(link(3)), { link: 3, hops: 2, label: 77 });
  assert.equal(route.nextHops.length, mostNextHops);
  assert.equal(route.best?.link, 3);
  assert.equal(route.unlead(link(3)), true);
  assert.equal(route.unlead(link(3)), false);
  assert.equal(route.by(link(3)), undefined);
  assert.equal(route.isFull, false);
});

test("of a full route it is worth knowing who is nearer than one of its next hops, or is one; of another, whoever is", () => {
  const full = routeBy([
    [1, 5],
    [2, 5],
    [3, 5],
    [4, 6],
  ]);
  const hop = (number: number, hops: number, label = 1) => ({ link: link(number), hops, label });
  assert.equal(full.wants(hop(9, 5)), true);
  assert.equal(full.wants(hop(9, 7)), false);
  assert.equal(full.wants(hop(4, 60)), true);
  assert.equal(routeBy([[1, 1]]).wants(hop(9, 60)), true);
  const known = full.by(link(4)) ?? assert.fail();
  assert.equal(full.wants({ ...known }), false, "it says what it said");
  assert.equal(full.wants({ ...known, label: known.label + 1 }), true);
});

test("who answers is confirmed, and stays what he is if that is more", () => {
  const route = routeBy([]);
  assert.equal(route.standing, "unconfirmed");
  route.confirm();
  assert.equal(route.standing, "confirmed");
  route.standing = "neighbour";
  route.confirm();
  assert.equal(route.standing, "neighbour");
});

const [anyLink, anyHops] = [fc.integer({ min: 1, max: 6 }), fc.integer({ min: 0, max: 9 })];
const step = fc.oneof(
  { weight: 4, arbitrary: fc.record({ kind: fc.constant("lead" as const), by: anyLink, hops: anyHops }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant("unlead" as const), by: anyLink }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant("tell" as const), far: anyHops }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("aside" as const), far: anyHops }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("untell" as const) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("renew" as const) }) },
);

test("whatever is led, lost and told: the best is the nearest of those nearer than all that was told of the announce", () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40, size: "max" }), (steps) => {
      const route = routeBy([]);
      const ways = new Map<number, number>();
      let nearest = Number.POSITIVE_INFINITY;
      let told: number | undefined;
      for (const one of steps) {
        if (one.kind === "lead" && (ways.size < mostNextHops || ways.has(one.by))) {
          route.lead({ link: link(one.by), hops: one.hops, label: 0 });
          ways.set(one.by, one.hops);
        } else if (one.kind === "unlead") assert.equal(route.unlead(link(one.by)), ways.delete(one.by));
        else if (one.kind === "tell" || (one.kind === "aside" && (told === undefined || one.far < told))) {
          told = one.far;
          nearest = Math.min(nearest, told);
        } else if (one.kind === "untell") told = undefined;
        else if (one.kind === "renew") {
          [told, nearest] = [undefined, Number.POSITIVE_INFINITY];
          ways.clear();
        }
        if (one.kind === "tell") route.tell(one.far);
        if (one.kind === "aside") route.tellAside(one.far);
        if (one.kind === "untell") route.untell();
        if (one.kind === "renew") route.renew(newer, millis(1));
        const leading = [...ways.values()].filter((hops) => hops < nearest);
        assert.equal(route.best?.hops, leading.length === 0 ? undefined : Math.min(...leading));
        assert.deepEqual([route.told, route.nearest], [told, nearest]);
        assert.deepEqual(new Map(route.nextHops.map((hop) => [hop.link, hop.hops])), ways);
        for (const by of ways.keys()) {
          const others = [...ways].filter(([other, hops]) => other !== by && hops < nearest).map(([, hops]) => hops);
          assert.equal(route.around(link(by))?.hops, others.length === 0 ? undefined : Math.min(...others));
        }
      }
    }),
  );
});
