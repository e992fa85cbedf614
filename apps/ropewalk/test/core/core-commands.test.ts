/** The commands of an exit as they are typed, completed and explained, and what they print. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { CorePeersDocument, CoreStatusDocument } from "@ropewalk/api/core";
import { coreStatusSchema } from "@ropewalk/api/core-schema";
import { commands } from "../../src/command-line/command-table.ts";
import { completionScript } from "../../src/command-line/completion-script.ts";
import { helpText } from "../../src/command-line/help.ts";
import { parseLine } from "../../src/command-line/parse.ts";
import { corePeerTable } from "../../src/render/core-peers-view.ts";
import { coreStatusLines, reconcileText } from "../../src/render/core-status-view.ts";
import { createPaint } from "../../src/render/paint.ts";

const parse = (...argv: readonly string[]) => parseLine(argv, commands);
const paint = createPaint(false);

test("core alone runs the exit, and with a word more asks it", () => {
  const [own, status] = [parse("core", "--config", "x.toml"), parse("core", "status", "--json")];
  assert.ok(own.kind === "run" && status.kind === "run");
  assert.deepEqual(own.command.words, ["core"]);
  assert.equal(own.given.values.get("config"), "x.toml");
  assert.deepEqual(status.command.words, ["core", "status"]);
});

test("a word that is none of its commands is told with the nearest, and runs nothing", () => {
  const line = parse("core", "peer");
  assert.ok(line.kind === "fault");
  assert.match(line.message, /unknown command "core peer"; did you mean "peers"\?/);
});

test("help of core says what it does, and which commands there are besides", () => {
  const text = helpText(["core"], commands, "ropewalk") ?? "";
  assert.match(text, /^Usage: ropewalk core \[--config FILE\]/);
  assert.match(text, /Besides:\n {2}core status .*\n(?:.*\n)*? {2}core purge/);
});

test("shells complete what follows core, its own options among it", () => {
  const bash = completionScript("bash", commands);
  const [longer, shorter] = [bash.indexOf('" core status "*'), bash.indexOf('" core "*')];
  assert.ok(longer > 0 && longer < shorter, "the longer pattern is looked at first");
  assert.match(bash, /" core "\*\) words="status peers reconcile purge --help --config"/);
});

const status: CoreStatusDocument = {
  ...{ schema: 1, version: "0.1.0", pid: 1, startedAt: 0, at: 60_000 },
  health: {
    state: "degraded",
    ready: true,
    subsystems: [{ name: "entry", state: "degraded", reason: "away", since: null }],
  },
  device: {
    name: "wg0",
    driver: "kernel",
    publicKey: "key",
    listenPort: 51_820,
    endpoint: "exit.example:51820",
    mtu: 1420,
  },
  ...{ pools: ["10.90.0.0/24"], ownAddresses: ["10.90.0.1"] },
  counts: { peers: 2, capacity: 253, strangers: 1, tombstones: 0, resting: 3 },
  orders: { boot: "b", latestGeneration: 7, watermark: 5, wantsSnapshot: false },
  entry: { address: "entry.example:7441", heardAt: 55_000, fault: "no answer\u001b[2J", isAdmitted: true },
  reconcile: { at: 50_000, tookMs: 12, added: 1, removed: 0, updated: 2 },
  drops: [
    { reason: "no-lease", packets: 4, bytes: 240 },
    { reason: "metadata", packets: 0, bytes: 0 },
  ],
};

test("status says whom it carries, what entry said, what differed and what was dropped", () => {
  assert.deepEqual(coreStatusSchema.parse(structuredClone(status)), status);
  const text = coreStatusLines(status, paint).join("\n");
  assert.match(
    text,
    /^Exit exit\.example:51820 on wg0 \(the kernel's WireGuard\): degraded\.\n2 of 253 peers carried, 1 strangers, 3 addresses rest\.\n/,
  );
  assert.match(text, /orders +up to 7, snapshot up to 5/);
  assert.match(text, /entry +entry\.example:7441, heard 5 s ago: no answer/);
  assert.match(text, /device +compared 10 s ago: 1 added, 0 removed, 2 put right/);
  assert.match(text, /Dropped:\n {2}no-lease +4 packets +240 B\n/);
  assert.doesNotMatch(text, /metadata/);
  assert.ok(!text.includes("\u001b"), "what entry says cannot move the cursor");
});

test("a comparison in which nothing differed says so", () => {
  const none = { at: 0, tookMs: 4, added: 0, removed: 0, updated: 0 };
  assert.equal(reconcileText(none), "Compared in 4 ms: nothing differed.");
});

test("peers are a row each, with their traffic only where it is counted", () => {
  const peer = {
    ...{ placement: "p1", generation: 1, publicKey: "key", addresses: ["10.90.0.2", "fd90::2"] },
    ...{ hasPresharedKey: true, leaseLeftMs: 90_000, traffic: null },
  };
  const table = (peers: CorePeersDocument["peers"]) =>
    corePeerTable({ schema: 1, at: 100_000, peers }, { paint, columns: undefined });
  assert.deepEqual(table([]), ["No peers."]);
  assert.match(table([peer]).join("\n"), /^PLACEMENT .*LEASE LEFT\np1 +key +10\.90\.0\.2 fd90::2 +yes +90 s$/);
  const traffic = { receivedBytes: 2_000, sentBytes: 1, lastHandshakeAt: 40_000 };
  assert.match(table([{ ...peer, traffic }]).join("\n"), /HANDSHAKE +RECEIVED +SENT\n.*60 s ago +2 kB +1 B/);
});
