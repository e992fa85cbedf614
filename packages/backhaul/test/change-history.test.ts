/** What is remembered of changes, in sentences. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { ChangeHistory } from "@ropewalk/backhaul/change-history";
import type { BackhaulEvent, Decision, UplinkStatus } from "@ropewalk/backhaul/status";
import type { UplinkId } from "@ropewalk/kernel/connectivity";
import { millis } from "@ropewalk/kernel/units";
import { addressFacts, linkFacts, networkFacts, routeFacts } from "./pure/facts-fixture.ts";
import { Machine } from "./pure/machine-fixture.ts";

/** The events of a machine that sees one uplink come. */
function comingOf(name: string): readonly BackhaulEvent[] {
  const addresses = [addressFacts("192.0.2.7/24")];
  const facts = networkFacts([linkFacts({ name })], { addresses, routes: [routeFacts({ via: "192.0.2.1" })] });
  return new Machine().see(facts).events();
}

function uplinkOf(events: readonly BackhaulEvent[]): UplinkStatus {
  for (const event of events) if (event.kind === "uplink-added") return event.uplink;
  throw new Error("no uplink came");
}

const uplink = uplinkOf(comingOf("eth2"));

function chosen(name: string | null, reason = "why"): BackhaulEvent {
  const [{ connectivity, decisions }] = comingOf("eth2").flatMap((event) =>
    event.kind === "connectivity" ? [event] : [],
  ) as [Extract<BackhaulEvent, { kind: "connectivity" }>];
  const decision: Decision = { ...decisions.ipv4, name, reason };
  return { kind: "connectivity", connectivity, decisions: { ipv4: decision, ipv6: decisions.ipv6, overall: decision } };
}

function texts(history: ChangeHistory): readonly string[] {
  return history.newestFirst(millis(0)).map(({ text }) => text);
}

test("an uplink that comes and one that goes are told, the latter with the reason", () => {
  const history = new ChangeHistory();
  history.add({ kind: "uplink-added", uplink }, millis(1_000));
  history.add(
    { kind: "uplink-removed", uplinkId: uplink.id, name: "eth2", reason: "its interface is gone" },
    millis(3_000),
  );
  assert.deepEqual(history.newestFirst(millis(10_000)), [
    { agoMs: 7_000, text: "eth2 is gone: its interface is gone" },
    { agoMs: 9_000, text: "eth2 was found" },
  ]);
});

test("of an uplink that changes each family's state is told with its reason, and nothing else", () => {
  const history = new ChangeHistory();
  const changed = ["ipv4.state", "ipv4.reason", "ipv6.state", "rttMs"];
  history.add({ kind: "uplink-changed", uplink, changed }, millis(0));
  history.add({ kind: "uplink-changed", uplink, changed: ["ipv4.figures", "ipv4.reason", "score"] }, millis(1));
  assert.deepEqual(texts(history), [
    `eth2 IPv6 down: ${uplink.ipv6.reason.text}`,
    `eth2 IPv4 unknown: ${uplink.ipv4.reason.text}`,
  ]);
});

test("a choice is told when it is another one, in each scope by itself, and not for another reason", () => {
  const history = new ChangeHistory();
  history.add(chosen("eth2"), millis(0));
  const { length } = texts(history);
  assert.deepEqual(texts(history).slice(0, 1), ["chosen overall: eth2 (why)"]);
  history.add(chosen("eth2", "because"), millis(1));
  assert.equal(texts(history).length, length);
  history.add(chosen("eth3", "better"), millis(2));
  assert.deepEqual(texts(history).slice(0, 2), ["chosen overall: eth3 (better)", "chosen IPv4: eth3 (better)"]);
  history.add(chosen(null, "there is no uplink"), millis(3));
  assert.deepEqual(texts(history).slice(0, 1), ["chosen overall: none (there is no uplink)"]);
});

test("an order is told with its uplink, and why it was refused when it was", () => {
  const history = new ChangeHistory();
  const uplinkId = "x" as UplinkId;
  history.add({ kind: "order", order: "pin", uplinkId, name: "eth2", outcome: { kind: "done" } }, millis(0));
  const outcome = { kind: "refused", reason: "eth2 is pinned: release it first" } as const;
  history.add({ kind: "order", order: "drain", uplinkId, name: "eth2", outcome }, millis(1));
  history.add({ kind: "order", order: "release", uplinkId: null, name: null, outcome: { kind: "done" } }, millis(2));
  assert.deepEqual(texts(history), [
    "the operator said to release all uplinks",
    "the operator said to drain eth2, refused: eth2 is pinned: release it first",
    "the operator said to pin eth2",
  ]);
});

test("the last 64 changes are kept", () => {
  const history = new ChangeHistory();
  for (let number = 0; number < 100; number += 1) {
    history.add(
      { kind: "uplink-removed", uplinkId: "x" as UplinkId, name: `eth${number}`, reason: "gone" },
      millis(number),
    );
  }
  const kept = texts(history);
  assert.deepEqual([kept.length, kept[0], kept.at(-1)], [64, "eth99 is gone: gone", "eth36 is gone: gone"]);
});
