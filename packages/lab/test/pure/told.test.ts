/** What people and programs are told: the drawing, the faults in words, counters, the command line. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { bitsPerSecond, bytes, millis } from "@ropewalk/kernel/units";
import { parseCounters } from "../../src/pure/counters.ts";
import { drawLab } from "../../src/pure/drawing.ts";
import { faultRules } from "../../src/pure/fault-rules.ts";
import { describeFaults, type UplinkFaults } from "../../src/pure/faults.ts";
import { readMainOptions } from "../../src/pure/main-options.ts";
import { noPacketFaults, type PacketFaults } from "../../src/pure/packet-faults.ts";
import { planUplink } from "../../src/pure/topology.ts";

const whole: UplinkFaults = {
  carrier: "steady",
  packets: noPacketFaults,
  narrowing: undefined,
  delay: undefined,
  reversePath: "loose",
  routes: "present",
};

test("the drawing shows the site, each uplink with address and ISP, and what is wrong", () => {
  const names = ["wan0", "wan1", "lte0", "usb0", "sat0"];
  const uplinks = names.map((name, slot) => ({
    uplink: planUplink(slot, name, 0, {}),
    faults: slot === 2 ? ["cut"] : [],
  }));
  assert.equal(
    drawLab(uplinks),
    [
      "client ── edge ─┬─ wan0  198.18.0.2   isp-a ─┬─ core ─┬─ resolver-1  192.0.2.53",
      "                ├─ wan1  198.18.8.2   isp-b ─┤        ├─ resolver-2  198.51.100.53",
      "                ├─ lte0  198.18.16.2  isp-c ─┤        ├─ target-1  203.0.113.10",
      "                ├─ usb0  198.18.24.2  isp-d ─┤        └─ target-2  203.0.113.130",
      "                └─ sat0  198.18.32.2  isp-e ─┘",
      "lte0: cut",
    ].join("\n"),
  );
});

test("a lab of one uplink keeps its columns", () => {
  const [first, second] = drawLab([{ uplink: planUplink(0, "wan0", 0, {}), faults: [] }]).split("\n");
  assert.equal(first?.indexOf("┬"), second?.indexOf("├"));
});

test("faults are told in words with their units, none for a whole uplink", () => {
  assert.deepEqual(describeFaults(whole), []);
  const broken: UplinkFaults = {
    carrier: "flapping",
    packets: {
      ...noPacketFaults,
      tx: { isBlackhole: true, lossPercent: 0 },
      rx: { isBlackhole: false, lossPercent: 2.5 },
      web: "portal",
    },
    narrowing: { kind: "shape", rate: bitsPerSecond(500_000), queue: millis(50) },
    delay: { delay: millis(80), jitter: millis(10) },
    reversePath: "strict",
    routes: "absent",
  };
  assert.deepEqual(describeFaults(broken), [
    "flapping",
    "tx blackholed",
    "rx loses 2.5 %",
    "behind a portal",
    "shaped to 0.5 Mbit/s",
    "delayed by 80 ± 10 ms each way",
    "strict rp_filter on edge",
    "no default routes on edge",
  ]);
});

test("every fault of packets is told in words of its own", () => {
  const packets: PacketFaults = {
    ...noPacketFaults,
    beyond: "deaf",
    swallowed: ["tcp", "udp"],
    deadFamilies: ["ipv6"],
    largest: bytes(1200),
    tcp: "impostor",
    dns: { kind: "late", by: millis(3000) },
    leases: "withheld",
  };
  const words = describeFaults({ ...whole, packets, narrowing: { kind: "bloat", queue: millis(2000) } });
  assert.deepEqual(words, [
    "ipv6 dead",
    "tcp swallowed",
    "udp swallowed",
    "more than 1200 octets swallowed",
    "deaf beyond its gateway",
    "TCP intercepted",
    "DNS late by 3000 ms",
    "leases withheld",
    "bloated by 2000 ms",
  ]);
  assert.deepEqual(describeFaults({ ...whole, packets: { ...noPacketFaults, dns: { kind: "forged" } } }), [
    "DNS forged",
  ]);
});

test("no faults are one transaction that empties the fault chains and remembers no connection", () => {
  const lines = faultRules(noPacketFaults, 0).trimEnd().split("\n");
  const flushes = ["fault-tx", "fault-rx", "leases", "divert", "tracking"].map(
    (chain) => `flush chain inet lab ${chain}`,
  );
  assert.deepEqual(lines, [...flushes, "add rule inet lab tracking notrack"]);
});

test("who answers in the internet's place remembers connections, but none from before the last change", () => {
  for (const faults of [{ web: "portal" }, { tcp: "impostor" }, { dns: { kind: "forged" } }] as const) {
    const zones = [0, 1, 65_534].map((change) =>
      /ct zone set (\d+)/.exec(faultRules({ ...noPacketFaults, ...faults }, change)),
    );
    assert.deepEqual(
      zones.map((zone) => zone?.[1]),
      ["1", "2", "65535"],
    );
  }
});

test("counters are read from nft's JSON by address, and anything else is refused", () => {
  const set = (name: string, elem?: unknown[]) => ({ set: { name, ...(elem === undefined ? {} : { elem }) } });
  const names = ["sent6", "foreign4", "foreign6", "received4", "received6"];
  const elements = [{ elem: { val: "198.18.0.2", counter: { packets: 3, bytes: 252 } } }];
  const listed = { nftables: [{ metainfo: {} }, set("sent4", elements), ...names.map((name) => set(name))] };
  assert.deepEqual(parseCounters(JSON.stringify(listed)), {
    sent: [{ address: "198.18.0.2", packets: 3, bytes: 252 }],
    foreign: [],
    received: [],
  });
  assert.throws(() => parseCounters('{"nftables":[]}'), { code: "LAB_COMMAND_FAILED" });
});

/** What the command line has when nothing is said. */
const none = {
  ...{ uplinks: undefined, ifindexes: undefined, script: undefined },
  ...{ json: undefined, quick: undefined, program: undefined },
  words: [],
};

test("the command line has defaults, and a wrong one is refused before anything starts", () => {
  const defaults = { uplinks: 3, ifindexes: "equal", script: undefined, output: "text", program: undefined };
  assert.deepEqual(readMainOptions(none), { kind: "run", options: defaults });
  for (const wrong of [{ uplinks: "17" }, { uplinks: "two" }, { ifindexes: "some" }, { script: "show; cut" }]) {
    assert.equal(readMainOptions({ ...none, ...wrong }).kind, "invalid", JSON.stringify(wrong));
  }
});

test("a demo has a pace, an output and a program, and no other option", () => {
  const demo = { ...none, words: ["demo"] };
  const usual = { of: "site", pace: "full", output: "text", program: undefined };
  assert.deepEqual(readMainOptions(demo), { kind: "demo", options: usual });
  assert.deepEqual(readMainOptions({ ...demo, quick: true, json: true, program: "main.js" }), {
    kind: "demo",
    options: { of: "site", pace: "quick", output: "json", program: "main.js" },
  });
  for (const story of ["mesh", "tunnel", "vpn"])
    assert.deepEqual(readMainOptions({ ...none, words: [story] }), { kind: "demo", options: { ...usual, of: story } });
  for (const wrong of [{ uplinks: "2" }, { script: "show" }, { words: ["demo", "now"] }, { words: ["tour"] }]) {
    assert.equal(readMainOptions({ ...demo, ...wrong }).kind, "invalid", JSON.stringify(wrong));
  }
  assert.equal(readMainOptions({ ...none, words: [], quick: true }).kind, "invalid");
});
