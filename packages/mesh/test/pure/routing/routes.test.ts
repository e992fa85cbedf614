/** All destinations of a node: how each is found, who gives way, and that none who gave way comes back by those who had him from here. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { millis } from "@ropewalk/kernel/units";
import type { LinkId } from "@ropewalk/mesh/pure/link";
import type { MeshAddress } from "@ropewalk/mesh/pure/mesh-address";
import type { Route } from "@ropewalk/mesh/pure/routing/route";
import { Routes } from "@ropewalk/mesh/pure/routing/routes";
import { encodeAnnounce, type HeardAnnounce } from "@ropewalk/mesh/pure/wire/announce";
import fc from "fast-check";
import { factsOf } from "../small-mesh.ts";
import { identity, plainContent, read } from "../wire/announces.ts";

const link = (number: number) => number as LinkId;
const addressOf = (number: number) => `somebody ${number}` as MeshAddress;
const usual = { most: 100, contacts: [] };

/** Signed by nobody: that is for others to look at. `kin`: those of the same have keys that begin alike. */
function announceOf(number: number, { hops = 2, sequence = 1, kin = number } = {}): HeardAnnounce {
  const key = new Uint8Array(32).fill(kin, 0, 8).fill(number, 8);
  const rest = { signature: new Uint8Array(64), chain: new Uint8Array(12) };
  return read(encodeAnnounce({ ...plainContent, sequence, key, hops, ...rest }));
}

function added(routes: Routes, number: number, by = 1, unlike: Parameters<typeof announceOf>[1] = {}): Route {
  const announce = announceOf(number, unlike);
  const route = routes.add(addressOf(number), announce, link(by), millis(9_000)) ?? assert.fail();
  routes.lead(route, { link: link(by), hops: announce.hops, label: 256 + number });
  return route;
}

test("a destination is found by its address, by its label and by the beginning of its key, until it is removed", () => {
  const routes = new Routes(usual, () => 0.5);
  const [one, other] = [added(routes, 1), added(routes, 2)];
  for (const [number, route] of [
    [1, one],
    [2, other],
  ] as const) {
    assert.equal(routes.get(addressOf(number)), route);
    assert.equal(routes.find(route.label), route);
    assert.equal(routes.near(announceOf(number)), route);
  }
  assert.deepEqual([routes.size, [...routes.all()]], [2, [one, other]]);
  routes.remove(one);
  assert.deepEqual(
    [routes.get(addressOf(1)), routes.find(one.label), routes.near(announceOf(1))],
    [undefined, undefined, undefined],
  );
  assert.deepEqual([routes.size, [...routes.all()]], [1, [other]]);
});

test("under one label neighbours reach the node itself, and under no other", () => {
  const routes = new Routes(usual, () => 0.5);
  assert.equal(routes.find(routes.own), "here");
  assert.notEqual(routes.own, 0);
  const route = added(routes, 1);
  assert.notEqual(route.label, routes.own);
  routes.remove(route);
  assert.equal(routes.find(routes.own), "here");
});

test("of two keys that begin alike both are kept, and that one goes does not take the other's place", () => {
  const routes = new Routes(usual, () => 0.5);
  const [first, second] = [added(routes, 1, 1, { kin: 7 }), added(routes, 2, 1, { kin: 7 })];
  assert.equal(routes.near(announceOf(1, { kin: 7 })), second);
  routes.remove(first);
  assert.equal(routes.near(announceOf(2, { kin: 7 })), second);
  assert.equal(routes.get(addressOf(2)), second);
});

test("a new label leads there, and the one that neighbours had leads to nobody", () => {
  const routes = new Routes(usual, () => 0.5);
  const route = added(routes, 1);
  const before = route.label;
  route.tell(3);
  routes.relabel(route);
  assert.equal(routes.find(before), undefined);
  assert.equal(routes.find(route.label), route);
  assert.equal(route.isLabelOut, false);
});

test("who was removed comes back only by those who are nearer than was told of him, or by a newer announce", () => {
  const routes = new Routes(usual, () => 0.5);
  const route = added(routes, 1);
  route.tell(3);
  route.tell(5);
  routes.remove(route);
  const again = (hops: number, sequence: number) =>
    routes.add(addressOf(1), announceOf(1, { hops, sequence }), link(1), millis(9_000));
  assert.equal(again(3, 1), undefined);
  assert.equal(again(3, 0), undefined);
  const back = again(2, 1) ?? assert.fail();
  assert.equal(back.nearest, 3, "what was told still holds");
  routes.remove(back);
  assert.equal(again(60, 2)?.nearest, Number.POSITIVE_INFINITY);
});

test("of whom nothing was told comes back by anybody", () => {
  const routes = new Routes(usual, () => 0.5);
  routes.remove(added(routes, 1));
  assert.notEqual(routes.add(addressOf(1), announceOf(1, { hops: 60 }), link(1), millis(9_000)), undefined);
});

/** A table that is full of what one link brought, and another link. */
function full(contacts: readonly MeshAddress[] = []) {
  const routes = new Routes({ most: 4, contacts }, () => 0.5);
  for (const number of [1, 2]) routes.linkUp(link(number), factsOf(identity(200 + number)));
  return { routes, crowd: [1, 2, 3, 4].map((number) => added(routes, number)) };
}
const inTheWay = (routes: Routes, number = 9, by = 2) => {
  const victim = routes.inTheWay(addressOf(number), link(by));
  return typeof victim === "object" ? victim.address : victim;
};

test("where there is room, and for who is there already, nobody is in the way; else the youngest of the link that has the most", () => {
  const { routes, crowd } = full();
  assert.equal(inTheWay(routes), addressOf(4));
  assert.equal(inTheWay(routes, 3), undefined);
  for (const route of crowd.slice(2)) routes.remove(route);
  assert.equal(inTheWay(routes), undefined);
  added(routes, 5);
  assert.equal(inTheWay(routes), undefined, "who was removed takes no room");
});

test("a destination is charged to the link that brought it, for as long as that leads there, and then to the best", () => {
  const { routes, crowd } = full();
  const youngest = crowd.at(-1) ?? assert.fail();
  routes.lead(youngest, { link: link(2), hops: 0, label: 1 });
  assert.equal(youngest.best?.link, 2);
  assert.equal(inTheWay(routes), addressOf(4));
  routes.unlead(youngest, link(1));
  assert.equal(inTheWay(routes), addressOf(3));
  // Without a way it stays where it was.
  routes.unlead(youngest, link(2));
  assert.equal(inTheWay(routes), addressOf(3));
});

test("who has answered does not give way to strangers, and contacts and neighbours never do", () => {
  const { routes, crowd } = full([addressOf(2)]);
  routes.confirm(crowd[3] ?? assert.fail());
  assert.equal(crowd[3]?.standing, "confirmed");
  assert.equal(inTheWay(routes), addressOf(3));
  routes.linkUp(link(3), { ...factsOf(identity(203)), peer: addressOf(3) });
  assert.equal(inTheWay(routes), addressOf(1));
  routes.linkUp(link(4), { ...factsOf(identity(203)), peer: addressOf(3) });
  routes.linkDown(link(4), { ...factsOf(identity(203)), peer: addressOf(3) }, false);
  assert.equal(inTheWay(routes), addressOf(1), "another link leads to him");
  routes.linkDown(link(3), { ...factsOf(identity(203)), peer: addressOf(3) }, true);
  assert.equal(inTheWay(routes), addressOf(3));
  assert.deepEqual([routes.isContact(addressOf(2)), routes.isContact(addressOf(3))], [true, false]);
});

test("where none can give way a stranger has no place, and a contact has one nevertheless", () => {
  const { routes } = full([1, 2, 3, 4, 8].map(addressOf));
  assert.equal(inTheWay(routes, 9), "all");
  assert.equal(inTheWay(routes, 8), undefined);
});

test("those that a neighbour leads to are told, whether or not he is the best", () => {
  const routes = new Routes(usual, () => 0.5);
  const [one, other] = [added(routes, 1, 1), added(routes, 2, 2)];
  routes.lead(other, { link: link(1), hops: 50, label: 1 });
  assert.deepEqual(routes.by(link(1)), [one, other]);
  assert.deepEqual(routes.by(link(2)), [other]);
  assert.deepEqual(routes.by(link(3)), []);
});

test("where a neighbour leads under its label is known for as long as it does, by the label that it told last", () => {
  const routes = new Routes(usual, () => 0.5);
  const [one, other] = [added(routes, 1, 1), added(routes, 2, 1)];
  const told = (label: number, by = 1) => routes.byTold(link(by), label);
  assert.deepEqual([told(257), told(258), told(257, 2), told(300)], [one, other, undefined, undefined]);
  routes.lead(one, { link: link(1), hops: 2, label: 300 });
  assert.deepEqual([told(257), told(300)], [undefined, one]);
  routes.lead(other, { link: link(2), hops: 2, label: 300 });
  assert.equal(routes.unlead(one, link(2)), false);
  assert.equal(routes.unlead(one, link(1)), true);
  assert.deepEqual([told(300), told(300, 2)], [undefined, other]);
  routes.renew(other, announceOf(2, { sequence: 2 }), millis(9_000));
  assert.deepEqual([told(258), told(300, 2), other.nextHops], [undefined, undefined, []]);
  routes.lead(other, { link: link(2), hops: 2, label: 301 });
  routes.remove(other);
  assert.equal(told(301, 2), undefined);
});

test("a label that a neighbour tells of two destinations leads to the later, and goes with that", () => {
  const routes = new Routes(usual, () => 0.5);
  const [one, other] = [added(routes, 1, 1), added(routes, 2, 1)];
  routes.lead(other, { link: link(1), hops: 2, label: 257 });
  routes.unlead(one, link(1));
  assert.equal(routes.byTold(link(1), 257), other);
  routes.unlead(other, link(1));
  assert.equal(routes.byTold(link(1), 257), undefined);
});

const step = fc.record({ kind: fc.constantFrom("add", "remove", "relabel", "tell"), who: fc.nat(12), kin: fc.nat(2) });

test("whatever comes and goes, each is found by address and label, and by no label but its own", () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60, size: "max" }), (steps) => {
      const routes = new Routes(usual, () => 0.5);
      const there = new Map<number, Route>();
      let sequence = 1;
      for (const { kind, who, kin } of steps) {
        const route = there.get(who);
        sequence += 1;
        if (kind === "add" && route === undefined) there.set(who, added(routes, who, 1, { sequence, kin }));
        if (route === undefined) continue;
        if (kind === "remove") {
          routes.remove(route);
          there.delete(who);
        } else if (kind === "relabel") routes.relabel(route);
        else if (kind === "tell") route.tell(3);
      }
      assert.equal(routes.size, there.size);
      const labels = new Set([...there.values()].map(({ label }) => label));
      assert.equal(labels.size, there.size);
      assert.equal(labels.has(routes.own), false);
      for (const [who, route] of there) {
        assert.equal(routes.get(addressOf(who)), route);
        assert.equal(routes.find(route.label), route);
      }
    }),
  );
});

test("a contact that is none any more gives way, and who has become one does not", () => {
  const { routes } = full([addressOf(4)]);
  assert.equal(inTheWay(routes), addressOf(3));
  routes.setContacts([addressOf(3)]);
  assert.equal(inTheWay(routes), addressOf(4));
  assert.deepEqual([routes.isContact(addressOf(4)), routes.isContact(addressOf(3))], [false, true]);
});
