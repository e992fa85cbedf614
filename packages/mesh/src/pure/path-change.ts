/** What a new picture of this machine's uplinks means for links: which addresses they may not go by any more, and whether any way is new. */
import type { IpAddress } from "@ropewalk/kernel/addresses";
import type { PathBinding } from "@ropewalk/kernel/connectivity";

export interface PathChange {
  /** Addresses of this machine by which nothing should go any more. */
  readonly gone: readonly IpAddress[];
  /** There are other ways than before: what was found out about the old ones says nothing. */
  readonly isOther: boolean;
}

/** Scores, order and what is measured may differ as they will. */
export function pathChange(before: readonly PathBinding[], now: readonly PathBinding[]): PathChange {
  const keys = (paths: readonly PathBinding[]) => new Set(paths.map(({ uplinkId, source }) => `${uplinkId} ${source}`));
  const [old, fresh] = [keys(before), keys(now)];
  const sources = new Set(now.map(({ source }) => source));
  const gone = new Set(before.map(({ source }) => source).filter((source) => !sources.has(source)));
  return { gone: [...gone], isOther: old.symmetricDifference(fresh).size > 0 };
}
