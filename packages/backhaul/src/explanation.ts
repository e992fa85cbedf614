/** Why the backhaul judges and chooses as it does: the evidence behind each state and decision, for people and for replay. */
import type { Family, IpAddress } from "@ropewalk/kernel/addresses";
import type { UplinkId } from "@ropewalk/kernel/connectivity";
import type { ProbeKind } from "./pure/health/probe.ts";
import type { Decision, DecisionScope, PathFigures, ProbingStatus, UplinkReason, UplinkState } from "./status.ts";

/** What one kind of probe last said of one target on one path. */
export interface ProbeEvidence {
  readonly kind: ProbeKind;
  /** "cloudflare 1.1.1.1", "resolver 192.0.2.53", "gateway 198.18.0.1". */
  readonly target: string;
  /** "answered in 12.3 ms", "silent since 4.2 s", "another name in the certificate: portal.example". */
  readonly text: string;
  readonly isGood: boolean;
  /** Milliseconds before now; null when nothing came of it yet. */
  readonly ageMs: number | null;
}

export interface PathExplanation {
  readonly family: Family;
  readonly source: IpAddress | null;
  readonly state: UplinkState;
  readonly reason: UplinkReason;
  /** How long it is in this state; null when it was not measured. */
  readonly sinceMs: number | null;
  readonly figures: PathFigures;
  /** Time since the last sign of life, and the bound of the silence detector; null when nothing is measured. */
  readonly silence: { readonly forMs: number; readonly boundMs: number } | null;
  readonly evidence: readonly ProbeEvidence[];
  /** RFC 2439's figure of merit; null when damping is off or there is none. */
  readonly penalty: { readonly value: number; readonly isSuppressed: boolean; readonly reusableInMs: number } | null;
  /** What is about to change and in how long: "up in 4.2 s when it goes on answering"; null when nothing is. */
  readonly pending: string | null;
}

export interface UplinkExplanation {
  readonly uplinkId: UplinkId;
  readonly name: string;
  readonly probing: ProbingStatus | null;
  /** What probes have cost since the start: both directions. */
  readonly probeBytes: { readonly sent: number; readonly received: number };
  readonly paths: readonly PathExplanation[];
}

/** A change of state or decision, as it was told; the last 64 are kept. */
export interface PastChange {
  /** Milliseconds before now. */
  readonly agoMs: number;
  readonly text: string;
}

export interface BackhaulExplanation {
  readonly decisions: Readonly<Record<DecisionScope, Decision>>;
  readonly uplinks: readonly UplinkExplanation[];
  /** Targets that answer on no uplink while others do: theirs is the fault, and no uplink is blamed. */
  readonly faultyTargets: readonly string[];
  /** Newest first. */
  readonly history: readonly PastChange[];
}
