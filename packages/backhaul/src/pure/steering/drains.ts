/**
 * Which ways are to be emptied: what is paid for by volume, or was ordered to be drained, keeps its connections for a while after
 * traffic has left it, and then no longer. A dead way is none of these: what is on it is ended at once.
 */
import type { Family } from "@ropewalk/kernel/addresses";
import type { UplinkId } from "@ropewalk/kernel/connectivity";
import { type Millis, millis } from "@ropewalk/kernel/units";
import type { Decision, DecisionScope } from "../../status.ts";
import type { SlottedUplink } from "../connectivity.ts";
import type { Way, Ways } from "./stranded.ts";

export interface Drain {
  readonly way: Way;
  /** Why it must be empty. */
  readonly because: "metered" | "drained";
  /** When what is left of its connections is ended. */
  readonly endsAt: Millis;
}

/** By the keys of the ways. */
export type Drains = ReadonlyMap<string, Drain>;

export const noDrains: Drains = new Map();

export interface DrainInput {
  /** The ways that live. */
  readonly ways: Ways;
  readonly uplinks: readonly SlottedUplink[];
  readonly decisions: Readonly<Record<DecisionScope, Pick<Decision, "uplinkId" | "shares">>>;
  /** By the operator's order. */
  readonly drained: readonly UplinkId[];
  readonly now: Millis;
  readonly grace: Millis;
}

/** A way begins to drain when it does not carry ordinary traffic and must be empty, and stops when it is chosen again. */
export function drainsAfter(before: Drains, { ways, uplinks, decisions, drained, now, grace }: DrainInput): Drains {
  const entries = [...ways].flatMap(([key, way]): readonly (readonly [string, Drain])[] => {
    const because = drained.includes(way.uplinkId) ? "drained" : isMetered(uplinks, way) ? "metered" : undefined;
    if (because === undefined || !carriesAnother(decisions[way.family], way, ways)) return [];
    return [[key, { way, because, endsAt: before.get(key)?.endsAt ?? millis(now + grace) }]];
  });
  return new Map(entries);
}

function isMetered(uplinks: readonly SlottedUplink[], { uplinkId }: Way): boolean {
  return uplinks.some(({ status }) => status.id === uplinkId && status.metered.value === true);
}

/** Ordinary traffic has a way that lives, and none of it takes this one. */
function carriesAnother(
  decision: Pick<Decision, "uplinkId" | "shares">,
  { uplinkId, family }: Way,
  ways: Ways,
): boolean {
  const { uplinkId: chosen, shares } = decision;
  if (chosen === null || chosen === uplinkId || shares.some((share) => share.uplinkId === uplinkId)) return false;
  return [...ways.values()].some((way) => isOf(way, chosen, family));
}

function isOf(way: Way, uplinkId: UplinkId, family: Family): boolean {
  return way.uplinkId === uplinkId && way.family === family;
}
