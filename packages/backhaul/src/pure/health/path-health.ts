/**
 * All that is known of one path: where it leads, its pulses and checks, and what is concluded of them. Made anew, in all but its
 * state, when the network behind it is another.
 */
import { familyOf, type IpAddress } from "@ropewalk/kernel/addresses";
import type { Millis } from "@ropewalk/kernel/units";
import type { ProbeProfileName, UplinkKind } from "../../status.ts";
import { type Checks, reconciled } from "./checks.ts";
import type { HealthConfig, ProfileConfig } from "./health-config.ts";
import { newTrafficWatch, type TrafficWatch } from "./passive.ts";
import { plannedChecks } from "./planned-checks.ts";
import type { ProbePath, ProbeQuestion } from "./probe.ts";
import { newPulses } from "./pulses.ts";
import { type Settled, unsettled } from "./settling.ts";
import { isRare, type Quiet } from "./silence.ts";
import { noFigures, type PathVerdict } from "./verdict.ts";

/** What of a path comes from elsewhere. */
export interface PathSubject {
  readonly path: ProbePath;
  readonly kind: UplinkKind;
  readonly profile: ProbeProfileName;
  readonly resolvers: readonly IpAddress[];
}

export interface PathHealth extends Quiet, PathSubject {
  readonly checks: Checks;
  /** When this network was joined. */
  readonly startedAt: Millis;
  readonly isSilent: boolean;
  readonly settled: Settled;
  readonly verdict: PathVerdict;
  readonly figuresAt: Millis;
  /** Only where pulses are rare. */
  readonly watch: TrafficWatch | undefined;
  /** When there is something to do for this path, whatever is heard until then … */
  readonly plannedAt: Millis;
  /** … and when, if nothing is heard: time must pass for it again. */
  readonly nextAt: Millis;
}

/** Collects what one step wants from the world. */
export interface Outbox {
  /** Returns the id that the outcome will bear. */
  ask(path: ProbePath, question: ProbeQuestion, limit: Millis): number;
  readTraffic(ifindex: number): void;
}

export interface PathContext {
  readonly now: Millis;
  readonly config: HealthConfig;
  readonly outbox: Outbox;
}

/** `past` is what is left of the path from before its interface, address or route went. */
export function newPathHealth(subject: PathSubject, past: Settled | undefined, context: PathContext): PathHealth {
  const { now } = context;
  const settled = past ?? unsettled(now);
  const { state, reason } = settled;
  return begun(subject, context, {
    settled,
    verdict: { state, reason, figures: noFigures, range: undefined, isBreaking: false },
  });
}

/** The path is another one now (renumbered, renamed, other resolvers): evidence begins anew where it must, the state stays. */
export function rebound(before: PathHealth, subject: PathSubject, context: PathContext): PathHealth {
  const isSame = samePath(before.path, subject.path) && before.profile === subject.profile;
  if (!isSame) return restarted(before, subject, context);
  const health = { ...before, ...subject };
  return { ...health, checks: reconciled(before.checks, plans(health, context), context.now), nextAt: context.now };
}

/** The probes are others now: all evidence begins anew, the state stays. */
export function restarted({ settled, verdict }: PathHealth, subject: PathSubject, context: PathContext): PathHealth {
  return begun(subject, context, { settled, verdict });
}

function begun(subject: PathSubject, context: PathContext, kept: Pick<PathHealth, "settled" | "verdict">): PathHealth {
  const { now, config } = context;
  const profile = profileOf(subject, config);
  const targets = config.probe.target.filter((target) => isOfFamily(target.address, subject.path));
  const pulses = newPulses(targets, profile, config.probe.require, now);
  const quiet: Quiet = { pulses, heardAt: now, hasHeard: false, burst: undefined, ownGap: undefined };
  const watch = isRare(pulses) ? newTrafficWatch(now) : undefined;
  const times = { startedAt: now, figuresAt: now, plannedAt: now, nextAt: now };
  const health = { ...subject, ...quiet, ...kept, ...times, isSilent: false, watch };
  return { ...health, checks: reconciled([], plans(health, context), now) };
}

function plans(health: Pick<PathHealth, "path" | "pulses" | "resolvers" | "profile">, { config }: PathContext) {
  const targets = [...health.pulses.targets.map(({ target }) => target), ...health.pulses.spare];
  return plannedChecks(
    { path: health.path, targets, resolvers: health.resolvers },
    config.probe,
    profileOf(health, config),
  );
}

function profileOf({ profile }: Pick<PathSubject, "profile">, { probe }: HealthConfig): ProfileConfig {
  return probe[profile];
}

export function isOfFamily(address: IpAddress, { family }: Pick<ProbePath, "family">): boolean {
  return familyOf(address) === family;
}

export function samePath(a: ProbePath, b: ProbePath): boolean {
  const isSameNetwork = a.source === b.source && a.gateway === b.gateway && a.mtu === b.mtu;
  return isSameNetwork && a.ifindex === b.ifindex && a.name === b.name && a.mark === b.mark;
}
