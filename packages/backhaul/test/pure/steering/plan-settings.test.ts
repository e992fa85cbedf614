/** Which settings a plan needs, and that needing them does not end with their being made. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { type PlannedLink, planSettings, type SettingFacts } from "@ropewalk/backhaul/pure/steering/plan-settings";
import type { Setting } from "@ropewalk/host/settings";
import type { Family } from "@ropewalk/kernel/addresses";

const off = { areSkippedEverywhere: false, skippedOn: new Set<number>() };
const untouched: SettingFacts = { deadRoutes: { ipv4: off, ipv6: off }, reversePathFilters: new Map() };
const wan0: PlannedLink = { ifindex: 2, name: "wan0", families: new Set<Family>(["ipv4", "ipv6"]) };

const ownSources = "ipv6 use_oif_addrs_only=1";
const alone: ReadonlySet<Family> = new Set();

const told = (facts: SettingFacts, changed: readonly Setting[] = [], link = wan0) =>
  planSettings([link], alone, facts, changed).map(({ family, name, value }) => `${family} ${name}=${value}`);

test("an uplink's routes are to be passed over while it has no carrier, in each family that it has", () => {
  const both = ["ipv4 ignore_routes_with_linkdown=1", "ipv6 ignore_routes_with_linkdown=1"];
  assert.deepEqual(told(untouched), [...both, ownSources]);
  const onlyIpv6 = { ...wan0, families: new Set<Family>(["ipv6"]) };
  assert.deepEqual(told(untouched, [], onlyIpv6), ["ipv6 ignore_routes_with_linkdown=1", ownSources]);
});

test("an uplink with IPv6 gives its packets addresses of its own", () => {
  assert.ok(told(untouched).includes(ownSources));
  const onlyIpv4 = { ...wan0, families: new Set<Family>(["ipv4"]) };
  assert.deepEqual(told(untouched, [], onlyIpv4), ["ipv4 ignore_routes_with_linkdown=1"]);
});

test("what is so already, everywhere or there, is not wanted of us", () => {
  const everywhere = { areSkippedEverywhere: true, skippedOn: new Set<number>() };
  const there = { areSkippedEverywhere: false, skippedOn: new Set([2]) };
  assert.deepEqual(told({ ...untouched, deadRoutes: { ipv4: everywhere, ipv6: there } }), [ownSources]);
});

test("a strict filter is loosened; one that is loose or off stays as it is", () => {
  const filtered = (filter: "strict" | "loose") => ({ ...untouched, reversePathFilters: new Map([[2, filter]]) });
  assert.equal(told(filtered("strict")).at(-1), "ipv4 rp_filter=2");
  assert.equal(told(filtered("loose")).length, 3);
  assert.equal(told(untouched).length, 3);
});

test("what we made so stays wanted, though nothing is wrong with it any more", () => {
  const there = { areSkippedEverywhere: false, skippedOn: new Set([2]) };
  const made: SettingFacts = {
    deadRoutes: { ipv4: there, ipv6: there },
    reversePathFilters: new Map([[2, "loose"]]),
  };
  const changed = planSettings([wan0], alone, { ...untouched, reversePathFilters: new Map([[2, "strict"]]) }, []);
  assert.deepEqual(planSettings([wan0], alone, made, changed), changed);
  const other = planSettings([{ ...wan0, name: "wan1" }], alone, made, changed);
  assert.deepEqual(
    other.map(({ name }) => name),
    ["use_oif_addrs_only"],
    "of another interface",
  );
});

test("where traffic is shared, and only there, flows are told apart by their ports", () => {
  const there = { areSkippedEverywhere: true, skippedOn: new Set<number>() };
  const facts = { ...untouched, deadRoutes: { ipv4: there, ipv6: there } };
  const shared = (families: ReadonlySet<Family>) =>
    planSettings([wan0], families, facts, []).filter(({ kind }) => kind === "host");
  assert.deepEqual(shared(new Set<Family>(["ipv6"])), [
    { kind: "host", family: "ipv6", name: "fib_multipath_hash_policy", value: 1 },
  ]);
  assert.deepEqual(shared(alone), []);
});
