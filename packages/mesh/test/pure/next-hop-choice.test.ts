/** By which next hop a packet goes on: never in a circle but for what it pays, and by who delivers. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { bytes, millis } from "@ropewalk/kernel/units";
import { Deliveries } from "@ropewalk/mesh/pure/deliveries";
import type { LinkFacts, LinkId } from "@ropewalk/mesh/pure/link";
import type { MeshAddress } from "@ropewalk/mesh/pure/mesh-address";
import { Neighbour } from "@ropewalk/mesh/pure/neighbour";
import { type Going, NextHopChoice } from "@ropewalk/mesh/pure/next-hop-choice";
import { DropCounts } from "@ropewalk/mesh/pure/protection/drop-counts";
import { type NextHop, Route } from "@ropewalk/mesh/pure/routing/route";
import { makeAnnounce } from "@ropewalk/mesh/pure/wire/announce-proof";
import fc from "fast-check";
import { factsOf } from "./small-mesh.ts";
import { identity, plainContent } from "./wire/announces.ts";

const now = millis(1_000);
const announce = makeAnnounce(identity(1), plainContent);
const to = identity(1).address;
const link = (number: number) => number as LinkId;
const usual = factsOf(identity(2));

/** A route that others were told of at `told`, with a neighbour of its own behind each link, and what they are like. */
function scene(hops: readonly number[], told: number, facts: readonly Partial<LinkFacts>[] = []) {
  const neighbours = new Map<LinkId, Neighbour>();
  const route = new Route(to, announce, 256, millis(1e9), Number.POSITIVE_INFINITY);
  for (const [index, each] of hops.entries()) {
    const peer = `peer ${index}` as MeshAddress;
    neighbours.set(link(index), new Neighbour(link(index), { ...usual, peer, ...facts[index] }, now, new DropCounts()));
    route.lead({ link: link(index), hops: each, label: 256 * index });
  }
  route.tell(told);
  const deliveries = new Deliveries();
  const choice = new NextHopChoice(neighbours, deliveries);
  const choose = (going: Partial<Going> = {}) =>
    choice.choose(now, route, { from: undefined, sidestepsLeft: 2, length: bytes(100), ...going })?.link;
  const lose = (by: number, from?: number) => {
    for (let count = 0; count < 3; count += 1) deliveries.lost(now, { to, by: link(by), from: from as LinkId });
  };
  return { route, deliveries, choice, choose, lose, neighbours };
}

test("the nearest takes it; who is not nearer than this node has told of does so only as a detour, where nobody nearer is left", () => {
  const { choose, lose } = scene([2, 1, 3], 3);
  assert.equal(choose(), 1);
  lose(1);
  assert.equal(choose(), 0);
  lose(0);
  assert.equal(choose(), 2);
  assert.equal(choose({ sidestepsLeft: 0 }), 1, "of who lost what they were given, the one in use");
});

test("without a sidestep left nothing goes to who is not nearer, and with one nothing to who loses it", () => {
  const { choose, lose } = scene([5], 3);
  assert.equal(choose(), 0);
  assert.equal(choose({ sidestepsLeft: 0 }), undefined);
  lose(0);
  assert.equal(choose(), undefined);
});

test("nothing goes back by the link that brought it, or over a link that is too narrow for it or gone", () => {
  const { choose, neighbours } = scene([1, 2, 2], 5, [{}, { mtu: bytes(99) }]);
  assert.equal(choose(), 0);
  assert.equal(choose({ from: link(0) }), 2);
  assert.equal(choose({ from: link(0), length: bytes(99) }), 2, "the one in use stays");
  neighbours.delete(link(2));
  assert.equal(choose({ from: link(0) }), undefined);
  assert.equal(choose({ from: link(0), length: bytes(99) }), 1);
});

test("what was lost of one link's questions changes nothing for other links' and for the node's own", () => {
  const { choose, lose } = scene([1, 2, 9], 5);
  lose(0, 2);
  assert.equal(choose({ from: link(2) }), 1);
  assert.equal(choose(), 0);
});

test("a way that costs, or a poor one, is taken where the other is much longer", () => {
  assert.equal(scene([1, 2], 5, [{ cost: 100 }, {}]).choose(), 1);
  assert.equal(scene([1, 6], 9, [{ cost: 100 }, {}]).choose(), 0);
});

test("of more next hops than are kept the worst gives way, but not the only one without a loop, and not the last of a second neighbour", () => {
  const full = scene([1, 2, 3, 3], 4);
  const newcomer = (hops: number): NextHop => ({ link: link(4), hops, label: 1 });
  const add = (of: ReturnType<typeof scene>, peer: string) =>
    of.neighbours.set(link(4), new Neighbour(link(4), { ...usual, peer: peer as MeshAddress }, now, new DropCounts()));
  add(full, "peer 4");
  assert.equal(full.choice.leastWorth(now, full.route, newcomer(2)).link, 3);
  assert.equal(full.choice.leastWorth(now, full.route, newcomer(9)).link, 4);
  full.lose(0);
  assert.equal(full.choice.leastWorth(now, full.route, newcomer(2)).link, 0);

  const one = scene([1, 5, 5, 5], 2);
  add(one, "peer 4");
  one.lose(0);
  assert.equal(one.choice.leastWorth(now, one.route, newcomer(4)).link, 4);

  const twins = [{}, { peer: "peer 0" as MeshAddress }, { peer: "peer 0" as MeshAddress }];
  const crowd = scene([1, 1, 1, 3], 4, twins);
  add(crowd, "peer 0");
  assert.equal(crowd.choice.leastWorth(now, crowd.route, newcomer(1)).link, 4);
});

test("whatever is known, what goes on goes nearer or pays, and not where it came from", () => {
  const hop = fc.record({ hops: fc.nat(9), lost: fc.nat(4), delivered: fc.nat(4) });
  const going = fc.record({ from: fc.option(fc.nat(3), { nil: undefined }), sidestepsLeft: fc.nat(2) });
  fc.assert(
    fc.property(
      fc.array(hop, { maxLength: 4, size: "max" }),
      fc.nat(10),
      going,
      (hops, told, { from, sidestepsLeft }) => {
        const { route, deliveries, choice } = scene(
          hops.map((each) => each.hops),
          told,
        );
        for (const [index, { lost, delivered }] of hops.entries()) {
          const passage = { to, by: link(index), from: from as LinkId | undefined };
          for (let count = 0; count < delivered; count += 1) deliveries.delivered(now, passage);
          for (let count = 0; count < lost; count += 1) deliveries.lost(now, passage);
        }
        const chosen = choice.choose(now, route, { from: from as LinkId, sidestepsLeft, length: bytes(100) });
        const nearer = hops.some((each, index) => each.hops < told && index !== from);
        if (chosen === undefined) assert.equal(nearer, false);
        else {
          assert.ok(chosen.hops < told || sidestepsLeft > 0);
          assert.notEqual(chosen.link, from);
        }
      },
    ),
  );
});
