/** Every kind of input as its line begins, and back. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { ProbeResult } from "@ropewalk/backhaul/pure/health/probe";
import { initialState } from "@ropewalk/backhaul/pure/machine";
import { encodeInput, type KnownBefore, readInput } from "@ropewalk/backhaul/pure/replay/input-text";
import { encodeValue, readValue } from "@ropewalk/backhaul/pure/replay/value-codec";
import type { BackhaulInput, TrafficCounts } from "@ropewalk/backhaul/pure/state";
import type { UplinkId } from "@ropewalk/kernel/connectivity";
import { bytes, millis } from "@ropewalk/kernel/units";
import { addressFacts, deviceFacts, linkFacts, networkFacts } from "../facts-fixture.ts";

const at = millis(1234.5);
const nothingKnown: KnownBefore = { state: initialState, counts: new Map() };

function readBack(text: string, known: KnownBefore): BackhaulInput {
  const line = readValue(`${text},"rest"]`);
  assert.ok(line.kind === "value" && Array.isArray(line.value), text);
  const read = readInput(line.value, known);
  assert.ok(read.kind === "input", JSON.stringify(read));
  assert.deepEqual(read.rest, ["rest"]);
  return read.input;
}

/** The text of an input, which leads back to it. */
function textOf(input: BackhaulInput, known: KnownBefore = nothingKnown): string {
  const text = encodeInput(input, known);
  assert.equal(encodeValue(readBack(text, known)), encodeValue(input));
  return text;
}

function probed(result: ProbeResult): string {
  return textOf({ kind: "probed", at, outcome: { id: 77, result, traffic: { sent: 84, received: 60 } } });
}

test("a tick is its time and when it was due", () => {
  assert.equal(textOf({ kind: "tick", at, due: millis(1234) }), '["tick",1234.5,1234');
});

test("an answered probe is its round trip, any other the whole result", () => {
  assert.equal(probed({ kind: "answered", rtt: millis(8.25) }), '["probed",1234.5,77,8.25,84,60');
  assert.equal(probed({ kind: "silent" }), '["probed",1234.5,77,{"kind":"silent"},84,60');
  assert.equal(
    probed({ kind: "limited", size: bytes(1280) }),
    '["probed",1234.5,77,{"kind":"limited","size":1280},84,60',
  );
});

test("traffic is told as the difference to the counts before, also when a counter began again", () => {
  const counts = (receivedBytes: number, receivedPackets: number, sentPackets: number): TrafficCounts => {
    return { receivedBytes, receivedPackets, sentPackets };
  };
  const known = {
    ...nothingKnown,
    counts: new Map([
      [2, counts(1000, 10, 5)],
      [3, counts(7, 1, 1)],
    ]),
  };
  const now = new Map([
    [2, counts(1500, 11, 5)],
    [3, counts(7, 1, 1)],
    [4, counts(60, 1, 0)],
  ]);
  assert.equal(textOf({ kind: "traffic", at, counts: now }, known), '["traffic",1234.5,[[2,500,1,0],[3],[4,60,1,0]]');
  const again = new Map([[2, counts(0, 0, 0)]]);
  assert.equal(textOf({ kind: "traffic", at, counts: again }, known), '["traffic",1234.5,[[2,-1000,-10,-5]]');
});

test("a count from which no difference leads back is told as it is", () => {
  const known = { ...nothingKnown, counts: new Map([[2, { receivedBytes: 0.1, receivedPackets: 0, sentPackets: 0 }]]) };
  const counts = new Map([[2, { receivedBytes: 2 ** 60, receivedPackets: 0, sentPackets: 0 }]]);
  assert.match(textOf({ kind: "traffic", at, counts }, known), /\[2,\{"receivedBytes":1152921504606847000,/);
});

test("a network is told as the difference to the one that is known", () => {
  const link = linkFacts();
  const before = networkFacts([link, linkFacts({ ifindex: 3 })], { addresses: [addressFacts("192.0.2.2/24")] });
  const known = { ...nothingKnown, state: { ...initialState, network: before } };
  assert.equal(textOf({ kind: "network", at, facts: before }, known), '["network",1234.5,null');
  assert.equal(
    textOf(
      {
        kind: "network",
        at,
        facts: { ...before, links: new Map([...before.links, [2, { ...link, hasCarrier: false }]]) },
      },
      known,
    ),
    '["network",1234.5,{"links":["map",[],[[2,{"hasCarrier":[false]}]]]}',
  );
  assert.equal(
    textOf({ kind: "network", at, facts: { ...before, addresses: [] } }, known),
    '["network",1234.5,{"addresses":["splice",0,1,[]]}',
  );
  textOf({ kind: "network", at, facts: before });
});

test("what is rare is told in full", () => {
  assert.equal(textOf({ kind: "config", at }), '["config",1234.5');
  textOf({
    kind: "devices",
    at,
    answers: [
      { ifindex: 2, name: "eth0", facts: deviceFacts() },
      { ifindex: 3, name: "$x", facts: undefined },
    ],
  });
  textOf({
    kind: "remembered",
    at,
    uplinks: [{ id: "mac-1" as UplinkId, slot: 1, interfaceName: "eth0", mac: undefined }],
  });
});

test("what the operator says, and said in an earlier run, is told in full", () => {
  const uplinkId = "mac-1" as UplinkId;
  assert.equal(
    textOf({ kind: "order", at, order: { kind: "pin", uplinkId } }),
    '["order",1234.5,{"kind":"pin","uplinkId":"mac-1"}',
  );
  textOf({ kind: "order", at, order: { kind: "release", uplinkId: undefined } });
  textOf({ kind: "standing-orders", at, orders: { pinned: undefined, drained: [uplinkId] } });
});

test("a line that is no input is refused with the reason", () => {
  const lines: readonly (readonly [readonly unknown[], RegExp])[] = [
    [[], /no time/],
    [["tick", -1, 2], /no time/],
    [["tick", 1, "2"], /no due time/],
    [["probed", 1, 2, "x", 3, 4], /no outcome/],
    [["traffic", 1, 2], /no counts/],
    [["traffic", 1, [["x"]]], /of no interface/],
    [["network", 1, { a: [1] }], /no object to change/],
    [["network", 1, null], /no facts/],
    [["devices", 1, null], /no answers/],
    [["remembered", 1, {}], /no uplinks/],
    [["order", 1, "pin"], /no order/],
    [["standing-orders", 1, []], /no orders/],
    [["bogus", 1], /no known kind/],
  ];
  for (const [line, reason] of lines) {
    const read = readInput(line, nothingKnown);
    assert.ok(read.kind === "malformed", JSON.stringify(line));
    assert.match(read.reason, reason);
  }
});
