/** What a person types and sees, with the real program and a real node. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { stripVTControlCharacters } from "node:util";
import { calledAs } from "../tested-program.ts";
import { NodeInLab, type Started } from "./node-in-lab.ts";

const escapeCharacter = "\u001b";
let place: NodeInLab;
before(async () => {
  place = await NodeInLab.open(2);
});
after(() => place[Symbol.asyncDispose]());

/** `words` on a pseudo-terminal of that size; what it prints goes to standard output. */
function onTerminal(words: readonly string[], columns: number, env: Readonly<Record<string, string>> = {}): Started {
  const prefix = ["script", "--quiet", "--return", "--flush", "--command"];
  const line = `stty cols ${columns} rows 40; exec "$0" "$@"`;
  return place.start(words, { prefix: ["sh", "-c", terminalScript, prefix.join(" "), line], env });
}

/** Hands a command line on as the one string that script(1) takes, through the environment, so that nothing needs quoting. */
const terminalScript = `line="$1"; shift; quoted=""; for word in "$@"; do quoted="$quoted '$word'"; done; exec $0 "sh -c '$line' $quoted" /dev/null`;

test("without a node, status says how to start one and ends with 4", async () => {
  const asked = await place.run(["status"]);
  assert.equal(asked.status, 4);
  assert.equal(asked.stderr, `ropewalk: no Ropewalk answers at ${place.socket}. Start it: ${calledAs} up\n`);
  assert.equal(asked.stdout, "");
});

test("up prints one board, then each change as a line, and no escape sequence where there is no terminal", async () => {
  await using up = place.start(["up"]);
  await up.until("the board is there", () => up.stdout.includes("Ctrl-C stops it."));
  for (const part of [
    "wan0",
    "wan1",
    "virtual",
    place.socket,
    "http://127.0.0.1:7410/v1/status",
    `${calledAs} status`,
  ]) {
    assert.ok(up.stdout.includes(part), part);
  }
  assert.match(up.stdout, /moving traffic +off: backhaul\.monitor_only = true/);
  await place.lab.cut("wan1");
  await up.until("the cut is a line", () => /wan1 changed \(.*state.*\), down: .*carrier/.test(up.stdout));
  await place.lab.heal("wan1");
  await up.until("and so is its end", () => /wan1 changed .*unknown/.test(up.stdout));
  assert.equal(up.stdout.includes(escapeCharacter), false);
  assert.equal(await up.stop("SIGINT"), 0);
  assert.equal(up.stderr, "");
});

test("on a terminal the board is drawn again in place, and no line is wider than the terminal", async () => {
  await using up = onTerminal(["up"], 72);
  await up.until("the board is there", () => up.stdout.includes("Ctrl-C stops it."));
  await place.lab.cut("wan0");
  await up.until("the cut is drawn", () => up.stdout.includes("no carrier"));
  await place.lab.heal("wan0");
  assert.match(up.stdout, new RegExp(`${escapeCharacter}\\[\\d+A\\r${escapeCharacter}\\[J`));
  const body = up.stdout.slice(up.stdout.indexOf("UPLINK"));
  for (const line of body.split("\n")) {
    const plain = stripVTControlCharacters(line).replaceAll("\r", "");
    assert.ok(plain.length <= 72, plain);
  }
});

test("closing the terminal stops the node", async () => {
  await using up = onTerminal(["up"], 72);
  await up.until("the board is there", () => up.stdout.includes("Ctrl-C stops it."));
  // script(1) holds the other end of the terminal.
  await up.process.kill("SIGKILL");
  await up.process.exited;
  const isGone = async () => (await place.run(["status"])).status === 4;
  const end = performance.now() + 40_000;
  while (!(await isGone())) assert.ok(performance.now() < end, "it still runs");
});

test("colour is for terminals, and NO_COLOR turns it off there", async () => {
  await using _node = await place.startNode();
  const piped = await place.run(["status"]);
  assert.equal(piped.status, 0);
  assert.equal(piped.stdout.includes(escapeCharacter), false);
  await using coloured = onTerminal(["status"], 200, { TERM: "xterm" });
  await coloured.process.exited;
  // What was not measured is no good news and no bad.
  assert.match(coloured.stdout, new RegExp(`${escapeCharacter}\\[2munknown`));
  await using plain = onTerminal(["status"], 200, { TERM: "xterm", NO_COLOR: "1" });
  await plain.process.exited;
  assert.match(plain.stdout, /wan0/);
  assert.equal(plain.stdout.includes(escapeCharacter), false);
});

test("status shows every uplink and what traffic does", async () => {
  await using _node = await place.startNode();
  const asked = await place.run(["status"]);
  assert.match(asked.stdout, /^UPLINK +KIND +STATE +WHY +RTT +LOSS +SCORE +IPV4 +IPV6 +PROBES A DAY$/m);
  assert.match(asked.stdout, /^wan0 +virtual +unknown +not measured +- +- +- +unknown +unknown +none$/m);
  assert.match(asked.stdout, /backhaul\.probe\.enabled is false\. Its traffic goes by wan0/);
  const document = JSON.parse((await place.run(["status", "--json"])).stdout);
  assert.equal(document.schema, 2);
  assert.equal(document.backhaul.uplinks[0].rttMs, null);
});

test("a reader that has seen enough is no error", async () => {
  await using _node = await place.startNode();
  const prefix = ["bash", "-o", "pipefail", "-c", '"$@" | head -n 1', "bash"];
  const asked = await place.run(["status", "--json"], { prefix });
  assert.equal(asked.status, 0);
  assert.equal(asked.stderr, "");
});

test("status --watch goes on over a restart of the node, one JSON event a line", async () => {
  const first = await place.startNode();
  await using watch = place.start(["status", "--watch", "--json"]);
  const events = () =>
    watch.stdout
      .split("\n")
      .filter((line) => line !== "")
      .map((line) => JSON.parse(line));
  await watch.until("the snapshot is there", () => events()[0]?.kind === "snapshot");
  await place.lab.cut("wan1");
  await watch.until("the cut is told", () =>
    events().some(({ uplink }) => uplink?.name === "wan1" && uplink.state === "down"),
  );
  await place.lab.heal("wan1");
  await first.stop("SIGTERM");
  await watch.until("it says that the node went away", () => watch.stderr.includes("waiting for it"));
  await using _second = await place.startNode();
  await watch.until(
    "the new node's snapshot is there",
    () => events().filter(({ kind }) => kind === "snapshot").length > 1,
  );
  assert.equal(await watch.stop("SIGINT"), 0);
});

test("uplink list and show name uplinks by interface; an unknown one ends with 7 and the nearest name", async () => {
  await using _node = await place.startNode();
  assert.match((await place.run(["uplink", "list"])).stdout, /^wan1 +virtual +unknown +not measured +\d/m);
  const shown = await place.run(["uplink", "show", "wan0"]);
  assert.match(shown.stdout, /^ {2}IPv4 quality +not measured$/m);
  assert.match(shown.stdout, /^ {2}IPv4 gateway +\d/m);
  const unknown = await place.run(["uplink", "show", "wan7"]);
  assert.equal(unknown.status, 7);
  assert.match(unknown.stderr, /no uplink "wan7"\. Did you mean "wan0"\?/);
});

test("uplink explain says why, for all, for one, and for one family; an unknown one ends with 7", async () => {
  await using _node = await place.startNode();
  const all = await place.run(["uplink", "explain"]);
  assert.equal(all.status, 0, all.stderr);
  assert.match(all.stdout, /^Overall: wan0\. Why: /m);
  assert.match(all.stdout, /^Nothing is measured and no probe is sent: backhaul\.probe\.enabled is false\.$/m);
  assert.match(all.stdout, /^wan1 {2}unknown {2}virtual, /m);
  const one = await place.run(["uplink", "explain", "wan1", "--family", "ipv6"]);
  assert.doesNotMatch(one.stdout, /^wan0 |^ {2}IPv4/m);
  const document = JSON.parse((await place.run(["uplink", "explain", "wan1", "--json"])).stdout);
  assert.deepEqual(
    document.uplinks.map(({ name, label }: { name: string; label: string | null }) => [name, label]),
    [["wan1", null]],
  );
  assert.equal((await place.run(["uplink", "explain", "wan7"])).status, 7);
});

test("doctor names what is there and what is not, as JSON too, and ends with 0 where Ropewalk works", async () => {
  const text = await place.run(["doctor"]);
  assert.equal(text.status, 0, text.stdout);
  assert.match(text.stdout, /good {2}rtnetlink: \d+ interfaces and \d+ default routes read/);
  assert.match(text.stdout, /note {2}probes: off: backhaul\.probe\.enabled = false/);
  const { findings } = JSON.parse((await place.run(["doctor", "--json"])).stdout);
  for (const { state, cost, cure } of findings) {
    if (state === "lack" || state === "fault") assert.ok(cost !== null && cure !== null);
  }
});

test("doctor tells of a lack with 8 when nobody could ask the node", async () => {
  const env = { ROPEWALK_RUNTIME_DIR: "/etc/passwd/below", ROPEWALK_STATE_DIR: join(place.folder, "state") };
  const found = await place.run(["doctor"], { env });
  assert.equal(found.status, 8);
  assert.match(found.stdout, /FAULT socket folder: \/etc\/passwd\/below cannot be written/);
});

test("config check and show speak of the file and the environment", async () => {
  const good = await place.run(["config", "check"]);
  assert.equal(good.status, 0);
  assert.match(good.stdout, /the defaults and the environment have no faults/);
  const bad = await place.run(["config", "check", "--json"], { env: { ROPEWALK_NODE_HTP: "off" } });
  assert.equal(bad.status, 3);
  assert.match(JSON.parse(bad.stdout).faults[0].reason, /ROPEWALK_NODE_HTTP/);
  const shown = await place.run(["config", "show"], { env: { ROPEWALK_NODE_HTTP: "off" } });
  assert.match(shown.stdout, /^http = "off" # environment ROPEWALK_NODE_HTTP$/m);
});
