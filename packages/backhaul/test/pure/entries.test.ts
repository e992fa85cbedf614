/** What the operator's entries say of one interface. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { matchesPattern, settingsFor, type UplinkEntry } from "@ropewalk/backhaul/pure/entries";
import fc from "fast-check";
import { linkFacts, mac } from "./facts-fixture.ts";

function entry(selector: UplinkEntry["selector"], says: Partial<Omit<UplinkEntry, "selector">>): UplinkEntry {
  return {
    selector,
    role: "auto",
    label: undefined,
    metered: undefined,
    resolvers: undefined,
    profile: undefined,
    addresses: undefined,
    ...says,
  };
}

test("an entry is found by name, by either MAC address, and by id", () => {
  const link = linkFacts({ name: "wwan0", mac: mac("02:00:00:00:00:01"), permanentMac: mac("00:16:3e:00:00:01") });
  const found = (selector: UplinkEntry["selector"]) =>
    settingsFor([entry(selector, { label: "x" })], link, ["usb-1-1"]).label;
  assert.equal(found({ kind: "interface", pattern: "ww*" }), "x");
  assert.equal(found({ kind: "mac", mac: mac("02:00:00:00:00:01") }), "x");
  assert.equal(found({ kind: "mac", mac: mac("00:16:3e:00:00:01") }), "x");
  assert.equal(found({ kind: "id", id: "usb-1-1" }), "x");
  assert.equal(found({ kind: "id", id: "usb-1-2" }), undefined);
  assert.equal(found({ kind: "interface", pattern: "eth*" }), undefined);
});

test("of each key the first entry that says it counts", () => {
  const entries = [
    entry({ kind: "interface", pattern: "eth2" }, { metered: false }),
    entry({ kind: "interface", pattern: "eth*" }, { metered: true, label: "cable", role: "include" }),
    entry({ kind: "interface", pattern: "*" }, { label: "any" }),
  ];
  assert.deepEqual(settingsFor(entries, linkFacts(), []), {
    role: "include",
    label: "cable",
    metered: false,
    resolvers: undefined,
    profile: undefined,
    addresses: undefined,
  });
});

test("a pattern matches as a regular expression with stars would", () => {
  const text = fc.stringMatching(/^[ab*.]{0,8}$/);
  fc.assert(
    fc.property(text, fc.stringMatching(/^[ab.]{0,8}$/), (pattern, name) => {
      const expected = new RegExp(`^${pattern.replaceAll(".", "\\.").replaceAll("*", ".*")}$`, "s").test(name);
      assert.equal(matchesPattern(pattern, name), expected);
    }),
  );
});
