import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { commands } from "../src/command-line/command-table.ts";
import { parseLine } from "../src/command-line/parse.ts";

const parse = (...argv: string[]) => parseLine(argv, commands);

function faultOf(...argv: string[]): string {
  const line = parse(...argv);
  assert.equal(line.kind, "fault");
  return line.message;
}

test("a command of two words is found, with its operand and its flags in any order", () => {
  for (const argv of [
    ["uplink", "show", "eth0", "--json"],
    ["uplink", "show", "--json", "eth0"],
  ]) {
    const line = parse(...argv);
    assert.equal(line.kind, "run");
    assert.deepEqual(line.command.words, ["uplink", "show"]);
    assert.deepEqual(line.given.operands, ["eth0"]);
    assert.ok(line.given.flags.has("json"));
  }
});

test("a command of three words is found, and what is missing of it is named", () => {
  const line = parse("mesh", "id", "show", "mesh.key");
  assert.equal(line.kind, "run");
  assert.deepEqual(line.command.words, ["mesh", "id", "show"]);
  assert.deepEqual(line.given.operands, ["mesh.key"]);
  assert.equal(faultOf("mesh", "id"), '"mesh id" needs one of: new, show, import');
  assert.equal(faultOf("mesh", "id", "shwo"), 'unknown command "mesh id shwo"; did you mean "show"?');
});

test("an option's value may follow after a space or an equals sign", () => {
  for (const argv of [
    ["up", "--config", "a.toml"],
    ["up", "--config=a.toml"],
  ]) {
    const line = parse(...argv);
    assert.equal(line.kind === "run" && line.given.values.get("config"), "a.toml");
  }
});

test("a word that looks like an option is an operand after two dashes", () => {
  const line = parse("uplink", "show", "--", "--json");
  assert.deepEqual(line.kind === "run" && line.given.operands, ["--json"]);
});

test("a mistyped command or option is answered with the nearest one", () => {
  assert.equal(faultOf("stauts"), 'unknown command "stauts"; did you mean "status"?');
  assert.equal(faultOf("uplink", "lits"), 'unknown command "uplink lits"; did you mean "list"?');
  assert.equal(faultOf("status", "--wach"), 'unknown option "--wach"; did you mean "--watch"?');
});

test("a word that is near nothing gets no suggestion", () => {
  assert.equal(faultOf("frobnicate"), 'unknown command "frobnicate"');
});

test("what is missing, too much or impossible is named", () => {
  assert.equal(
    faultOf("uplink"),
    '"uplink" needs one of: list, show, explain, plan, use, pin, drain, release, take, confirm, purge',
  );
  assert.match(faultOf("uplink", "show"), /needs NAME/);
  assert.match(faultOf("status", "eth0"), /"eth0" is too much/);
  assert.match(faultOf("up", "--config"), /needs a value: FILE/);
  assert.match(faultOf("status", "--json=yes"), /takes no value/);
  assert.match(faultOf("completion", "tcsh"), /one of: bash, zsh, fish/);
});

test("an operand that may be left out may be, and a value of a list must be one of it", () => {
  const all = parse("uplink", "explain");
  assert.deepEqual(all.kind === "run" && all.given.operands, []);
  const one = parse("uplink", "explain", "--family", "ipv6", "wan0");
  assert.deepEqual(one.kind === "run" && one.given.operands, ["wan0"]);
  assert.equal(one.kind === "run" && one.given.values.get("family"), "ipv6");
  assert.match(faultOf("uplink", "explain", "wan0", "wan1"), /"wan1" is too much/);
  assert.equal(faultOf("uplink", "explain", "--family=ipv5"), '--family cannot be "ipv5"; it is one of: ipv4, ipv6');
});

test("--help wins wherever it stands, also beside what would be a fault", () => {
  assert.deepEqual(parse("--help"), { kind: "help", words: [] });
  assert.deepEqual(parse("uplink", "--help"), { kind: "help", words: ["uplink"] });
  assert.deepEqual(parse("uplink", "show", "--help"), { kind: "help", words: ["uplink", "show"] });
  assert.deepEqual(parse("help", "config", "check"), { kind: "help", words: ["config", "check"] });
});

test("no words at all ask for help, and --version for the version", () => {
  assert.deepEqual(parse(), { kind: "help", words: [] });
  assert.deepEqual(parse("--version"), { kind: "version" });
});

test("any words give an answer and never an exception", () => {
  const vocabulary = [
    "up",
    "uplink",
    "show",
    "--json",
    "--config",
    "--",
    "-h",
    "--config=",
    "-",
    "",
    "completion",
    "bash",
  ];
  const words = fc.oneof(fc.constantFrom(...vocabulary), fc.string());
  fc.assert(
    fc.property(fc.array(words, { maxLength: 6 }), (argv) => {
      const line = parseLine(argv, commands);
      if (line.kind === "fault") assert.notEqual(line.message, "");
    }),
    { numRuns: 2_000 },
  );
});

test("the commands of the tunnel take a role of two, and nothing where a file or a duration is meant", () => {
  const status = parse("tunnel", "status", "--role", "source", "--watch");
  assert.equal(status.kind === "run" && status.given.values.get("role"), "source");
  assert.match(
    faultOf("tunnel", "status", "--role", "both"),
    /--role cannot be "both"; it is one of: source, destination/,
  );
  const trial = parse("tunnel", "try", "--cut-every=5s", "--for", "10s", "--json");
  assert.equal(trial.kind === "run" && trial.given.values.get("cut-every"), "5s");
  assert.match(faultOf("tunnel", "source", "hub.example"), /takes nothing more/);
  assert.match(faultOf("tunnel"), /"tunnel" needs one of: try, source, destination, status, streams, events/);
});

test("an option whose value may be left out takes one behind an equals sign alone", () => {
  const given = (...argv: string[]) => {
    const line = parse("mesh", "send", ...argv);
    assert.equal(line.kind, "run");
    return line.given;
  };
  assert.equal(given("anna", "hello", "--wait=30s").values.get("wait"), "30s");
  const without = given("anna", "--wait", "hello");
  assert.ok(without.flags.has("wait"));
  assert.deepEqual([without.values.get("wait"), without.operands], [undefined, ["anna", "hello"]]);
});
