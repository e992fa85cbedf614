/** The evidence behind every state and decision of this moment, in words. */
import { families } from "@ropewalk/kernel/addresses";
import { type Millis, millis } from "@ropewalk/kernel/units";
import type { BackhaulExplanation, PathExplanation, ProbeEvidence, UplinkExplanation } from "../explanation.ts";
import type { UplinkStatus } from "../status.ts";
import { type Check, judged } from "./health/checks.ts";
import { isSuppressed, penaltyAt, reusableAt } from "./health/damping.ts";
import { diagnose } from "./health/diagnosis.ts";
import { faultyTargets } from "./health/faulty-targets.ts";
import type { HealthConfig } from "./health/health-config.ts";
import { evidenceOf } from "./health/path-conclusion.ts";
import type { PathHealth } from "./health/path-health.ts";
import { type ProbeResult, pathKey } from "./health/probe.ts";
import { settlesAt } from "./health/settling.ts";
import { silenceBound } from "./health/silence.ts";
import { isHopeless, labelOf, type TargetHealth } from "./health/target-health.ts";
import { noFigures } from "./health/verdict.ts";
import type { BackhaulState } from "./state.ts";

type PureExplanation = Pick<BackhaulExplanation, "decisions" | "faultyTargets"> & {
  readonly uplinks: readonly Omit<UplinkExplanation, "probeBytes">[];
};

export function explain(state: BackhaulState, config: HealthConfig, now: Millis): PureExplanation {
  const { picture, health } = state;
  return {
    decisions: picture.decisions,
    faultyTargets: faultyTargets(health.paths.values()),
    uplinks: picture.uplinks.map((uplink) => ({
      uplinkId: uplink.id,
      name: uplink.name,
      probing: uplink.probing,
      paths: families.map((family) => {
        const path = health.paths.get(pathKey(uplink.id, family));
        return path === undefined ? unmeasured(uplink, family) : explainPath(path, config, now);
      }),
    })),
  };
}

function unmeasured(uplink: UplinkStatus, family: (typeof families)[number]): PathExplanation {
  const { source, state, reason } = uplink[family];
  const none = { sinceMs: null, silence: null, evidence: [], penalty: null, pending: null };
  return { family, source, state, reason, figures: noFigures, ...none };
}

function explainPath(health: PathHealth, config: HealthConfig, now: Millis): PathExplanation {
  const { path, settled, verdict, heardAt, pulses, checks } = health;
  return {
    family: path.family,
    source: path.source,
    state: settled.state,
    reason: settled.reason,
    sinceMs: now - settled.since,
    figures: verdict.figures,
    silence: { forMs: now - heardAt, boundMs: silenceBound(health) },
    evidence: [
      ...pulses.targets.map((target) => pulseEvidence(target, now)),
      ...checks.map((check) => checkEvidence(check, now)),
    ],
    penalty: penaltyOf(health, config, now),
    pending: pendingOf(health, config, now),
  };
}

function pulseEvidence(health: TargetHealth, now: Millis): ProbeEvidence {
  const { target, by, rtt, heardAt, misses } = health;
  const isBad = isHopeless(health);
  const latest = rtt === undefined ? "" : ` in ${milliseconds(rtt.latest)}`;
  const heard = heardAt === undefined ? "nothing heard yet" : `pulse answered${latest}`;
  return {
    kind: by,
    target: labelOf(target),
    text: isBad ? `${misses} pulses lost in a row` : heard,
    isGood: heardAt !== undefined && !isBad,
    // Without an age a reader takes it for not known yet; what is lost is known.
    ageMs: heardAt === undefined ? (isBad ? 0 : null) : now - heardAt,
  };
}

function checkEvidence({ plan, last, inFlight, failures }: Check, now: Millis): ProbeEvidence {
  const { kind, label: target } = plan;
  if (last === undefined) {
    const text =
      inFlight !== undefined
        ? "asked, no answer yet"
        : plan.role === "fallback"
          ? "asked only when the other fails"
          : "not asked yet";
    return { kind, target, text, isGood: false, ageMs: null };
  }
  const verdict = judged(last.result);
  const often = verdict === "bad" && failures > 1 ? `, ${failures} times in a row` : "";
  return { kind, target, text: `${resultText(last.result)}${often}`, isGood: verdict === "good", ageMs: now - last.at };
}

function resultText(result: ProbeResult): string {
  switch (result.kind) {
    case "answered":
      return `answered in ${milliseconds(result.rtt)}`;
    case "resolved":
      return `${rcodeText(result.rcode)} in ${milliseconds(result.rtt)}: ${result.addresses.join(", ") || "no address"}`;
    case "limited":
      return `only packets up to ${result.size} bytes pass`;
    case "intercepted":
      return `answered by somebody else: ${result.detail}`;
    case "refused":
      return `refused: ${result.detail}`;
    case "silent":
      return "no answer";
    case "skipped":
      return `not asked: ${result.detail}`;
    case "unsent":
      return `could not be sent: ${result.detail}`;
  }
}

/** Source: RFC 1035 §4.1.1. */
function rcodeText(rcode: number): string {
  const names = ["NOERROR", "FORMERR", "SERVFAIL", "NXDOMAIN", "NOTIMP", "REFUSED"];
  return names[rcode] ?? `RCODE ${rcode}`;
}

function penaltyOf(
  { settled: { damping } }: PathHealth,
  config: HealthConfig,
  now: Millis,
): PathExplanation["penalty"] {
  if (damping === undefined || !config.damping.enabled) return null;
  const value = Math.round(penaltyAt(damping, now, config.damping));
  const reusable = reusableAt(damping, config.damping) ?? now;
  const reusableInMs = Math.max(0, reusable - now);
  return value === 0 ? null : { value, isSuppressed: isSuppressed(damping, now, config.damping), reusableInMs };
}

function pendingOf(health: PathHealth, config: HealthConfig, now: Millis): string | null {
  const { settled, burst } = health;
  if (burst !== undefined) return "nothing was heard for a while: a burst of pulses is out";
  const finding = diagnose(evidenceOf(health, now), { quality: config.quality, dns: config.probe.dns });
  const at = settlesAt(settled, finding, config);
  if (at === undefined) return null;
  return `${finding.kind} in ${seconds(millis(Math.max(0, at - now)))} if it stays so: ${finding.reason.text}`;
}

function milliseconds(time: Millis): string {
  return `${time.toFixed(time < 100 ? 1 : 0)} ms`;
}

function seconds(time: Millis): string {
  return `${(time / 1_000).toFixed(1)} s`;
}
