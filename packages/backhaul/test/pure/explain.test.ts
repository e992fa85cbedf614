/** The evidence in words, for each thing that may be so of a path. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { ProbeEvidence } from "@ropewalk/backhaul/explanation";
import { explain } from "@ropewalk/backhaul/pure/explain";
import type { ProbeResult } from "@ropewalk/backhaul/pure/health/probe";
import { bytes, millis } from "@ropewalk/kernel/units";
import { addressFacts, linkFacts, networkFacts, routeFacts } from "./facts-fixture.ts";
import { dead, good, healthConfig, type Line, Rig, subject } from "./health/rig.ts";
import { Machine } from "./machine-fixture.ts";

const addresses = [addressFacts("198.18.0.2/24")];
const routes = [routeFacts({ via: "198.18.0.1" })];
const { state } = new Machine().see(networkFacts([linkFacts()], { addresses, routes }));
const id = state.picture.uplinks[0]?.id ?? "";

/** A path of that uplink, on a line of its own. */
function rigOn(line: Line): Rig {
  const rig = new Rig();
  rig.line = line;
  rig.follow(subject({ name: id }));
  return rig;
}

function explained(rig: Rig) {
  const [uplink] = explain({ ...state, health: rig.state }, healthConfig(), millis(rig.now)).uplinks;
  const [ipv4, ipv6] = uplink?.paths ?? [];
  if (ipv4 === undefined || ipv6 === undefined) throw new Error("an uplink has two families");
  return { ipv4, ipv6 };
}

function evidenceOf(rig: Rig, kind: ProbeEvidence["kind"], target: string): ProbeEvidence | undefined {
  return explained(rig).ipv4.evidence.find((one) => one.kind === kind && one.target.startsWith(target));
}

/** Everything is well but what this kind of question comes to. */
function butFor(kind: string, result: ProbeResult): Line {
  return (question, at) => (question.kind === kind ? { after: 5, result } : good()(question, at));
}

test("a family that is not measured has its reason and nothing else", () => {
  const { ipv6 } = explained(rigOn(good()).run(5_000));
  assert.deepEqual([ipv6.reason.code, ipv6.evidence, ipv6.sinceMs, ipv6.silence], ["no-address", [], null, null]);
});

test("a path that is well has fresh evidence, and nothing pending", () => {
  const { ipv4 } = explained(rigOn(good()).run(60_000));
  assert.deepEqual([ipv4.state, ipv4.pending, ipv4.penalty], ["up", null, null]);
  assert.ok((ipv4.sinceMs ?? 0) > 55_000 && (ipv4.silence?.forMs ?? 9e9) < 1_500);
  assert.ok(
    ipv4.evidence.every(({ ageMs, text }) => text === "asked only when the other fails" || (ageMs ?? 9e9) <= 31_000),
  );
});

test("what was not asked yet, and what is not answered yet, is said so", () => {
  const rig = rigOn(dead).run(100);
  assert.deepEqual(evidenceOf(rig, "tcp", "cloudflare")?.text, "asked, no answer yet");
  assert.deepEqual(evidenceOf(rig, "mtu", "cloudflare")?.text, "not asked yet");
  assert.deepEqual(evidenceOf(rig, "tls", "google")?.text, "asked only when the other fails");
  const pulse = evidenceOf(rig, "echo", "cloudflare");
  assert.deepEqual([pulse?.text, pulse?.isGood, pulse?.ageMs], ["nothing heard yet", false, null]);
});

test("lost pulses are counted, and not good", () => {
  const rig = rigOn(good()).run(20_000);
  rig.line = dead;
  const pulse = evidenceOf(rig.run(20_000), "echo", "cloudflare");
  assert.match(pulse?.text ?? "", /^\d+ pulses lost in a row$/);
  assert.deepEqual([pulse?.isGood, (pulse?.ageMs ?? 0) > 19_000], [false, true]);
  assert.equal(
    evidenceOf(rigOn(dead).run(20_000), "echo", "cloudflare")?.ageMs,
    0,
    "never heard, and known to be lost",
  );
});

const sentences: readonly (readonly [result: ProbeResult, text: RegExp, isGood: boolean])[] = [
  [{ kind: "answered", rtt: millis(5) }, /^answered in 5\.0 ms$/, true],
  [{ kind: "limited", size: bytes(1_200) }, /^only packets up to 1200 bytes pass, \d times in a row$/, false],
  [{ kind: "intercepted", detail: "CN=portal" }, /^answered by somebody else: CN=portal, \d times in a row$/, false],
  [{ kind: "refused", detail: "ECONNREFUSED" }, /^refused: ECONNREFUSED, \d times in a row$/, false],
  [{ kind: "silent" }, /^no answer, \d times in a row$/, false],
  [{ kind: "skipped", detail: "no name" }, /^not asked: no name$/, false],
  [{ kind: "unsent", cause: "busy", detail: "EMFILE" }, /^could not be sent: EMFILE$/, false],
];

for (const [result, text, isGood] of sentences) {
  test(`a check that was ${result.kind} is told as that`, () => {
    const evidence = evidenceOf(rigOn(butFor("tls", result)).run(5_500), "tls", "cloudflare");
    assert.match(evidence?.text ?? "", text);
    assert.equal(evidence?.isGood, isGood);
  });
}

test("what was not asked at last is not said to have failed so often", () => {
  const rig = rigOn(butFor("http", { kind: "refused", detail: "no" })).run(6_000);
  rig.line = butFor("http", { kind: "skipped", detail: "the name did not resolve" });
  assert.equal(evidenceOf(rig.run(60_000), "http", "http:")?.text, "not asked: the name did not resolve");
});

test("a resolver's answer is told with its code and addresses", () => {
  const told = (rcode: number) => {
    const result = { kind: "resolved", rtt: millis(120), rcode, addresses: [] } as const;
    return evidenceOf(rigOn(butFor("dns", result)).run(400), "dns", "resolver")?.text;
  };
  assert.deepEqual(
    [told(0), told(3), told(9)],
    ["NOERROR", "NXDOMAIN", "RCODE 9"].map((code) => `${code} in 5.0 ms: no address`),
  );
  assert.equal(evidenceOf(rigOn(good()).run(400), "dns", "resolver")?.text, "NOERROR in 10.0 ms: 8.8.8.8");
});

test("what is pending is told with the time that is left and its reason", () => {
  const rig = rigOn(good()).run(20_000);
  rig.line = dead;
  assert.match(explained(rig.run(2_000)).ipv4.pending ?? "", /a burst of pulses is out/);
  rig.run(10_000);
  rig.line = good();
  rig.run(6_000);
  const { pending, penalty } = explained(rig).ipv4;
  assert.match(pending ?? "", /^up in \d\.\d s if it stays so: .* is well$/);
  assert.ok(
    penalty !== null &&
      penalty.value > 0 &&
      penalty.value < 1_000 &&
      !penalty.isSuppressed &&
      penalty.reusableInMs === 0,
  );
});

test("a path that flaps is told to be suppressed, with its penalty and for how long", () => {
  const rig = rigOn(good()).run(20_000);
  for (let flap = 0; flap < 3; flap += 1) {
    rig.follow();
    rig.run(100);
    rig.follow(subject({ name: id }));
    rig.run(2_000);
  }
  const { penalty, reason } = explained(rig).ipv4;
  assert.deepEqual([reason.code, penalty?.isSuppressed], ["suppressed", true]);
  assert.ok((penalty?.reusableInMs ?? 0) > 10_000 && (penalty?.reusableInMs ?? 0) <= 40_000);
});
