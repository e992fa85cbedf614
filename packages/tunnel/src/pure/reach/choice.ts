/**
 * Where an errand may go, best first. A session with streams is sought where it lives, and left behind only when it could
 * not be reached for long; one without streams is as well begun anew at the destination that is preferred. Nothing is ever
 * dialled that is not configured.
 */
import { type Millis, millis } from "@ropewalk/kernel/units";
import type { Purpose } from "./attempt.ts";
import type { Errand, Moment, ReachConfig, Running } from "./reach-state.ts";
import { bestFor, type Destination, isSamePath, type Paths, type Way, waysTo } from "./way.ts";

/** In the order in which they are tried. */
export function waysOf(state: Running, errand: Errand, moment: Moment, config: ReachConfig): readonly Way[] {
  const { lane, paths } = state;
  if (lane === undefined) return waysTo(soughtDestinations(state, errand, moment, config), paths);
  if (errand.kind === "leave") return waysElsewhere(state, config);
  const own = config.destinations.includes(lane.way.destination) ? [lane.way.destination] : [];
  if (errand.kind === "escape") return waysTo(own, familyFirst(lane.way, paths));
  const best = pathsOf(bestFor(lane.way.path, paths), paths);
  return waysTo(errand.kind === "refresh" && moment.streams === 0 ? preferred(lane.way, config) : own, best);
}

/** To where a session may begin beside the one whose destination is stopping. */
export function waysElsewhere({ session, paths }: Running, { destinations }: ReachConfig): readonly Way[] {
  return waysTo(
    destinations.filter((destination) => destination !== session),
    paths,
  );
}

function soughtDestinations(
  { session }: Running,
  errand: Errand,
  moment: Moment,
  { destinations, failoverAfter }: ReachConfig,
): readonly Destination[] {
  if (session === undefined || moment.streams === 0 || !destinations.includes(session)) return destinations;
  if (moment.now < errand.soughtSince + failoverAfter) return [session];
  return [session, ...destinations.filter((destination) => destination !== session)];
}

/** Those that are preferred to the one where the lane leads, and that one. */
function preferred({ destination }: Way, { destinations }: ReachConfig): readonly Destination[] {
  const index = destinations.indexOf(destination);
  return index < 0 ? destinations : destinations.slice(0, index + 1);
}

/** The destination is known to be reached by the family of the way that carried last. */
function familyFirst({ path }: Way, paths: Paths): Paths {
  if (paths === "unmanaged" || path === undefined) return paths;
  return paths.toSorted((a, b) => Number(a.family !== path.family) - Number(b.family !== path.family));
}

function pathsOf(path: Way["path"], paths: Paths): Paths {
  return path === undefined || paths === "unmanaged" ? paths : [path];
}

/** True when a session at `destination` may take the place of the one that is there, or stand beside it while that is left. */
export function mayLeaveFor(destination: Destination, state: Running, moment: Moment, config: ReachConfig): boolean {
  const { session, lane, errand } = state;
  if (session === undefined || session === destination || moment.streams === 0) return true;
  if (errand === undefined) return false;
  if (lane !== undefined) return errand.kind === "leave";
  return soughtDestinations(state, errand, moment, config).includes(destination);
}

/** When more destinations may be sought than now, if nothing else changes. */
export function moreWaysAt(state: Running, errand: Errand, moment: Moment, config: ReachConfig): Millis | undefined {
  const { lane, session } = state;
  const isHeld = lane === undefined && session !== undefined && moment.streams > 0;
  const at = errand.soughtSince + config.failoverAfter;
  return isHeld && config.destinations.length > 1 && moment.now < at ? millis(at) : undefined;
}

export function purposeOf({ lane, session }: Running, errand: Errand, { destination }: Way): Purpose {
  if (lane === undefined) return destination === session ? "resume" : "first";
  if (destination !== session) return "return";
  return errand.kind === "refresh" ? "refresh" : "move";
}

/** No path leads to any destination. */
export function isOffline({ paths }: Running, { destinations }: ReachConfig): boolean {
  return paths !== "unmanaged" && waysTo(destinations, paths).length === 0;
}

/** True when the lane is on the path that it should be on. */
export function isOnBest({ path }: Way, paths: Paths): boolean {
  return isSamePath(path, bestFor(path, paths));
}
