/**
 * The things that happen to a path: time passes, a probe has an outcome, counters are read, we were stalled. Questions go to the
 * outbox; every step ends in a conclusion.
 */
import { type Millis, millis, seconds } from "@ropewalk/kernel/units";
import type { TrafficCounts } from "../state.ts";
import { asked, type Check, hastened, isDue, isFallbackWanted, judged, withResult } from "./checks.ts";
import { begunAnew, calmed, readingAsked, withReading } from "./passive.ts";
import { awaiting, conclude } from "./path-conclusion.ts";
import type { PathContext, PathHealth } from "./path-health.ts";
import { tcpQuestion } from "./planned-checks.ts";
import type { ProbeKind, ProbeQuestion, ProbeResult } from "./probe.ts";
import { burstOf, type DuePulse, expired, forgiven, heard, pulseLimit, revived, sent, takeDue } from "./pulses.ts";
import {
  type Burst,
  burstInterval,
  gapAfterStop,
  mayExtend,
  newBurst,
  silentAt,
  suspiciousAt,
  usualBound,
} from "./silence.ts";
import { kthHeard } from "./target-health.ts";

/** Sends what is due, and judges what was not heard. */
export function advance(before: PathHealth, context: PathContext): PathHealth {
  const { now, outbox } = context;
  const { pulses, due } = takeDue(expired(before.pulses, now), !before.hasHeard && !before.isSilent, now);
  let health: PathHealth = sendPulses({ ...before, pulses }, due, context);
  const { burst } = health;
  if (burst !== undefined && now >= burst.nextAt) {
    const next = { ...burst, nextAt: millis(now + burstInterval(health.pulses)) };
    health = sendPulses({ ...health, burst: next }, burstOf(health.pulses), context);
  }
  health = judgeSilence(askChecks(health, context), context);
  if (health.watch !== undefined && now >= health.watch.nextAt && !health.isSilent) {
    outbox.readTraffic(health.path.ifindex);
    health = { ...health, watch: readingAsked(health.watch, now) };
  }
  const concluded = conclude(health, context);
  // Whatever was overlooked must not turn the machine into a busy loop.
  return { ...concluded, nextAt: millis(Math.max(concluded.nextAt, now + 1)) };
}

/** Sooner than an echo, which costs nobody anything while it is waited for. */
const handshakeLimit: Millis = seconds(4);

function sendPulses(health: PathHealth, due: readonly DuePulse[], { now, outbox }: PathContext): PathHealth {
  let { pulses } = health;
  for (const pulse of due) {
    const target = pulses.targets[pulse.target]?.target;
    if (target === undefined) continue;
    const isTcp = pulse.kind === "tcp";
    const question: ProbeQuestion = isTcp ? tcpQuestion(target) : { kind: "echo", target: target.address };
    const limit = isTcp ? handshakeLimit : pulseLimit;
    pulses = sent(pulses, pulse, outbox.ask(health.path, question, limit), now);
  }
  return pulses === health.pulses ? health : { ...health, pulses };
}

function askChecks(health: PathHealth, { now, outbox }: PathContext): PathHealth {
  let { checks } = health;
  for (const [index, check] of checks.entries()) {
    if (!isDue(check, now, isFallbackWanted(checks, check))) continue;
    const { question, limit } = check.plan;
    checks = checks.with(index, asked(check, outbox.ask(health.path, question, limit), now));
  }
  return checks === health.checks ? health : { ...health, checks };
}

function judgeSilence(health: PathHealth, context: PathContext): PathHealth {
  const { now, outbox } = context;
  if (health.isSilent) return health;
  const since = suspiciousAt(health, now);
  if (since !== undefined && now >= since) {
    outbox.readTraffic(health.path.ifindex);
    return { ...health, burst: newBurst("gap", now) };
  }
  const end = silentAt(health);
  if (now >= end) return silenced(health, context);
  const { burst } = health;
  if (burst === undefined || burst.isChecking || now < millis((health.heardAt + end) / 2)) return health;
  // Half way: whether the gateway answers, and TCP where ICMP may have been blocked, is asked before the verdict.
  const isTelling = ({ plan }: Check) => plan.role === "gateway" || plan.kind === "tcp";
  const checks = hastened(health.checks, now, isTelling);
  return askChecks({ ...health, checks, burst: { ...burst, isChecking: true } }, context);
}

/** Receiving is looked at once more before a path that seems dead is called so. */
function silenced(health: PathHealth, { now, outbox }: PathContext): PathHealth {
  const { burst } = health;
  if (burst !== undefined && !burst.isAskingTraffic) {
    outbox.readTraffic(health.path.ifindex);
    return { ...health, burst: { ...burst, isAskingTraffic: true, nextAt: millis(now + 10) } };
  }
  const checks = hastened(health.checks, now, ({ plan }) => tellsPortals.has(plan.kind));
  return { ...health, isSilent: true, burst: undefined, checks };
}

/** A network that lets nothing pass but its own answers is told at once. */
const tellsPortals: ReadonlySet<ProbeKind> = new Set(["dns", "tls", "http"]);

/** The interface's counters, as "read-traffic" wanted them. */
export function withTraffic(before: PathHealth, counts: TrafficCounts | undefined, context: PathContext): PathHealth {
  const { now } = context;
  let health = before;
  if (before.watch !== undefined && before.burst === undefined) {
    const { watch, isSuspicious } = withReading(before.watch, counts, now);
    const burst = isSuspicious && before.hasHeard && !before.isSilent ? newBurst("passive", now) : undefined;
    health = { ...before, watch, burst };
  }
  const { burst } = health;
  if (burst !== undefined) health = { ...health, burst: withReceived(health, burst, counts, now) };
  return conclude(health, context);
}

function withReceived(health: PathHealth, burst: Burst, counts: TrafficCounts | undefined, now: Millis) {
  const received = counts && { bytes: counts.receivedBytes, packets: counts.receivedPackets };
  if (burst.received === undefined) return { ...burst, received, isAskingTraffic: false };
  if (now < silentAt(health) || !mayExtend(burst, received, now)) return burst;
  return { ...burst, received, extensions: burst.extensions + 1, isAskingTraffic: false };
}

/** A probe of this path has come to its end. Unknown ids are late, and nothing to anybody. */
export function hear(before: PathHealth, id: number, result: ProbeResult, context: PathContext): PathHealth {
  const { now } = context;
  const pulse = heard(before.pulses, id, result.kind === "answered" ? result.rtt : undefined, now);
  if (pulse !== undefined) {
    const health = { ...before, pulses: pulse.pulses };
    if (!pulse.isLife) return health;
    const living = alive(health, context);
    return before.isSilent || !before.hasHeard ? conclude(living, context) : awaiting(living, now);
  }
  const index = before.checks.findIndex((check) => check.inFlight?.id === id);
  const check = before.checks[index];
  if (check === undefined) return before;
  const checks = before.checks.with(index, withResult(check, result, now));
  const isLife = judged(result) === "good" && isVital(check, before);
  return conclude(isLife ? alive({ ...before, checks }, context) : { ...before, checks }, context);
}

/** Who answers is on the internet. A resolver may be the gateway itself; the page keeps a path alive, and revives none. */
function isVital({ plan }: Check, { hasHeard, isSilent }: PathHealth): boolean {
  if (plan.role === "page") return hasHeard && !isSilent;
  return plan.role === "target" || (plan.role === "fallback" && plan.kind === "tls");
}

function alive(health: PathHealth, { now }: PathContext): PathHealth {
  const { pulses, isSilent } = health;
  const answeredAt = pulses.require > 1 ? kthHeard(pulses.targets, pulses.require) : now;
  // Where several must answer, one alone begins no life …
  if (answeredAt === undefined) return health;
  const heardAt = millis(Math.max(health.heardAt, answeredAt));
  // … and ends no silence, and no burst.
  if (isSilent && now - heardAt >= usualBound(pulses)) return { ...health, heardAt };
  const heardNow = calm({ ...health, heardAt, hasHeard: true, isSilent: false }, now);
  // What failed while nothing passed is asked again at once, the rest in its turn.
  if (!isSilent) return heardNow;
  const checks = hastened(health.checks, now, ({ failures }) => failures > 0);
  return { ...heardNow, checks, pulses: revived(health.pulses), watch: health.watch && begunAnew(health.watch) };
}

/** The burst is over once as many were heard since it began as must be. */
function calm(health: PathHealth, now: Millis): PathHealth {
  const { burst, watch, heardAt } = health;
  if (burst === undefined || heardAt < burst.since) return health;
  const isFalseAlarm = burst.cause === "passive" && watch !== undefined;
  return { ...health, burst: undefined, watch: isFalseAlarm ? calmed(watch, now) : watch };
}

/** We slept, not the path: its silence is shorter by so much, its holds are longer, and what was under way counts for nothing. */
export function pardon(before: PathHealth, lateness: Millis, now: Millis): PathHealth {
  const later = (time: Millis) => millis(Math.min(now, time + lateness));
  const { burst, settled } = before;
  const { otherSince } = settled;
  return {
    ...before,
    heardAt: later(before.heardAt),
    ownGap: gapAfterStop(before, lateness, now),
    burst: burst && { ...burst, since: later(burst.since) },
    settled: otherSince === undefined ? settled : { ...settled, otherSince: later(otherSince) },
    pulses: forgiven(before.pulses),
  };
}
