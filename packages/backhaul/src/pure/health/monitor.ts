/**
 * The health of all paths: which there are, which of them time or an outcome concerns, and what is told of each. It also tells
 * our own stalls from silence, and a target that fails everywhere from uplinks that fail.
 */
import type { Family } from "@ropewalk/kernel/addresses";
import { type Millis, millis } from "@ropewalk/kernel/units";
import { isEqual } from "../equal.ts";
import type { BackhaulEffect, TrafficCounts } from "../state.ts";
import type { HealthConfig } from "./health-config.ts";
import {
  newPathHealth,
  type Outbox,
  type PathContext,
  type PathHealth,
  type PathSubject,
  rebound,
  restarted,
  samePath,
} from "./path-health.ts";
import { advance, hear, pardon, withTraffic } from "./path-progress.ts";
import { type PathKey, type ProbeOutcome, type ProbePath, type ProbeQuestion, pathKey } from "./probe.ts";
import { type Settled, settledAfterLoss } from "./settling.ts";
import type { PathVerdict } from "./verdict.ts";

export interface HealthState {
  readonly paths: ReadonlyMap<PathKey, PathHealth>;
  /** What is left of paths that went, for when they return. */
  readonly past: ReadonlyMap<PathKey, Settled>;
  /** Replaced only when something told has changed. */
  readonly verdicts: ReadonlyMap<PathKey, PathVerdict>;
  /** Probes asked so far. */
  readonly asked: number;
  /** The tick that is wanted. */
  readonly wakeAt: Millis | undefined;
  /** When the last input came. */
  readonly seenAt: Millis;
  readonly stalls: { readonly count: number; readonly total: Millis };
}

export interface HealthStep {
  readonly health: HealthState;
  readonly effects: readonly BackhaulEffect[];
}

export const noHealth: HealthState = {
  paths: new Map(),
  past: new Map(),
  verdicts: new Map(),
  asked: 0,
  wakeAt: undefined,
  seenAt: millis(0),
  stalls: { count: 0, total: millis(0) },
};

/** A timer that is later than this was ours to keep: our own loop was busy, or the process was stopped. */
const tolerance = 25;
/** Paths that went are remembered, the latest of them. */
const mostPast = 512;

/** Time has passed: everything that is due is done. */
export function tick(before: HealthState, now: Millis, config: HealthConfig): HealthStep {
  return stepPaths(excused(before, now), now, config, (health, context) =>
    now >= health.nextAt ? advance(health, context) : health,
  );
}

export function outcome(before: HealthState, probed: ProbeOutcome, now: Millis, config: HealthConfig): HealthStep {
  const slot = probed.id % slots;
  return stepPaths(excused(before, now), now, config, (health, context) =>
    slotOf(health.path) === slot ? hear(health, probed.id, probed.result, context) : health,
  );
}

export function traffic(
  before: HealthState,
  counts: ReadonlyMap<number, TrafficCounts>,
  now: Millis,
  config: HealthConfig,
): HealthStep {
  return stepPaths(excused(before, now), now, config, (health, context) =>
    counts.has(health.path.ifindex) ? withTraffic(health, counts.get(health.path.ifindex), context) : health,
  );
}

/**
 * The paths that can be probed are these now; `isReset` when the configuration of probes is another. Evidence begins anew then,
 * and nothing is left of paths that went: they were not lost, but are not to be probed.
 */
export function follow(
  last: HealthState,
  subjects: readonly PathSubject[],
  now: Millis,
  config: HealthConfig,
  isReset: boolean,
): HealthStep {
  const before = excused(last, now);
  const outbox = new CollectedWants(before.asked);
  const context: PathContext = { now, config, outbox };
  const paths = new Map<PathKey, PathHealth>();
  for (const subject of subjects) {
    const key = pathKey(subject.path.uplinkId, subject.path.family);
    paths.set(key, followed(subject, before.paths.get(key), before.past.get(key), context, isReset));
  }
  const past = isReset ? new Map() : pastAfter(before, paths, now, config);
  const step = told({ ...before, past }, paths, now, outbox);
  if (sameTable(before.paths, paths)) return step;
  const table = { kind: "follow", paths: [...paths.values()].map((health) => health.path) } as const;
  return { health: step.health, effects: [table, ...step.effects] };
}

function followed(
  subject: PathSubject,
  known: PathHealth | undefined,
  past: Settled | undefined,
  context: PathContext,
  isReset: boolean,
): PathHealth {
  if (known === undefined) return newPathHealth(subject, past, context);
  if (isReset) return restarted(known, subject, context);
  return isSameSubject(known, subject) ? known : rebound(known, subject, context);
}

function isSameSubject(known: PathHealth, { path, kind, profile, resolvers }: PathSubject): boolean {
  const isSameWay = samePath(known.path, path) && known.kind === kind && known.profile === profile;
  return isSameWay && known.resolvers.join() === resolvers.join();
}

function sameTable(before: HealthState["paths"], after: HealthState["paths"]): boolean {
  if (before.size !== after.size) return false;
  for (const [key, health] of after) if (before.get(key)?.path !== health.path) return false;
  return true;
}

function pastAfter(
  before: HealthState,
  paths: ReadonlyMap<PathKey, PathHealth>,
  now: Millis,
  config: HealthConfig,
): HealthState["past"] {
  const gone = [...before.paths].filter(([key]) => !paths.has(key));
  const stillGone = [...before.past].filter(([key]) => !paths.has(key));
  if (gone.length === 0 && stillGone.length === before.past.size) return before.past;
  const left = gone.map(([key, { settled }]) => [key, settledAfterLoss(settled, now, config)] as const);
  return new Map([...stillGone, ...left].slice(-mostPast));
}

/** Called for every input; a tick that was due long before `now` says that we were stalled since. */
function excused(before: HealthState, now: Millis): HealthState {
  const { wakeAt, seenAt, stalls } = before;
  const late = wakeAt === undefined ? 0 : now - Math.max(wakeAt, seenAt);
  if (late <= tolerance) return { ...before, seenAt: now };
  const lateness = millis(late);
  const paths = new Map([...before.paths].map(([key, health]) => [key, pardon(health, lateness, now)]));
  return { ...before, paths, seenAt: now, stalls: { count: stalls.count + 1, total: millis(stalls.total + late) } };
}

function stepPaths(
  before: HealthState,
  now: Millis,
  config: HealthConfig,
  change: (health: PathHealth, context: PathContext) => PathHealth,
): HealthStep {
  const outbox = new CollectedWants(before.asked);
  const context: PathContext = { now, config, outbox };
  let paths: Map<PathKey, PathHealth> | undefined;
  for (const [key, health] of before.paths) {
    const after = change(health, context);
    if (after === health) continue;
    paths ??= new Map(before.paths);
    paths.set(key, after);
  }
  return told(before, paths ?? before.paths, now, outbox);
}

/** The state with what is told of it, and what was asked for. */
function told(before: HealthState, paths: HealthState["paths"], now: Millis, outbox: CollectedWants): HealthStep {
  const wakeAt = earliest(paths, now);
  const effects: BackhaulEffect[] = outbox.effects;
  if (outbox.ifindexes.size > 0) effects.push({ kind: "read-traffic", ifindexes: [...outbox.ifindexes] });
  const verdicts = verdictsOf(before.verdicts, paths);
  return { health: { ...before, paths, verdicts, asked: outbox.asked, wakeAt }, effects };
}

function earliest(paths: HealthState["paths"], now: Millis): Millis | undefined {
  let next: number | undefined;
  for (const { nextAt } of paths.values()) if (next === undefined || nextAt < next) next = nextAt;
  return next === undefined ? undefined : millis(Math.max(next, now));
}

/** By content: in a state that was read from a log, a path's verdict and the one told are two objects. */
function verdictsOf(before: HealthState["verdicts"], paths: HealthState["paths"]): HealthState["verdicts"] {
  let isSame = before.size === paths.size;
  for (const [key, { verdict }] of paths) isSame &&= isEqual(before.get(key), verdict);
  return isSame ? before : new Map([...paths].map(([key, { verdict }]) => [key, verdict]));
}

/** Ids tell the path by their remainder: 255 slots of uplinks and two families. */
const slots = 512;

function slotOf({ mark, family }: ProbePath): number {
  return ((mark >> 8) * 2 + familyBit[family]) % slots;
}

const familyBit: Readonly<Record<Family, number>> = { ipv4: 0, ipv6: 1 };

class CollectedWants implements Outbox {
  readonly effects: BackhaulEffect[] = [];
  readonly ifindexes = new Set<number>();
  asked: number;

  constructor(asked: number) {
    this.asked = asked;
  }

  ask(path: ProbePath, question: ProbeQuestion, limit: Millis): number {
    this.asked += 1;
    const id = this.asked * slots + slotOf(path);
    this.effects.push({ kind: "probe", request: { id, path, question, limit } });
    return id;
  }

  readTraffic(ifindex: number): void {
    this.ifindexes.add(ifindex);
  }
}
