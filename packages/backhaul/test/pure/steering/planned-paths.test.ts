/** Which ways out a plan may use, and in which order. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { SlottedUplink } from "@ropewalk/backhaul/pure/connectivity";
import { plannedPaths } from "@ropewalk/backhaul/pure/steering/planned-paths";
import type { Decision, DecisionScope, FamilyStatus, UplinkReasonCode, UplinkStatus } from "@ropewalk/backhaul/status";
import { type Family, ipAddress } from "@ropewalk/kernel/addresses";
import type { UplinkId } from "@ropewalk/kernel/connectivity";
import { bytes } from "@ropewalk/kernel/units";
import { as } from "../choice-fixture.ts";

function family(slot: number, which: Family, code: UplinkReasonCode): FamilyStatus {
  const address = ipAddress(which === "ipv4" ? `10.0.${slot}.2` : `2001:db8:${slot}::2`);
  return {
    ...as(code),
    figures: { rttMs: null, jitterMs: null, loss: null, score: null },
    source: code === "no-address" ? null : address,
    addresses: [{ address, length: which === "ipv4" ? 24 : 64 }],
    gateway: null,
    metric: code === "no-route" ? null : 100,
    network: null,
  };
}

function uplink(slot: number, code: UplinkReasonCode, ipv6: UplinkReasonCode = "no-address"): SlottedUplink {
  const ipv4 = family(slot, "ipv4", code);
  const status: UplinkStatus = {
    id: `mac-${slot}` as UplinkId,
    name: `wan${slot}`,
    label: null,
    ifindex: 10 + slot,
    kind: "ethernet",
    kindSource: "driver e1000e",
    state: ipv4.state,
    reason: ipv4.reason,
    mtu: bytes(1_500),
    ipv4,
    ipv6: family(slot, "ipv6", ipv6),
    resolvers: { servers: [], source: null, detail: "none" },
    metered: { value: null, source: null },
    speedMbps: null,
    counters: null,
    rttMs: null,
    loss: null,
    score: null,
    probing: null,
  };
  return { status, slot };
}

function deciding(slot: number | undefined): Readonly<Record<DecisionScope, Decision>> {
  const uplinkId = slot === undefined ? null : (`mac-${slot}` as UplinkId);
  const decision: Decision = { uplinkId, name: null, reason: "", rejected: [], order: null, kernel: null };
  return { ipv4: decision, ipv6: decision, overall: decision };
}

const slots = (uplinks: readonly SlottedUplink[], chosen?: number) =>
  plannedPaths(uplinks, deciding(chosen)).map(({ slot, family }) => `${family} ${slot}`);

test("first the one that was decided for, then what carries traffic, then what may, and the dead as a last resort", () => {
  const uplinks = [uplink(1, "silent"), uplink(2, "not-measured"), uplink(3, "healthy"), uplink(4, "mtu")];
  assert.deepEqual(slots(uplinks, 2), ["ipv4 2", "ipv4 3", "ipv4 4", "ipv4 1"]);
  assert.deepEqual(slots(uplinks), ["ipv4 3", "ipv4 4", "ipv4 2", "ipv4 1"]);
});

test("what has no address or no route of anybody's is no way out; what only lost its carrier stays one", () => {
  const uplinks = [uplink(1, "no-address"), uplink(2, "no-route"), uplink(3, "no-carrier")];
  assert.deepEqual(slots(uplinks), ["ipv4 3"]);
});

test("each family has its own order", () => {
  const uplinks = [uplink(1, "silent", "healthy"), uplink(2, "healthy", "silent")];
  assert.deepEqual(slots(uplinks), ["ipv4 2", "ipv4 1", "ipv6 1", "ipv6 2"]);
});
