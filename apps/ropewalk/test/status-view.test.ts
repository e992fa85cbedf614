import assert from "node:assert/strict";
import { test } from "node:test";
import type { StandingName } from "@ropewalk/api/steering";
import { boardBody, boardHead } from "../src/render/board.ts";
import { createPaint, isColourWanted } from "../src/render/paint.ts";
import { statusLines } from "../src/render/status-view.ts";
import { addressTable } from "../src/render/uplink-table.ts";
import { uplinkLines } from "../src/render/uplink-view.ts";
import { deadWan0, measured, picture, slowWan1, wan0, wan1 } from "./picture.ts";

const view = { paint: createPaint(false), columns: undefined };

test("status says of each uplink how it is and why, what was measured, and where traffic goes", () => {
  assert.deepEqual(statusLines(measured, view), [
    "UPLINK        STATE     WHY             RTT     LOSS   SCORE  IPV4      IPV6  PROBES A DAY",
    "wan0          down      beyond gateway  -       -      -      down      -     normal, 21 MB",
    "wan1 (spare)  degraded  latency         512 ms  0.4 %  757    degraded  -     eco, 780 kB",
    "",
    "IPv4 is online. Its traffic is lost: the kernel's own routes send it by wan0, which is down (beyond gateway).",
    "IPv6 is offline. Its traffic has no way out by any uplink.",
    "Ropewalk would choose wan1: wan1 is the only one that answers",
    "  not wan0: wan0's gateway answers and nothing beyond it does",
    "  for IPv6 it would choose none: no uplink has IPv6",
    "Ropewalk only watches: it changes no route.",
  ]);
});

test("what is not measured is said to be so, and by which key that is", () => {
  assert.deepEqual(statusLines(picture, view).slice(0, 5), [
    "UPLINK        KIND      STATE    WHY           RTT  LOSS  SCORE  IPV4     IPV6  PROBES A DAY",
    "wan0          ethernet  unknown  not measured  -    -     -      unknown  -     none",
    "wan1 (spare)  lte       down     no carrier    -    -     -      -        -     none",
    "",
    "Whether IPv4 is online is not measured: backhaul.probe.enabled is false. Its traffic goes by wan0, by the kernel's own routes.",
  ]);
});

test("uplink list says where each uplink is, with the address in use first", () => {
  assert.deepEqual(addressTable(picture.backhaul, view), [
    "UPLINK        KIND      STATE    WHY           IPV4             GATEWAY    IPV6",
    "wan0          ethernet  unknown  not measured  192.0.2.7/24 +1  192.0.2.1  -",
    "wan1 (spare)  lte       down     no carrier    -                -          -",
  ]);
});

test("a portal, and an uplink that swallows what the kernel sends by it, are said where traffic is said to go", () => {
  const reason = { code: "http-intercepted", text: "another page came" } as const;
  const portal = { ...deadWan0, ipv4: { ...deadWan0.ipv4, state: "portal", reason } } as const;
  const connectivity = { ...measured.backhaul.connectivity, ipv4: "portal" } as const;
  const backhaul = { ...measured.backhaul, uplinks: [portal], connectivity };
  const text = statusLines({ ...measured, backhaul }, view).join("\n");
  assert.match(
    text,
    /IPv4 is behind a captive portal\. Its traffic goes by wan0, .*ends at its portal \(HTTP replaced\)/,
  );
});

test("each state has its colour, and its word whatever the terminal can", () => {
  const painted = createPaint(true);
  const backhaul = {
    ...measured.backhaul,
    uplinks: (["up", "degraded", "probing", "portal", "down", "unknown"] as const).map((state) => ({
      ...slowWan1,
      id: state,
      state,
    })),
  };
  const text = statusLines({ ...measured, backhaul }, { paint: painted, columns: 200 }).join("\n");
  for (const [code, word] of [
    [32, "up"],
    [33, "degraded"],
    [2, "probing"],
    [35, "portal"],
    [31, "down"],
    [2, "unknown"],
  ]) {
    assert.ok(text.includes(`\u001b[${code}m${word}`), String(word));
  }
});

test("the table takes at most 100 columns where there is no terminal, the kind being what is left out first", () => {
  const long = {
    ...slowWan1,
    name: "wwp0s20f0u3i4",
    label: null,
    kind: "bluetooth-pan",
    reason: deadWan0.reason,
    rttMs: 1_512,
    loss: 0.12,
    score: 1_012,
    ipv6: slowWan1.ipv4,
  } as const;
  const lines = statusLines({ ...measured, backhaul: { ...measured.backhaul, uplinks: [long, deadWan0] } }, view).slice(
    0,
    3,
  );
  for (const line of lines) assert.ok(line.length <= 100, `${line.length}: ${line}`);
  assert.doesNotMatch(lines.join("\n"), /KIND/);
  assert.match(lines.join("\n"), /PROBES A DAY/);
});

test("of many uplinks that were not chosen the first are named and the rest counted", () => {
  const rejected = Array.from({ length: 8 }, (_, index) => ({
    uplinkId: `id${index}`,
    name: `wan${index}`,
    reason: "down",
  }));
  const { overall } = picture.backhaul.decisions;
  const decisions = { ...picture.backhaul.decisions, overall: { ...overall, rejected } };
  const lines = statusLines({ ...picture, backhaul: { ...picture.backhaul, decisions } }, view);
  assert.deepEqual(lines.filter((line) => line.startsWith("  no")).slice(-2), [
    "  not wan4: down",
    "  nor 3 more; --json lists them",
  ]);
});

test("what was not measured is never shown as down or as zero", () => {
  const text = uplinkLines(wan0, picture.backhaul).join("\n");
  assert.match(text, /^ {2}IPv4 quality +not measured$/m);
  assert.match(text, /^ {2}IPv4 score +not measured$/m);
  assert.match(text, /^ {2}probes +none are sent$/m);
  assert.match(text, /^ {2}state +unknown: whether the internet answers is not measured$/m);
  assert.match(uplinkLines(wan1, picture.backhaul).join("\n"), /^ {2}received +not measured$/m);
});

test("an uplink's page says where each thing comes from", () => {
  const text = uplinkLines(wan0, picture.backhaul).join("\n");
  assert.match(text, /^ {2}kind +ethernet, from driver virtio_net$/m);
  assert.match(text, /^ {2}metered +yes, by config$/m);
  assert.match(text, /^ {2}resolvers +no resolver is known for wan0$/m);
  assert.match(text, /^ {2}traffic +IPv4, by the kernel's routes$/m);
});

test("an uplink's page has the figures of each family and what the score is made of", () => {
  const text = uplinkLines(slowWan1, measured.backhaul).join("\n");
  assert.match(text, /^ {2}IPv4 quality +RTT 512 ms, jitter 3\.3 ms, loss 0\.4 %$/m);
  assert.match(text, /^ {2}IPv4 score +757 = latency 0 \+ loss 197 \+ success 500 \+ kind 60$/m);
  assert.match(text, /^ {2}probes +profile eco, 780 kB a day while nothing is wrong$/m);
});

test("a machine without uplinks is told what would make one", () => {
  const backhaul = { ...picture.backhaul, uplinks: [] };
  assert.match(statusLines({ ...picture, backhaul }, view)[0] ?? "", /No uplink: no interface has a gateway/);
});

test("a node that is not well says which part and why; one that is says nothing of it", () => {
  const subsystems = [
    { name: "state", state: "degraded", reason: "the disk is full", since: picture.at },
    { name: "backhaul", state: null, reason: null, since: null },
  ] as const;
  const text = statusLines({ ...picture, health: { state: "degraded", ready: false, subsystems } }, view).join("\n");
  assert.match(
    text,
    /The node itself is degraded:\n {2}state is degraded: the disk is full\n {2}backhaul has not reported yet/,
  );
  assert.doesNotMatch(statusLines(picture, view).join("\n"), /The node itself/);
});

test("a label with a terminal's control characters is made harmless", () => {
  const hostile = { ...wan1, label: "x\u001b[2J" };
  const backhaul = { ...picture.backhaul, uplinks: [hostile] };
  assert.doesNotMatch(statusLines({ ...picture, backhaul }, view).join(""), /\p{Cc}/u);
});

test("on a narrow terminal every line fits and nothing is lost", () => {
  const lines = statusLines(picture, { ...view, columns: 60 });
  for (const text of ["wan1 (spare)", "no carrier", "ethernet", "not measured"]) {
    assert.ok(
      lines.some((line) => line.includes(text)),
      text,
    );
  }
  const table = lines.slice(
    0,
    lines.findIndex((line) => line.startsWith("Whether IPv4")),
  );
  for (const line of table) assert.ok(line.length <= 60, line);
});

test("the board offers nothing that this version does not have", () => {
  const places = {
    program: "ropewalk",
    version: "0.1.0",
    socket: "/run/ropewalk/ropewalk.sock",
    http: undefined,
    configFile: "/etc/ropewalk/ropewalk.toml",
    hasConfigFile: false,
    stateDirectory: "/var/lib/ropewalk",
  };
  const head = boardHead(places).join("\n");
  assert.match(head, /http +off: node\.http = "off"/);
  assert.match(head, /config +defaults; \/etc\/ropewalk\/ropewalk\.toml is not there/);
  const body = boardBody(picture, view).join("\n");
  assert.match(body, /^ {2}moving traffic .*backhaul\.monitor_only = true$/m);
  assert.match(body, /^ {2}mesh .*off: \[mesh\] is not in the configuration$/m);
  assert.match(body, /^ {2}the rest .*not in this version$/m);
  const address = "0123456789abcdef0123456789abcdef";
  const inMesh = { ...picture, mesh: { address, neighbours: 2, reachable: 4 } };
  const meshed = boardBody(inMesh, view).join("\n");
  assert.doesNotMatch(meshed, /^ {2}mesh .*off/m);
  assert.match(meshed, new RegExp(address.slice(0, 8)));
});

test("the board names what keeps traffic from being moved, and nothing while it is moved", () => {
  const bodyWith = (standing: StandingName) =>
    boardBody(
      { ...picture, backhaul: { ...picture.backhaul, steering: { ...picture.backhaul.steering, standing } } },
      view,
    )
      .filter((line) => line.includes("moving traffic"))
      .join("\n");
  assert.match(bodyWith("dry-run"), /only said: backhaul\.execute_commands = false$/);
  assert.match(bodyWith("waiting"), /off until `ropewalk uplink take`$/);
  assert.equal(bodyWith("trial"), "");
  assert.equal(bodyWith("steering"), "");
});

test("the board says what measuring takes and which key ends it, or that it is off", () => {
  const on = boardBody(measured, view).join("\n");
  assert.match(on, /^Probes take 22 MB a day while nothing is wrong; backhaul\.probe\.enabled = false sends none\.$/m);
  assert.doesNotMatch(on, /measuring health/);
  const off = boardBody(picture, view).join("\n");
  assert.match(off, /^ {2}measuring health +off: backhaul\.probe\.enabled = false$/m);
  assert.doesNotMatch(off, /Probes take/);
});

test("colour is for terminals that want it", () => {
  assert.equal(isColourWanted(true, undefined, "xterm"), true);
  assert.equal(isColourWanted(true, "", "xterm"), true);
  assert.equal(isColourWanted(true, "1", "xterm"), false);
  assert.equal(isColourWanted(true, undefined, "dumb"), false);
  assert.equal(isColourWanted(false, undefined, "xterm"), false);
  assert.equal(createPaint(true).bad("x"), "\u001b[31mx\u001b[39m");
});
