import assert from "node:assert/strict";
import { test } from "node:test";
import { commands } from "../src/command-line/command-table.ts";
import { helpText } from "../src/command-line/help.ts";

test("the program's help names every command", () => {
  const text = helpText([], commands, "ropewalk") ?? "";
  for (const { words } of commands) assert.match(text, new RegExp(`^  ${words.join(" ")}( |$)`, "m"));
});

test("the help of each command names its options and operands, and how the program is called here", () => {
  for (const { words, options, operands } of commands) {
    const text = helpText(words, commands, "npx ropewalk") ?? "";
    assert.ok(text.startsWith(`Usage: npx ropewalk ${words.join(" ")}`), text);
    for (const { name } of options) assert.ok(text.includes(`--${name}`));
    for (const { name } of operands) assert.ok(text.includes(name));
  }
});

test("what may be left out is in brackets", () => {
  const text = helpText(["uplink", "explain"], commands, "ropewalk") ?? "";
  assert.match(text, /^Usage: ropewalk uplink explain \[--json\] \[--family FAMILY\] \[NAME\]$/m);
});

test("there is no help for what is no command", () => {
  assert.equal(helpText(["nothing"], commands, "ropewalk"), undefined);
});

test("no line of help is wider than 110 columns", () => {
  const texts = [[], ...commands.map(({ words }) => words)].map(
    (words) => helpText(words, commands, "npx ropewalk") ?? "",
  );
  for (const line of texts.flatMap((text) => text.split("\n"))) assert.ok(line.length <= 110, line);
});
