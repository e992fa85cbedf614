/** Who has to go from a full table, as contacts come and go. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { millis } from "@ropewalk/kernel/units";
import type { LinkId } from "@ropewalk/mesh/pure/link";
import { Route } from "@ropewalk/mesh/pure/routing/route";
import { Routes } from "@ropewalk/mesh/pure/routing/routes";
import { makeAnnounce } from "@ropewalk/mesh/pure/wire/announce-proof";
import { factsOf } from "../small-mesh.ts";
import { identity, plainContent } from "../wire/announces.ts";

test("a contact never gives way, and one that is none any more does", () => {
  const [link, near, one, other, third] = [1 as LinkId, identity(1), identity(2), identity(3), identity(4)];
  const routes = new Routes({ most: 2, contacts: [one.address] }, () => 0.5);
  routes.linkUp(link, factsOf(near));
  for (const who of [one, other]) routes.add(who.address, makeAnnounce(who, plainContent), link, millis(1_000));
  const inTheWay = () => {
    const route = routes.inTheWay(third.address, link);
    return route instanceof Route ? route.address : route;
  };
  assert.equal(inTheWay(), other.address);
  routes.setContacts([other.address]);
  assert.equal(inTheWay(), one.address);
  assert.deepEqual([routes.isContact(one.address), routes.isContact(other.address)], [false, true]);
  routes.setContacts([one.address, other.address]);
  assert.equal(inTheWay(), "all");
});
