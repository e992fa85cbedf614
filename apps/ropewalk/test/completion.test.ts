import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { test } from "node:test";
import type { CommandSpec } from "../src/command-line/command.ts";
import { commands } from "../src/command-line/command-table.ts";
import { completionScript, shells } from "../src/command-line/completion-script.ts";

/** What bash offers after `words`, the last of which is being typed; `ropewalk` there is a function that lists two uplinks. */
function offeredByBash(...words: string[]): readonly string[] {
  return offeredOf(words, commands);
}

function offeredOf(words: readonly string[], table: readonly CommandSpec[]): readonly string[] {
  const fake = 'ropewalk() { printf "UPLINK KIND\\nwan0 ethernet\\nwan1 wifi\\n"; }';
  const typed = ["ropewalk", ...words].map((word) => `'${word}'`).join(" ");
  const ask = `COMP_WORDS=(${typed}); COMP_CWORD=${words.length}; _ropewalk; printf '%s\\n' "\${COMPREPLY[@]}"`;
  const script = `${completionScript("bash", table)}\n${fake}\n${ask}`;
  const output = execFileSync("bash", ["--norc", "--noprofile", "-c", script], { encoding: "utf8" });
  return output.split("\n").filter((line) => line !== "");
}

test("bash offers every first word, and what begins as typed", () => {
  const first = [...new Set(commands.map(({ words }) => words[0]))];
  assert.deepEqual(offeredByBash("").toSorted(), [...first, "--help", "--version"].toSorted());
  assert.deepEqual(offeredByBash("sta"), ["status"]);
});

test("bash offers the second words of a group", () => {
  assert.deepEqual(offeredByBash("config", ""), ["check", "show", "reload"]);
});

test("bash offers the words of a group within a group, and then the options of its command", () => {
  assert.ok(offeredByBash("mesh", "").includes("id"));
  assert.deepEqual(offeredByBash("mesh", "id", ""), ["new", "show", "import"]);
  assert.ok(offeredByBash("mesh", "id", "new", "--").includes("--passphrase-file"));
});

test("bash offers a command's own options and no others", () => {
  assert.deepEqual(offeredByBash("status", "--"), ["--help", "--json", "--watch"]);
  assert.deepEqual(offeredByBash("up", "--"), ["--help", "--config"]);
});

test("bash offers the uplinks of the running node", () => {
  assert.deepEqual(offeredByBash("uplink", "show", "wan"), ["wan0", "wan1"]);
});

test("bash offers shells to completion and files to --config", () => {
  assert.deepEqual(
    offeredByBash("completion", "").filter((word) => !word.startsWith("-")),
    [...shells],
  );
  assert.deepEqual(offeredByBash("up", "--config", "/etc/host").includes("/etc/hosts"), true);
});

test("bash offers the values of an option after it, and nothing else", () => {
  assert.deepEqual(offeredByBash("uplink", "explain", "--family", ""), ["ipv4", "ipv6"]);
  assert.deepEqual(offeredByBash("uplink", "explain", "wan"), ["wan0", "wan1"]);
});

test("bash offers files to a command that takes one", () => {
  const file = { name: "FILE", summary: "a file", completion: "files" } as const;
  const command = { words: ["read"], summary: "reads", options: [], operands: [file], load: () => Promise.reject() };
  assert.ok(offeredOf(["read", "/etc/host"], [command]).includes("/etc/hosts"));
});

test("the scripts of zsh and fish name every command and option", () => {
  for (const shell of ["zsh", "fish"] as const) {
    const script = completionScript(shell, commands);
    for (const { words, options } of commands) {
      for (const word of [...words, ...options.map(({ name }) => name)])
        assert.ok(script.includes(word), `${shell}: ${word}`);
    }
  }
});
