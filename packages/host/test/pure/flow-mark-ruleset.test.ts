/** What the ruleset says is proved by the kernel (test/system/flow-marks.system.test.ts); here is what must never be in one. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { uplinkMark } from "@ropewalk/host/allocations";
import {
  flowMarkRules,
  isMarkable,
  type MarkedUplink,
  removeTable,
  replaceTable,
} from "@ropewalk/host/flow-mark-ruleset";
import { ipAddress } from "@ropewalk/kernel/addresses";

const uplink = (slot: number, interfaceName: string, ...addresses: readonly string[]): MarkedUplink => ({
  interfaceName,
  mark: uplinkMark(slot),
  addresses: addresses.map(ipAddress),
});
const wan0 = uplink(1, "wan0", "198.51.100.2", "2001:db8:a::2");
const wan1 = uplink(2, "wan1", "203.0.113.2");

test("the same uplinks give the same text in whatever order they and their addresses come", () => {
  const turned = { ...wan0, addresses: wan0.addresses.toReversed() };
  assert.equal(flowMarkRules([wan0, wan1]), flowMarkRules([wan1, turned]));
});

test("another interface, mark or address gives another text", () => {
  const texts = [
    [wan0, wan1],
    [wan0],
    [wan0, uplink(2, "wan2", "203.0.113.2")],
    [wan0, uplink(3, "wan1", "203.0.113.2")],
    [wan0, uplink(2, "wan1", "203.0.113.3")],
  ].map(flowMarkRules);
  assert.equal(new Set(texts).size, texts.length);
});

test("only bits of the mask are written, whatever the uplinks", () => {
  const slots = [1, 2, 16, 128, 255];
  const text = flowMarkRules(slots.map((slot) => uplink(slot, `wan${slot}`)));
  for (const [, kept = "", written = ""] of text.matchAll(/mark set \w+ mark and (\w+) or (\w+)/g)) {
    assert.equal(Number(kept), 0xffff00ff);
    assert.equal(Number(written) & 0xffff00ff, 0);
  }
  assert.deepEqual(
    [...text.matchAll(/meta mark set .* or (\w+)/g)].map(([, mark]) => Number(mark)),
    slots.map((slot) => slot << 8),
  );
});

test("a name that nft would read as anything but itself is not markable, and no text is made with it", () => {
  const names = [
    'a"',
    'a" }',
    "a\\",
    "a*",
    "*",
    "a\u0001",
    "a\u007f",
    "a\u009b",
    "",
    "a b",
    "a\nb",
    "a/b",
    "sixteen-letters-",
    ".",
  ];
  for (const name of names) {
    assert.equal(isMarkable(uplink(1, name)), false, JSON.stringify(name));
    assert.throws(() => flowMarkRules([uplink(1, name)]), { code: "INTERNAL" });
  }
  for (const name of ["wan0", "eth0.100", "a@b", "$a", "#a", "a;b", "{a}", "é", "`a`", "'a'", "-a"]) {
    assert.equal(isMarkable(uplink(1, name)), true, name);
  }
});

test("a mark that reaches beyond the mask, or is none, makes no text", () => {
  for (const mark of [0, 0x1, 0x1_0000, 0x101, -256]) {
    assert.throws(() => flowMarkRules([{ ...wan0, mark }]), { code: "INTERNAL" });
  }
});

test("two uplinks with one name or one mark make no text", () => {
  assert.throws(() => flowMarkRules([wan0, uplink(2, "wan0")]), { code: "INTERNAL" });
  assert.throws(() => flowMarkRules([wan0, uplink(1, "wan1")]), { code: "INTERNAL" });
});

test("an address that two uplinks share tells nobody's flows, and may leave by both", () => {
  const text = flowMarkRules([wan0, uplink(2, "wan1", "198.51.100.2")]);
  assert.doesNotMatch(text, /198\.51\.100\.2 : goto/);
  assert.match(text, /198\.51\.100\.2 \. "wan0", 198\.51\.100\.2 \. "wan1"/);
});

test("a replacement first makes the table, so that removing it never fails", () => {
  const [first, second, third] = replaceTable("", "as-0").split("\n");
  assert.deepEqual(
    [first, second, third],
    ["table inet ropewalk", "delete table inet ropewalk", "table inet ropewalk {"],
  );
  assert.equal(removeTable, `${first}\n${second}\n`);
});
