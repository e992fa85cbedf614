/** How hard a source tries, beyond what is configured. */
import { type Millis, seconds } from "@ropewalk/kernel/units";

/** An attempt that takes longer is joined by one by another way. */
export const slowAfter: Millis = seconds(2);
/** Where streams wait for it. */
export const slowResumeAfter: Millis = seconds(1);
/** From one move to a better path to the next, so that paths that change places do not keep the lane moving. */
export const movesApart: Millis = seconds(2);
/** By what a path is spared after moves there failed. */
export const spareMoves: { readonly first: Millis; readonly longest: Millis } = {
  first: seconds(2),
  longest: seconds(60),
};
/** A lane that is lost sooner is a strike. */
export const steadyAfter: Millis = seconds(0.3);
/** Strikes that are forgiven: the next dial is made at once. */
export const freeStrikes = 2;
/** The longest wait that strikes bring. */
export const longestStrikeWait: Millis = seconds(1);
/** When there was nowhere to go for a refresh. */
export const refreshAgain: Millis = seconds(10);
/** Records of ways older than that say nothing. */
export const forgetWays: Millis = seconds(120);
