/**
 * Counts what probing, judging and choosing do, for the metrics. It is told of every probe, so it only adds to numbers it
 * already has: nothing is made but a note of each question that waits for its answer.
 */
import { type Family, families } from "@ropewalk/kernel/addresses";
import type { UplinkId } from "@ropewalk/kernel/connectivity";
import { type Millis, millis, seconds } from "@ropewalk/kernel/units";
import { bytesOf } from "./pure/health/cost.ts";
import { type ProbeKind, type ProbeOutcome, type ProbeRequest, probeKinds } from "./pure/health/probe.ts";
import type { BackhaulEvent, DecisionScope, UplinkState } from "./status.ts";

export const probeResults = [
  "answered",
  "resolved",
  "limited",
  "intercepted",
  "refused",
  "silent",
  "skipped",
  "unsent",
] as const;

/**
 * An echo that is lost has no outcome, nor has what waited on a path that went away. What is this much older than its limit
 * (an echo has none) counts as silent; a later answer changes nothing.
 */
const givenUpAfter: Millis = seconds(10);
/** More than a node with 16 uplinks asks in that time; beyond it the oldest counts as silent early. */
const mostWaiting = 65_536;
/** Twice the uplinks that there may be, so that those that come and go do not gather. */
const mostUplinks = 510;

interface Waiting {
  readonly counts: UplinkCounts;
  readonly place: number;
  readonly until: Millis;
}

/** Of one uplink: a number for each family and kind, and of the results for each of these and result. */
class UplinkCounts {
  readonly results: Float64Array = new Float64Array(families.length * probeKinds.length * probeResults.length);
  readonly sent: Float64Array = new Float64Array(families.length * probeKinds.length);
  readonly received: Float64Array = new Float64Array(families.length * probeKinds.length);
  /** Octets of the last probe that was told of: what one without an outcome is taken to have sent. */
  readonly lastSent: Float64Array = new Float64Array(families.length * probeKinds.length);
}

/** What was counted of one family and kind of probe on one uplink. */
export interface ProbeTally {
  readonly uplinkId: UplinkId;
  readonly family: Family;
  readonly kind: ProbeKind;
  readonly results: Readonly<Record<(typeof probeResults)[number], number>>;
  readonly sentBytes: number;
  readonly receivedBytes: number;
}

export class HealthCounts {
  stalls = 0;
  stalledFor: Millis = millis(0);
  readonly switches: Record<DecisionScope, number> = { ipv4: 0, ipv6: 0, overall: 0 };
  readonly #byUplink = new Map<UplinkId, UplinkCounts>();
  readonly #waiting = new Map<number, Waiting>();
  readonly #changes = new Map<UplinkId, Record<Family, Partial<Record<UplinkState, number>>>>();
  readonly #chosen: Partial<Record<DecisionScope, UplinkId>> = {};

  /** A probe goes out. */
  asked({ id, path, question, limit }: ProbeRequest, now: Millis): void {
    const counts = this.#countsOf(path.uplinkId);
    const isEcho = question.kind === "echo";
    const place = placeOf(path.family, question.kind);
    this.#waiting.set(id, { counts, place, until: millis(now + givenUpAfter + (isEcho ? 0 : limit)) });
    // An echo and its reply are of one size.
    if (isEcho && counts.lastSent[place] === 0) counts.lastSent[place] = bytesOf(question, path) / 2;
    if (this.#waiting.size <= mostWaiting) return;
    const [oldest] = this.#waiting;
    if (oldest !== undefined) this.#giveUp(...oldest);
  }

  /** What came of it; of a probe that was given up, or never asked, nothing is counted. */
  answered({ id, result, traffic }: ProbeOutcome): void {
    const waiting = this.#waiting.get(id);
    if (waiting === undefined) return;
    this.#waiting.delete(id);
    const { counts, place } = waiting;
    add(counts.results, place * probeResults.length + probeResults.indexOf(result.kind), 1);
    add(counts.sent, place, traffic.sent);
    add(counts.received, place, traffic.received);
    if (traffic.sent > 0) counts.lastSent[place] = traffic.sent;
  }

  /** The process itself did not run for so long, and no link is blamed for it. */
  stalled(duration: Millis): void {
    this.stalls += 1;
    this.stalledFor = millis(this.stalledFor + duration);
  }

  published(event: BackhaulEvent): void {
    switch (event.kind) {
      case "uplink-changed":
        for (const family of families) {
          if (event.changed.includes(`${family}.state`))
            this.#changed(event.uplink.id, family, event.uplink[family].state);
        }
        break;
      case "connectivity":
        for (const scope of ["ipv4", "ipv6", "overall"] as const) this.#decided(scope, event.decisions[scope].uplinkId);
        break;
      case "uplink-added":
      case "uplink-removed":
      case "order":
        break;
    }
  }

  /** Everything counted of the uplinks in `present`; the others are forgotten. */
  *probes(present: ReadonlySet<UplinkId>, now: Millis): Generator<ProbeTally> {
    this.#giveUpUntil(now);
    for (const [uplinkId, counts] of this.#byUplink) {
      if (!present.has(uplinkId)) {
        this.#byUplink.delete(uplinkId);
        continue;
      }
      for (const family of families) for (const kind of probeKinds) yield tallyOf(uplinkId, family, kind, counts);
    }
  }

  *stateChanges(present: ReadonlySet<UplinkId>): Generator<{
    readonly uplinkId: UplinkId;
    readonly family: Family;
    readonly state: UplinkState;
    readonly count: number;
  }> {
    for (const [uplinkId, byFamily] of this.#changes) {
      if (!present.has(uplinkId)) this.#changes.delete(uplinkId);
      else
        for (const family of families)
          for (const [state, count] of Object.entries(byFamily[family]))
            yield { uplinkId, family, state: state as UplinkState, count };
    }
  }

  /** What the probes of one uplink have cost since it was found. */
  bytesOf(uplinkId: UplinkId, now: Millis): { readonly sent: number; readonly received: number } {
    this.#giveUpUntil(now);
    const counts = this.#byUplink.get(uplinkId);
    const sum = (numbers: Float64Array | undefined) => numbers?.reduce((total, number) => total + number, 0) ?? 0;
    return { sent: sum(counts?.sent), received: sum(counts?.received) };
  }

  #countsOf(uplinkId: UplinkId): UplinkCounts {
    const known = this.#byUplink.get(uplinkId);
    if (known !== undefined) return known;
    const made = new UplinkCounts();
    bounded(this.#byUplink);
    this.#byUplink.set(uplinkId, made);
    return made;
  }

  #changed(uplinkId: UplinkId, family: Family, state: UplinkState): void {
    let changes = this.#changes.get(uplinkId);
    if (changes === undefined) {
      changes = { ipv4: {}, ipv6: {} };
      bounded(this.#changes);
      this.#changes.set(uplinkId, changes);
    }
    changes[family][state] = (changes[family][state] ?? 0) + 1;
  }

  /** Choosing none is no switch, and choosing the same again after that is none either. */
  #decided(scope: DecisionScope, uplinkId: UplinkId | null): void {
    if (uplinkId === null) return;
    const before = this.#chosen[scope];
    if (before !== undefined && before !== uplinkId) this.switches[scope] += 1;
    this.#chosen[scope] = uplinkId;
  }

  #giveUpUntil(now: Millis): void {
    for (const [id, waiting] of this.#waiting) if (waiting.until <= now) this.#giveUp(id, waiting);
  }

  #giveUp(id: number, { counts, place }: Waiting): void {
    this.#waiting.delete(id);
    add(counts.results, place * probeResults.length + probeResults.indexOf("silent"), 1);
    add(counts.sent, place, counts.lastSent[place] ?? 0);
  }
}

function placeOf(family: Family, kind: ProbeKind): number {
  return families.indexOf(family) * probeKinds.length + probeKinds.indexOf(kind);
}

function add(numbers: Float64Array, index: number, amount: number): void {
  numbers[index] = (numbers[index] ?? 0) + amount;
}

function bounded(map: Map<UplinkId, unknown>): void {
  const [oldest] = map.keys();
  if (map.size >= mostUplinks && oldest !== undefined) map.delete(oldest);
}

function tallyOf(uplinkId: UplinkId, family: Family, kind: ProbeKind, counts: UplinkCounts): ProbeTally {
  const place = placeOf(family, kind);
  const results = Object.fromEntries(
    probeResults.map((result, index) => [result, counts.results[place * probeResults.length + index] ?? 0]),
  ) as ProbeTally["results"];
  const sentBytes = counts.sent[place] ?? 0;
  const receivedBytes = counts.received[place] ?? 0;
  return { uplinkId, family, kind, results, sentBytes, receivedBytes };
}
