import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { alignRows, fitted, printable, tableLines, wrapped } from "../src/render/table.ts";

const plain = (text: string) => text;
const table = {
  headings: ["UPLINK", "STATE"],
  rows: [
    [{ text: "eth0" }, { text: "unknown" }],
    [{ text: "wlan0-long" }, { text: "down" }],
  ],
};

test("columns are as wide as their widest cell, and nothing follows the last one", () => {
  assert.deepEqual(tableLines(table, undefined, plain), [
    "UPLINK      STATE",
    "eth0        unknown",
    "wlan0-long  down",
  ]);
});

test("what does not fit the terminal is written as one block a row, with nothing lost", () => {
  assert.deepEqual(tableLines(table, 18, plain), [
    "UPLINK  eth0",
    "STATE   unknown",
    "",
    "UPLINK  wlan0-long",
    "STATE   down",
  ]);
});

test("where there is no room, spare columns are left out before anything is written as blocks", () => {
  const wide = {
    headings: ["UPLINK", "KIND", "STATE"],
    rows: [[{ text: "eth0" }, { text: "ethernet" }, { text: "up" }]],
  };
  assert.deepEqual(tableLines({ ...wide, spare: ["KIND"] }, 14, plain), ["UPLINK  STATE", "eth0    up"]);
  assert.deepEqual(tableLines({ ...wide, spare: ["KIND"] }, 12, plain), [
    "UPLINK  eth0",
    "KIND    ethernet",
    "STATE   up",
  ]);
  assert.match(tableLines({ ...wide, spare: ["KIND"] }, undefined, plain)[0] ?? "", /KIND/);
});

test("text is broken between words, and a word that is too long stands alone", () => {
  assert.deepEqual(wrapped("one two three", 9, "  "), ["one two", "  three"]);
  assert.deepEqual(wrapped("a incomprehensible b", 6, "  ", "> "), ["> a", "  incomprehensible", "  b"]);
});

test("colour is put around the padding, so that columns stay in line", () => {
  const painted = {
    headings: ["A", "B"],
    rows: [[{ text: "x", paint: (text: string) => `<${text}>` }, { text: "y" }]],
  };
  assert.deepEqual(tableLines(painted, undefined, plain), ["A  B", "<x>  y"]);
});

test("no control character of a name reaches the terminal", () => {
  assert.equal(printable("a\u001b[2Jb\nc\u202ed"), "a\u{fffd}[2Jb\u{fffd}c\u{fffd}d");
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), (text) => {
      assert.doesNotMatch(printable(text), /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u);
    }),
  );
});

test("text that is cut says so", () => {
  assert.equal(fitted("abcdef", 6), "abcdef");
  assert.equal(fitted("abcdefg", 6), "abcde…");
});

test("rows line up by the widest of each column", () => {
  assert.deepEqual(
    alignRows(
      [
        ["a", "x"],
        ["long", "y"],
      ],
      " ",
    ),
    [" a     x", " long  y"],
  );
});
