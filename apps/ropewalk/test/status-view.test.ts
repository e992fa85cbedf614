import assert from "node:assert/strict";
import { test } from "node:test";
import { boardBody, boardHead } from "../src/render/board.ts";
import { createPaint, isColourWanted } from "../src/render/paint.ts";
import { statusLines } from "../src/render/status-view.ts";
import { uplinkLines } from "../src/render/uplink-view.ts";
import { picture, wan0, wan1 } from "./picture.ts";

const view = { paint: createPaint(false), columns: undefined };

test("the table says of each uplink what it is, how it is and why, with the address in use first", () => {
  assert.deepEqual(statusLines(picture, view), [
    "UPLINK        KIND      STATE    WHY           IPV4             GATEWAY    IPV6",
    "wan0          ethernet  unknown  not measured  192.0.2.7/24 +1  192.0.2.1  -",
    "wan1 (spare)  lte       down     no carrier    -                -          -",
    "",
    "IPv4 traffic goes by wan0, by the kernel's own routes.",
    "IPv6 traffic has no way out by any uplink.",
    "Ropewalk would choose wan0: wan0 is the only usable uplink",
    "  not wan1: no carrier",
    "Ropewalk only watches: it changes no route.",
  ]);
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
  assert.match(text, /^ {2}round trip +not measured$/m);
  assert.match(text, /^ {2}loss +not measured$/m);
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
  for (const text of ["wan1 (spare)", "no carrier", "192.0.2.1", "not measured"]) {
    assert.ok(
      lines.some((line) => line.includes(text)),
      text,
    );
  }
  const table = lines.slice(0, lines.indexOf("IPv4 traffic goes by wan0, by the kernel's own routes."));
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
  for (const absent of ["moving traffic", "measuring health", "the rest"]) {
    assert.match(body, new RegExp(`^  ${absent} .*not in this version`, "m"));
  }
});

test("colour is for terminals that want it", () => {
  assert.equal(isColourWanted(true, undefined, "xterm"), true);
  assert.equal(isColourWanted(true, "", "xterm"), true);
  assert.equal(isColourWanted(true, "1", "xterm"), false);
  assert.equal(isColourWanted(true, undefined, "dumb"), false);
  assert.equal(isColourWanted(false, undefined, "xterm"), false);
  assert.equal(createPaint(true).bad("x"), "\u001b[31mx\u001b[39m");
});
