/** What the rest of the node is told of the internet, for every mixture of measured and unmeasured uplinks. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { choose, noChoice } from "@ropewalk/backhaul/pure/choice";
import { candidateOf, connectivityOf, type SlottedUplink } from "@ropewalk/backhaul/pure/connectivity";
import type { Decision, DecisionScope, FamilyStatus, UplinkReasonCode, UplinkStatus } from "@ropewalk/backhaul/status";
import { type Family, ipAddress } from "@ropewalk/kernel/addresses";
import type { UplinkId } from "@ropewalk/kernel/connectivity";
import { bytes, millis } from "@ropewalk/kernel/units";
import { as, config, score } from "./choice-fixture.ts";

function family(which: Family, code: UplinkReasonCode, total: number | null = null): FamilyStatus {
  const address = ipAddress(which === "ipv4" ? "192.0.2.7" : "2001:db8::7");
  return {
    ...as(code),
    figures: { rttMs: null, jitterMs: null, loss: null, score: total === null ? null : score(total) },
    source: code === "no-address" ? null : address,
    addresses: [],
    gateway: null,
    wayOut: code === "no-route" ? null : "route",
    metric: code === "no-route" ? null : 100,
    network: null,
  };
}

/** The uplink's own state is that of the family given first. */
function uplink(name: string, ipv4: FamilyStatus, ipv6: FamilyStatus, told: FamilyStatus = ipv4): SlottedUplink {
  const status: UplinkStatus = {
    id: `mac-${name}` as UplinkId,
    name,
    label: null,
    ifindex: 2,
    kind: "ethernet",
    kindSource: "driver e1000e",
    state: told.state,
    reason: told.reason,
    mtu: bytes(1_500),
    ipv4,
    ipv6,
    resolvers: { servers: [], source: null, detail: "none" },
    metered: { value: null, source: null },
    speedMbps: null,
    counters: null,
    rttMs: null,
    loss: null,
    score: told.figures.score?.total ?? null,
    probing: null,
  };
  return { status, slot: 1 };
}

const none = family("ipv6", "no-address");

function decisionsFor(uplinks: readonly SlottedUplink[]): Readonly<Record<DecisionScope, Decision>> {
  const decide = (scope: DecisionScope) => {
    const candidates = uplinks.map(({ status }) => candidateOf(status, scope));
    return choose(noChoice, candidates, null, millis(0), config).decision;
  };
  return { ipv4: decide("ipv4"), ipv6: decide("ipv6"), overall: decide("overall") };
}

function connectivity(...uplinks: readonly SlottedUplink[]) {
  return connectivityOf(uplinks, decisionsFor(uplinks), true);
}

/** What IPv4 is said to be when its uplinks are in these states. */
function told(...codes: readonly UplinkReasonCode[]): string {
  return connectivity(...codes.map((code, index) => uplink(`w${index}`, family("ipv4", code), none))).ipv4;
}

test("online is what some uplink was measured to be, however degraded", () => {
  for (const code of ["healthy", "tcp-blocked", "mtu", "loss"] as const) {
    assert.equal(told("silent", code, "http-intercepted", "not-measured"), "online", code);
  }
});

test("behind a portal is a node that no uplink carries and some portal answers", () => {
  assert.equal(told("tls-name-mismatch"), "portal");
  assert.equal(told("silent", "dns-rewritten", "starting"), "portal");
});

test("offline is only what every uplink was seen or measured to be; without a route it is no way out", () => {
  assert.equal(told(), "offline");
  assert.equal(told("silent", "no-carrier", "beyond-gateway"), "offline");
  assert.equal(told("no-address", "no-route"), "offline");
});

test("whatever may carry traffic and was not judged keeps a node from being called offline", () => {
  for (const code of ["not-measured", "strict-rp-filter", "starting", "returning", "suppressed"] as const) {
    assert.equal(told("silent", code), "unknown", code);
  }
  assert.equal(connectivityOf([], decisionsFor([]), false).ipv4, "unknown");
});

test("the families are told apart", () => {
  const { ipv4, ipv6, usable } = connectivity(uplink("a", family("ipv4", "silent"), family("ipv6", "healthy")));
  assert.deepEqual([ipv4, ipv6], ["offline", "online"]);
  assert.deepEqual(
    usable.map((path) => path.family),
    ["ipv6"],
  );
});

test("a usable path bears its measured state and score; down, behind a portal and without a route there is none", () => {
  const { usable } = connectivity(
    uplink("a", family("ipv4", "loss", 700), family("ipv6", "dns-rewritten", 600)),
    uplink("b", family("ipv4", "silent"), family("ipv6", "no-route")),
  );
  assert.deepEqual(
    usable.map(({ name, family: own, state, score: total }) => [name, own, state, total]),
    [["a", "ipv4", "degraded", 700]],
  );
});

test("the path that was decided for comes first, then the others, best first", () => {
  const uplinks = [
    uplink("dead", family("ipv4", "silent"), none),
    uplink("new", family("ipv4", "starting"), none),
    uplink("lame", family("ipv4", "mtu", 900), none),
    uplink("good", family("ipv4", "healthy", 950), none),
    uplink("used", family("ipv4", "healthy", 900), none),
  ];
  const decisions = decisionsFor(uplinks);
  const used = { ...decisions.ipv4, uplinkId: "mac-used" as UplinkId };
  const { usable } = connectivityOf(uplinks, { ...decisions, ipv4: used }, true);
  assert.deepEqual(
    usable.map(({ name }) => name),
    ["used", "good", "lame", "new"],
  );
});

test("overall an uplink is judged by the family whose state is its own, and by that one's score and range", () => {
  const { status } = uplink(
    "a",
    family("ipv4", "silent", 900),
    family("ipv6", "healthy", 900),
    family("ipv6", "healthy", 900),
  );
  const candidate = candidateOf(status, "overall", {
    verdictOf: (own) => ({
      range: { low: own === "ipv6" ? 850 : 0, high: 950 },
      isBreaking: false,
    }),
  });
  assert.deepEqual([candidate.state, candidate.score?.total, candidate.range?.low], ["up", 900, 850]);
  const ipv4 = candidateOf(status, "ipv4", { verdictOf: () => undefined });
  assert.deepEqual([ipv4.state, ipv4.score?.total, ipv4.range, ipv4.isUsable], ["down", 900, null, true]);
});

test("overall an uplink is usable by either family", () => {
  const { status } = uplink("a", family("ipv4", "no-route"), none);
  assert.equal(candidateOf(status, "overall").isUsable, false);
  const either = uplink("a", family("ipv4", "not-measured"), none);
  assert.equal(candidateOf(either.status, "overall").isUsable, true);
});
