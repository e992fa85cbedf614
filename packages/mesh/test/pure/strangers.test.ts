/** Who is new to a neighbour: told no faster than he takes it, and nobody behind the flood of another's link. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { millis } from "@ropewalk/kernel/units";
import type { LinkId } from "@ropewalk/mesh/pure/link";
import { defaultLinkBudget } from "@ropewalk/mesh/pure/protection/link-budget";
import { Route } from "@ropewalk/mesh/pure/routing/route";
import { Strangers } from "@ropewalk/mesh/pure/strangers";
import { decodeFrame } from "@ropewalk/mesh/pure/wire/decode-frame";
import { Random } from "@ropewalk/simnet/random";
import fc from "fast-check";
import { sybils } from "../sim/adversaries/sybils.ts";
import { announceOf, LoneNode } from "./lone-node.ts";
import { identity } from "./wire/announces.ts";

const { address } = identity(50);
const announce = announceOf(identity(50), 2);
function routeBy(link: number): Route {
  const route = new Route(address, announce, 256, millis(1e9), Number.POSITIVE_INFINITY);
  route.lead({ link: link as LinkId, hops: 2, label: 1 });
  return route;
}

test("those of one link wait for each other, and not those of another", () => {
  const strangers = new Strangers(millis(0));
  const [one, two, three] = [routeBy(1), routeBy(1), routeBy(1)];
  const other = routeBy(2);
  for (const route of [one, two, three, other, one]) strangers.add(route);
  assert.deepEqual(
    [0, 1, 2, 3, 4].map(() => strangers.next(millis(0))),
    [one, other, two, three, undefined],
  );
  assert.equal(strangers.isEmpty, true);
});

test("as many are told at once, and then each second, as a neighbour takes, and fewer", () => {
  const strangers = new Strangers(millis(0));
  const toldBy = (until: number) => {
    let told = 0;
    for (; strangers.next(millis(until)) !== undefined; told += 1) strangers.told(millis(until));
    return told;
  };
  for (let count = 0; count < 5_000; count += 1) strangers.add(routeBy(1));
  const { burst, perSecond } = defaultLinkBudget["new-announce"];
  const [atOnce, inTenSeconds] = [toldBy(0), toldBy(10_000)];
  assert.ok(atOnce > burst / 2 && atOnce < burst, `${atOnce}`);
  assert.ok(inTenSeconds > 5 * perSecond && inTenSeconds < 10 * perSecond, `${inTenSeconds}`);
  const readyAt = strangers.readyAt(millis(10_000));
  assert.ok(readyAt > 10_000 && readyAt <= 10_100);
  assert.equal(strangers.next(millis(readyAt - 1)), undefined);
  assert.notEqual(strangers.next(readyAt), undefined);
});

test("whoever is added and taken out, each that waits comes once, and nobody else", () => {
  const step = fc.record({ kind: fc.constantFrom("add", "add", "delete", "next"), who: fc.nat(9) });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60, size: "max" }), (steps) => {
      const routes = Array.from({ length: 10 }, (_, index) => routeBy(index % 3));
      const strangers = new Strangers(millis(0));
      const waiting = new Set<Route>();
      for (const { kind, who } of steps) {
        const route = routes[who] ?? assert.fail();
        if (kind === "add") {
          strangers.add(route);
          waiting.add(route);
        } else if (kind === "delete") {
          strangers.delete(route);
          waiting.delete(route);
        } else {
          const next = strangers.next(millis(0));
          assert.equal(next === undefined, waiting.size === 0);
          if (next !== undefined) assert.equal(waiting.delete(next), true);
        }
        for (const each of routes) assert.equal(strangers.has(each), waiting.has(each));
        assert.equal(strangers.isEmpty, waiting.size === 0);
      }
    }),
  );
});

test("a node that two links flood tells of a newcomer of a third at once, and of all in the end", () => {
  const lone = new LoneNode(4, { routes: { most: 8_192, contacts: [] } });
  const crowd = sybils(3_000, new Random(1));
  for (const [index, { frame }] of crowd.entries()) {
    lone.hear(1 + (index % 2), decodeFrame(frame) ?? assert.fail());
    if (index % 30 === 0) lone.wait(1);
  }
  lone.wait(500);
  const toldTo = (number: number) => lone.said("announce").filter(({ to }) => to === number).length;
  const atOnce = toldTo(3);
  assert.ok(atOnce > 1_000 && atOnce < defaultLinkBudget["new-announce"].burst, `${atOnce}`);
  lone.tell(4, announceOf(identity(50), 1));
  lone.wait(100);
  const key = identity(50).publicKey.toHex();
  const isOfNewcomer = (octets: Uint8Array) => octets.toHex().includes(key);
  assert.ok(lone.said("announce").some(({ to, frame }) => to === 3 && isOfNewcomer(frame.announce)));
  lone.wait(30_000);
  assert.ok(toldTo(3) > 3_000 - atOnce - 50);
});

test("who comes is told of all, and what was told already is told again without waiting when it is new", () => {
  const lone = new LoneNode(2, { routes: { most: 8_192, contacts: [] } });
  lone.tell(1, announceOf(identity(50), 2));
  lone.wait(1_000);
  lone.said();
  lone.join(3);
  lone.wait(100);
  const toldTo = () => lone.said("announce").map(({ to }) => to);
  assert.ok(toldTo().includes(3));
  for (let sequence = 2; sequence < 2_000; sequence += 1) lone.tell(1, announceOf(identity(50), 2, { sequence }));
  lone.wait(1_000);
  assert.ok(toldTo().filter((to) => to === 2).length > 50);
});
