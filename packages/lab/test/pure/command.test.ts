import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { commandHelp, parseCommand, splitScript } from "../../src/pure/command.ts";

function read(text: string): unknown {
  const parsed = parseCommand(text);
  return parsed.kind === "command" ? parsed.command : parsed.kind;
}

test("every verb is read with its quantities in their units", () => {
  assert.deepEqual(read("cut wan0"), { kind: "cut", uplink: "wan0" });
  assert.deepEqual(read("blackhole wan1"), { kind: "blackhole", uplink: "wan1", which: "both" });
  assert.deepEqual(read(" blackhole  wan1 rx "), { kind: "blackhole", uplink: "wan1", which: "rx" });
  assert.deepEqual(read("lose wan0 0.5% tx"), { kind: "lose", uplink: "wan0", percent: 0.5, which: "tx" });
  assert.deepEqual(read("shape wan0 5mbit"), { kind: "shape", uplink: "wan0", rate: 5_000_000 });
  assert.deepEqual(read("shape wan0 off"), { kind: "shape", uplink: "wan0", rate: undefined });
  assert.deepEqual(read("delay wan0 1.5s 10ms"), { kind: "delay", uplink: "wan0", delay: 1500, jitter: 10 });
  assert.deepEqual(read("delay wan0 off"), { kind: "delay", uplink: "wan0", delay: undefined, jitter: 0 });
  assert.deepEqual(read("flap wan0 400ms"), { kind: "flap", uplink: "wan0", period: 400 });
  assert.deepEqual(read("rename wan0 lte0"), { kind: "rename", uplink: "wan0", name: "lte0" });
  assert.deepEqual(read("add"), { kind: "add", name: undefined, options: {} });
  assert.deepEqual(read("add lte0"), { kind: "add", name: "lte0", options: {} });
  assert.deepEqual(read("add dhcp"), { kind: "add", name: undefined, options: { addressing: "dhcp" } });
  assert.deepEqual(read("add lte0 shared"), { kind: "add", name: "lte0", options: { subnet: "shared" } });
  assert.deepEqual(read("bloat wan0 2s"), { kind: "bloat", uplink: "wan0", queue: 2000 });
  assert.deepEqual(read("mtu wan0 1200"), { kind: "mtu", uplink: "wan0", largest: 1200 });
  assert.deepEqual(read("mtu wan0 off"), { kind: "mtu", uplink: "wan0", largest: undefined });
  assert.deepEqual(read("slowdns wan0"), { kind: "slowdns", uplink: "wan0", by: 3000 });
  assert.deepEqual(read("only wan0 icmp"), { kind: "only", uplink: "wan0", protocol: "icmp" });
  assert.deepEqual(read("no wan0 udp"), { kind: "no", uplink: "wan0", protocol: "udp" });
  assert.deepEqual(read("kill wan0 ipv6"), { kind: "kill", uplink: "wan0", family: "ipv6" });
  for (const verb of ["intercept", "hijack", "deafen", "expire", "strict", "unroute"]) {
    assert.deepEqual(read(`${verb} wan0`), { kind: verb, uplink: "wan0" });
  }
  assert.deepEqual(read("disturb 200ms"), { kind: "disturb", every: 200 });
  assert.deepEqual(read("wait 2m"), { kind: "wait", duration: 120_000 });
  assert.deepEqual(read("run edge -- ip -6 route"), { kind: "run", host: "edge", words: ["ip", "-6", "route"] });
  assert.deepEqual(read("ropewalk status --json"), { kind: "ropewalk", words: ["status", "--json"] });
  assert.equal(read("   "), "empty");
});

test("a verb with wrong words is answered with its usage, an unknown one with where to look", () => {
  const wrong = [
    "cut",
    "cut wan0 now",
    "lose wan0 101",
    "lose wan0 -1",
    "shape wan0 5",
    "shape wan0 1kbits",
    "delay wan0 fast",
    "no wan0",
    "only wan0 http",
    "kill wan0 both",
    "mtu wan0 big",
    "mtu wan0",
    "bloat wan0",
    "strict wan0 now",
    "add one two",
  ];
  for (const text of [...wrong, "flap wan0", "blackhole wan0 up", "wait", "run edge ls", "run edge --", "quit now"]) {
    const parsed = parseCommand(text);
    assert.ok(parsed.kind === "invalid" && parsed.reason.startsWith("say: "), `${text}: ${JSON.stringify(parsed)}`);
  }
  assert.deepEqual(parseCommand("explode wan0"), {
    kind: "invalid",
    reason: 'there is no command "explode"; "help" lists them',
  });
});

test("every usage names a verb that the parser knows", () => {
  for (const { usage } of commandHelp) {
    for (const verb of usage.split(", ").map((part) => part.split(" ")[0] ?? "")) {
      const parsed = parseCommand(`${verb} x y z w`);
      assert.ok(parsed.kind !== "invalid" || !parsed.reason.startsWith("there is no"), verb);
    }
  }
});

test("any text is read or refused, never thrown at", () => {
  const verbs = fc.constantFrom(
    "cut",
    "lose",
    "mtu",
    "no",
    "add",
    "shape",
    "run",
    "flap",
    "constructor",
    "__proto__",
    "",
  );
  fc.assert(
    fc.property(verbs, fc.string({ maxLength: 80 }), (verb, rest) => {
      assert.ok(["command", "empty", "invalid"].includes(parseCommand(`${verb} ${rest}`).kind));
    }),
    { numRuns: 5000 },
  );
});

test("a script is divided by semicolons and lines, blanks left out", () => {
  assert.deepEqual(splitScript("cut wan0; wait 1s;\n heal wan0 ;;"), ["cut wan0", "wait 1s", "heal wan0"]);
});
