/** What the evidence says: each cause by itself, and which is told when several hold. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { type Check, type CheckRole, withResult } from "@ropewalk/backhaul/pure/health/checks";
import { diagnose, type Evidence, successShare } from "@ropewalk/backhaul/pure/health/diagnosis";
import type { ProbeQuestion, ProbeResult } from "@ropewalk/backhaul/pure/health/probe";
import type { LossEstimate } from "@ropewalk/backhaul/pure/health/quality-window";
import type { RttEstimate } from "@ropewalk/backhaul/pure/health/rtt";
import { bytes, millis, seconds } from "@ropewalk/kernel/units";
import { healthConfig, ip } from "./rig.ts";

const target = ip("203.0.113.10");
const resolver = ip("192.0.2.53");
const dns = { kind: "dns", resolver, transport: "udp", name: "dns.google", record: "A" } as const;
const questions = {
  echo: { kind: "echo", target: ip("198.18.0.1") },
  tcp: { kind: "tcp", target, port: 443 },
  dns,
  dnsTcp: { ...dns, transport: "tcp" },
  tls: { kind: "tls", target, port: 443, serverName: "t.example" },
  http: { kind: "http", url: "http://page/", status: 204, body: "", resolvers: [resolver] },
  mtu: { kind: "mtu", target, size: bytes(1_500) },
} as const satisfies Record<string, ProbeQuestion>;
type Asked = keyof typeof questions;

const roles: Partial<Record<Asked, CheckRole>> = { echo: "gateway", dns: "resolver", dnsTcp: "fallback", http: "page" };
const labels: Partial<Record<Asked, string>> = { echo: "gateway g", dns: "resolver r", dnsTcp: "resolver r" };

const answered = { kind: "answered", rtt: millis(10) } as const;
const silent = { kind: "silent" } as const;
const hijacked = { kind: "intercepted", detail: "CN=portal" } as const;
const unprivileged = { kind: "unsent", cause: "no-privilege", detail: "EPERM" } as const;

function resolved(address = "8.8.8.8", rtt = 10, rcode = 0): ProbeResult {
  return { kind: "resolved", rtt: millis(rtt), rcode, addresses: address === "" ? [] : [ip(address)] };
}

/** A check that had these results, the last of them at twenty seconds. */
function check(asked: Asked, results: readonly ProbeResult[], role = roles[asked] ?? "target"): Check {
  const question = questions[asked];
  const plan = { key: asked, kind: question.kind, label: labels[asked] ?? "t", role, question } as const;
  const times = { limit: seconds(4), interval: seconds(30), phase: millis(0), delay: millis(0) };
  const none = { nextAt: millis(0), inFlight: undefined, last: undefined, slowAnswers: 0, failures: 0 };
  return results.reduce<Check>((before, result) => withResult(before, result, seconds(20)), {
    plan: { ...plan, ...times },
    ...none,
  });
}

/** What was answered of each kind; of what is not named everything is well. */
type Results = Partial<Record<Asked, readonly ProbeResult[]>>;

function checksWith(results: Results): readonly Check[] {
  const well: Results = {
    echo: [answered],
    tcp: [answered],
    dns: [resolved()],
    dnsTcp: [],
    tls: [answered],
    http: [answered],
    mtu: [answered],
  };
  const all = { ...well, ...results };
  return (Object.keys(questions) as Asked[]).map((asked) => check(asked, all[asked] ?? []));
}

function rtt(smoothed: number, base = smoothed): RttEstimate {
  const times = { variation: millis(1), jitter: millis(1), latest: millis(smoothed), isFirst: false };
  return { smoothed: millis(smoothed), base: millis(base), ...times };
}

function loss(share: number, low: number, samples = 100): LossEstimate {
  return { samples, loss: share, low, high: 1 };
}

function diagnosed(results: Results, rest: Partial<Evidence> = {}, tables: object = {}) {
  const { quality, probe } = healthConfig(tables);
  const evidence: Evidence = {
    name: "wan0",
    checks: checksWith(results),
    life: "alive",
    heardAt: seconds(10),
    rtt: rtt(20),
    loss: loss(0, 0),
    answersEcho: true,
    isRoundComplete: true,
    told: "healthy",
    ...rest,
  };
  return diagnose(evidence, { quality, dns: probe.dns });
}

function told(results: Results, rest?: Partial<Evidence>, tables?: object): string {
  const { kind, reason } = diagnosed(results, rest, tables);
  return `${kind} ${reason.code}`;
}

const twice = (result: ProbeResult) => [result, result];

test("what lives and answers everything is up, once every question was asked", () => {
  assert.equal(told({}), "up healthy");
  assert.equal(told({}, { isRoundComplete: false }), "none healthy");
  assert.equal(told({}, { life: "unheard" }), "none healthy");
});

test("where nothing may be sent nothing is known", () => {
  const all = Object.fromEntries(Object.keys(questions).map((asked) => [asked, [unprivileged]]));
  assert.equal(told(all, { life: "silent" }), "unknown no-privilege");
  assert.match(diagnosed(all, { life: "unheard" }).reason.text, /EPERM/);
  assert.equal(told({ ...all, tcp: [silent] }, { life: "silent" }), "down silent", "one that was sent is enough");
  assert.equal(told(all, { life: "alive" }), "up healthy", "pulses are sent and answered");
});

test("a resolver that answers with other addresses than the right ones is told with them", () => {
  const toldOf = (result: ProbeResult, tables: object = {}) => told({ dns: [result], http: [] }, {}, tables);
  assert.equal(toldOf(resolved("10.0.0.1")), "portal dns-rewritten");
  assert.match(diagnosed({ dns: [resolved("10.0.0.1")], http: [] }).reason.text, /resolver r answers 10\.0\.0\.1/);
  assert.equal(toldOf(resolved("8.8.4.4")), "up healthy", "another of the right ones");
  assert.equal(toldOf(resolved("")), "up healthy", "no address is no lie");
  assert.equal(toldOf(resolved("10.0.0.1", 10, 2)), "up healthy", "nor is a refusal");
  assert.equal(toldOf(resolved("2001:db8::1"), { probe: { dns: { addresses: ["8.8.8.8"] } } }), "up healthy");
  assert.equal(toldOf(resolved("10.0.0.1"), { probe: { dns: { addresses: [] } } }), "up healthy");
});

test("a resolver that forbids one name, and leads to the right page by another, is no portal", () => {
  const filtered = { dns: [resolved("0.0.0.0")] };
  assert.equal(told({ ...filtered, http: [answered] }), "up healthy");
  assert.equal(told({ ...filtered, http: [] }), "portal dns-rewritten", "as long as the page says nothing");
  const byAddress = check("http", [answered]);
  const question = { ...questions.http, resolvers: [] };
  const checks = [...checksWith({ ...filtered, http: [] }), { ...byAddress, plan: { ...byAddress.plan, question } }];
  assert.equal(
    told({}, { checks }),
    "portal dns-rewritten",
    "a page that is found without a name proves nothing of names",
  );
});

test("a certificate of another name is told when it was seen twice, and no target proves its own", () => {
  assert.equal(told({ tls: [hijacked] }), "up healthy");
  assert.equal(told({ tls: twice(hijacked) }), "portal tls-name-mismatch");
  assert.match(diagnosed({ tls: twice(hijacked) }).reason.text, /CN=portal/);
  const both = [...checksWith({ tls: twice(hijacked) }), check("tls", [answered], "fallback")];
  assert.equal(told({}, { checks: both }), "up healthy");
});

test("connections that come about, with nobody behind them, are somebody else's", () => {
  const hollow: Results = { tls: twice(silent), http: twice(silent) };
  assert.equal(told(hollow, { answersEcho: false }), "portal tls-name-mismatch");
  assert.equal(told(hollow), "up healthy", "who answers echoes is there");
  assert.equal(told({ ...hollow, http: [answered] }, { answersEcho: false }), "up healthy");
  assert.equal(told({ ...hollow, tls: [silent] }, { answersEcho: false }), "up healthy", "once is chance");
  assert.equal(told(hollow, { answersEcho: false, life: "silent" }), "down beyond-gateway");
});

test("another page than the right one is a portal, seen twice", () => {
  assert.equal(told({ http: [hijacked] }), "up healthy");
  assert.equal(told({ http: twice(hijacked) }), "portal http-intercepted");
  assert.equal(told({ http: [hijacked, hijacked, answered] }), "up healthy");
});

test("a path without a sign of life is down, beyond the gateway when that has answered since", () => {
  assert.equal(told({}, { life: "silent" }), "down beyond-gateway");
  assert.equal(told({}, { life: "silent", heardAt: seconds(20) }), "down silent", "it answered before");
  assert.equal(told({ echo: [silent] }, { life: "silent" }), "down silent");
  assert.equal(told({ echo: [] }, { life: "silent" }), "down silent");
  const ungated = checksWith({}).filter(({ plan }) => plan.role !== "gateway");
  assert.equal(told({}, { checks: ungated, life: "silent" }), "down silent");
});

test("TCP is blocked when no connection of any kind comes about", () => {
  const blocked: Results = { tcp: twice(silent), tls: twice(silent), http: twice(silent) };
  assert.equal(told(blocked), "degraded tcp-blocked");
  assert.equal(told({ ...blocked, tcp: [silent] }), "up healthy");
  for (const good of ["tls", "http"] as const)
    assert.equal(told({ ...blocked, [good]: [answered] }), "up healthy", good);
  assert.equal(told(blocked, { life: "silent" }), "down beyond-gateway");
  const one = [...checksWith(blocked), check("tcp", [answered])];
  assert.equal(told({}, { checks: one }), "up healthy", "to one target they do");
  const ancient = [...checksWith(blocked), check("tls", [answered], "fallback")];
  assert.equal(told({}, { checks: ancient }), "degraded tcp-blocked", "a stand-in that is not asked now says nothing");
});

test("DNS is blocked when no resolver answers, and TCP tells which of the two is", () => {
  assert.equal(told({ dns: [silent] }), "up healthy");
  const text = (dnsTcp: readonly ProbeResult[]) => diagnosed({ dns: twice(silent), dnsTcp }).reason.text;
  assert.equal(told({ dns: twice(silent) }), "degraded dns-blocked");
  assert.match(text([]), /over TCP they are being asked/);
  assert.match(text([resolved()]), /UDP is blocked/);
  assert.match(text([silent]), /over TCP neither/);
  assert.equal(told({ dns: twice(resolved("", 10, 5)) }), "degraded dns-blocked", "REFUSED is no answer");
  assert.equal(told({}, { checks: [...checksWith({ dns: twice(silent) }), check("dns", [resolved()])] }), "up healthy");
  assert.equal(told({ dns: twice(silent) }, { life: "silent" }), "down beyond-gateway");
  assert.equal(told({}, { checks: checksWith({}).filter(({ plan }) => plan.kind !== "dns") }), "up healthy");
});

test("packets above a size that vanish are told with the size", () => {
  const limited = { kind: "limited", size: bytes(1_200) } as const;
  assert.equal(told({ mtu: [limited] }), "up healthy");
  assert.equal(told({ mtu: twice(limited) }), "degraded mtu");
  assert.match(diagnosed({ mtu: twice(limited) }).reason.text, /above 1200 bytes/);
  assert.equal(told({ mtu: twice(silent) }), "up healthy", "where ICMP is blocked nothing is known of it");
  assert.equal(told({ mtu: twice(limited) }, { life: "silent" }), "down beyond-gateway");
});

test("loss is told once it is surely above the threshold, and until it no longer seems to be", () => {
  assert.equal(told({}, { loss: loss(0.09, 0.05) }), "up healthy");
  assert.equal(told({}, { loss: loss(0.09, 0.051) }), "degraded loss");
  assert.equal(told({}, { loss: loss(0.06, 0.01), told: "loss" }), "degraded loss");
  assert.equal(told({}, { loss: loss(0.05, 0.01), told: "loss" }), "up healthy");
  assert.equal(told({}, { loss: loss(1, 0.7, 11) }), "up healthy", "eleven pulses say nothing");
  assert.equal(told({}, { loss: loss(1, 0.7, 12) }), "degraded loss");
  assert.equal(told({}, { loss: loss(1, 0.9), life: "unheard" }), "none healthy", "who was never heard loses nothing");
});

test("latency is told above the threshold, until it is a fifth below it", () => {
  assert.equal(told({}, { rtt: rtt(400) }), "up healthy");
  assert.equal(told({}, { rtt: rtt(401) }), "degraded latency");
  assert.equal(told({}, { rtt: rtt(321), told: "latency" }), "degraded latency");
  assert.equal(told({}, { rtt: rtt(320), told: "latency" }), "up healthy");
  const waited = { ...rtt(1_000), isFirst: true };
  assert.equal(told({}, { rtt: waited }), "up healthy", "it waited for the next hop's address");
  assert.equal(told({}, { rtt: rtt(900), life: "silent" }), "down beyond-gateway");
  const text = (base: number) => diagnosed({}, { rtt: rtt(900, base) }).reason.text;
  assert.match(text(199), /a queue on the way is full/);
  assert.doesNotMatch(text(200), /queue/);
});

test("a slow resolver is told when it was slow twice, the round trip not counted", () => {
  const slow = (time: number) => ({ dns: twice(resolved("8.8.8.8", time)) });
  assert.deepEqual([told(slow(1_020)), told(slow(1_021))], ["up healthy", "degraded dns-slow"]);
  assert.equal(told({ dns: [resolved("8.8.8.8", 3_000)] }), "up healthy", "its first question may have been lost");
  assert.equal(told(slow(3_000), { rtt: undefined }), "degraded dns-slow");
});

test("of several causes the one is told that explains the others, or breaks more", () => {
  const limited = { kind: "limited", size: bytes(1_200) } as const;
  const worst: Results = {
    dns: [resolved("10.0.0.1")],
    tls: twice(hijacked),
    http: twice(hijacked),
    mtu: twice(limited),
  };
  const dead: Partial<Evidence> = { life: "silent", loss: loss(1, 0.9), rtt: rtt(900) };
  assert.equal(told(worst, dead), "portal dns-rewritten");
  assert.equal(told({ ...worst, dns: [] }, dead), "portal tls-name-mismatch");
  assert.equal(told({ ...worst, dns: [], tls: [] }, dead), "portal http-intercepted");
  const blocked: Results = { tcp: twice(silent), tls: twice(silent), http: twice(silent), dns: twice(silent) };
  const bad: Partial<Evidence> = { loss: loss(0.5, 0.4), rtt: rtt(900) };
  assert.equal(told({ ...blocked, mtu: twice(limited) }, bad), "degraded tcp-blocked");
  assert.equal(told({ dns: twice(silent), mtu: twice(limited) }, bad), "degraded dns-blocked");
  assert.equal(told({ mtu: twice(limited) }, bad), "degraded mtu");
  assert.equal(told({ dns: twice(resolved("8.8.8.8", 3_000)) }, bad), "degraded loss");
  assert.equal(told({ dns: twice(resolved("8.8.8.8", 3_000)) }, { rtt: rtt(900) }), "degraded latency");
});

test("the share of kinds that succeed counts life, and neither the gateway nor what stands in", () => {
  assert.equal(successShare(checksWith({}), "alive"), 1);
  assert.equal(successShare(checksWith({ echo: twice(silent), dnsTcp: twice(silent) }), "alive"), 1);
  assert.equal(successShare(checksWith({ mtu: twice(silent) }), "alive"), 5 / 6);
  assert.equal(successShare(checksWith({ mtu: [silent] }), "alive"), 1, "once is chance");
  assert.equal(successShare(checksWith({ mtu: [unprivileged] }), "alive"), 1, "what was not sent is not counted");
  assert.equal(successShare(checksWith({}), "silent"), 5 / 6);
  assert.equal(successShare([], "unheard"), undefined);
  assert.equal(
    successShare([check("tcp", twice(silent)), check("tcp", [answered])], "alive"),
    1,
    "one target is enough",
  );
});
