/** What the evidence of a path comes to: its finding, its settled state, what is told of it, and when to look again. */
import { type Millis, millis } from "@ropewalk/kernel/units";
import { type Checks, hastened, isFallbackWanted, isRoundComplete } from "./checks.ts";
import { diagnose, type Evidence, successShare } from "./diagnosis.ts";
import type { HealthConfig } from "./health-config.ts";
import type { PathContext, PathHealth } from "./path-health.ts";
import { type Pulses, relieved } from "./pulses.ts";
import { settle, settlesAt } from "./settling.ts";
import { silentAt, suspiciousAt } from "./silence.ts";
import { isHopeless, pathLoss, pathRtt } from "./target-health.ts";
import { figuresEvery, figuresOf, isBreaking, isMaterial, sameReason, scoreRange } from "./verdict.ts";

/** After this an uplink that lives is up, even while a slow check is still out. */
const longestStart = 5_000;

export function conclude(health: PathHealth, { now, config }: PathContext): PathHealth {
  const evidence = evidenceOf(health, now);
  const pulses = relieved(health.pulses, tcpAnsweredAt(health.checks));
  const finding = diagnose(evidence, { quality: config.quality, dns: config.probe.dns });
  const settled = settle(health.settled, finding, now, config);
  const checks = losesEcho(health.pulses, pulses) ? hastened(health.checks, now) : health.checks;
  const judgedHealth = { ...health, pulses, checks, settled };
  const { verdict, figuresAt } = verdictOf(judgedHealth, evidence, now, config);
  const plannedAt = millis(plannedTime(judgedHealth, settlesAt(settled, finding, config), now));
  return awaiting({ ...judgedHealth, verdict, figuresAt, plannedAt }, now);
}

/** ICMP passes no more and TCP does: it is time to ask who it is that answers. */
function losesEcho(before: Pulses, after: Pulses): boolean {
  const byTcp = ({ targets }: Pulses) => targets.some(({ by }) => by === "tcp");
  return byTcp(after) && !byTcp(before);
}

export function evidenceOf(health: PathHealth, now: Millis): Evidence {
  const { pulses, checks, isSilent, hasHeard, path, startedAt } = health;
  return {
    name: path.name,
    checks,
    heardAt: health.heardAt,
    life: isSilent ? "silent" : hasHeard ? "alive" : "unheard",
    rtt: pathRtt(pulses.targets),
    // Where nobody answers pulses and the path lives all the same, it is the pulses that are blocked.
    loss: pulses.targets.every(isHopeless) ? undefined : pathLoss(pulses.targets, now),
    answersEcho: pulses.targets.some((target) => target.by === "echo" && !isHopeless(target)),
    told: health.settled.reason.code,
    isRoundComplete: isRoundComplete(checks) || now - startedAt >= longestStart,
  };
}

/** When a check last connected by TCP. */
function tcpAnsweredAt(checks: Checks): Millis | undefined {
  let latest: Millis | undefined;
  for (const { plan, last } of checks) {
    if (plan.kind !== "tcp" || last?.result.kind !== "answered") continue;
    if (latest === undefined || last.at > latest) latest = last.at;
  }
  return latest;
}

function verdictOf(health: PathHealth, evidence: Evidence, now: Millis, config: HealthConfig) {
  const { settled, verdict: before, kind, figuresAt } = health;
  const { state, reason } = settled;
  const isSameReason = sameReason(before.reason, reason);
  const breaks = isBreaking(evidence.loss, before.isBreaking);
  const isNews = before.state !== state || before.reason.code !== reason.code || before.isBreaking !== breaks;
  if (!isNews && now - figuresAt < figuresEvery) {
    return { verdict: isSameReason ? before : { ...before, reason }, figuresAt };
  }
  const success = successShare(evidence.checks, evidence.life);
  const measured = { rtt: evidence.rtt, loss: evidence.loss, success, kind };
  const figures = figuresOf(measured, config.score);
  if (!isNews && isSameReason && !isMaterial(before.figures, figures)) return { verdict: before, figuresAt: now };
  const range = scoreRange(measured, figures.score, config.score);
  return { verdict: { state, reason, figures, range, isBreaking: breaks }, figuresAt: now };
}

/** Of a path without targets, which has no pulses. */
const longestRest = 60_000;

/** When there is something to do, whatever is heard until then. */
function plannedTime(health: PathHealth, settlingAt: Millis | undefined, now: Millis): number {
  const { pulses, checks, isSilent, watch } = health;
  let next = pulses.targets.length === 0 ? now + longestRest : pulses.nextAt;
  if (settlingAt !== undefined) next = Math.min(next, settlingAt);
  if (watch !== undefined && !isSilent) next = Math.min(next, watch.nextAt);
  for (const check of checks) {
    if (check.plan.role === "fallback" && !isFallbackWanted(checks, check)) continue;
    if (check.inFlight === undefined) next = Math.min(next, check.nextAt);
    else if (check.plan.kind === "echo") {
      // As `isDue` has it: an echo that is lost is counted when it is asked again, and until then there is nothing to do.
      next = Math.min(next, Math.max(check.nextAt, check.inFlight.askedAt + check.plan.limit));
    }
  }
  return next;
}

/** With the time of the next tick, which what was heard moves on. What is due stays due. */
export function awaiting(health: PathHealth, now: Millis): PathHealth {
  const { plannedAt, burst, isSilent } = health;
  let next: number = plannedAt;
  if (burst !== undefined) next = Math.min(next, burst.nextAt);
  if (!isSilent) next = Math.min(next, silentAt(health), suspiciousAt(health, now) ?? next);
  return { ...health, nextAt: millis(next) };
}
