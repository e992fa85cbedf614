/** What is told of the difference of two pictures. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { eventsBetween } from "@ropewalk/backhaul/pure/changes";
import { emptyPicture } from "@ropewalk/backhaul/pure/picture";
import { linkFacts, networkFacts, routeFacts } from "./facts-fixture.ts";
import { Machine } from "./machine-fixture.ts";

const { picture } = new Machine().see(networkFacts([linkFacts()], { routes: [routeFacts()] })).state;
const [uplink] = picture.uplinks;
assert.ok(uplink);

const kinds = (...parameters: Parameters<typeof eventsBetween>) => eventsBetween(...parameters).map(({ kind }) => kind);

test("uplinks are told before the connectivity that follows from them", () => {
  assert.deepEqual(kinds(emptyPicture, picture, new Map()), ["uplink-added", "connectivity"]);
  assert.deepEqual(kinds(picture, emptyPicture, new Map()), ["uplink-removed", "connectivity"]);
  assert.deepEqual(kinds(picture, picture, new Map()), []);
});

test("another uplink that took the id of one that ended is told as gone and come", () => {
  assert.deepEqual(kinds(picture, picture, new Map([[uplink.id, "unplugged"]])), ["uplink-removed", "uplink-added"]);
});

test("connectivity is told anew when only a decision's reason changed, with the generation it had", () => {
  const decisions = { ...picture.decisions, ipv4: { ...picture.decisions.ipv4, reason: "other" } };
  const [event] = eventsBetween(picture, { ...picture, decisions }, new Map());
  assert.equal(event?.kind === "connectivity" && event.connectivity.generation, picture.connectivity.generation);
});
