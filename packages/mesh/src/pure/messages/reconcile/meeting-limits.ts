/** What a meeting may cost at most, whatever the other end says. */
import type { TokenRate } from "@ropewalk/kernel/token-bucket";
import { type Millis, seconds } from "@ropewalk/kernel/units";

export interface MeetingLimits {
  /** Of the store, in one meeting: of more a slice meets. 32 octets of memory each while it lasts. */
  readonly mostElements: number;
  /** 64 at least, which are given unasked. 13 octets each on the link, 16 of memory; of a difference that would take more a slice meets. */
  readonly mostSymbols: number;
  /** Times that symbols are asked for. */
  readonly mostTurns: number;
  /** Envelopes and proofs that the other end is given; of what this end lacks it asks for as many as one frame names. */
  readonly mostGiven: number;
  /** Silence of the other end. */
  readonly patience: Millis;
  readonly longest: Millis;
  /** So long a neighbour is left alone, twice as long each time, and at most: */
  readonly rest: Millis;
  readonly longestRest: Millis;
  /** Meetings that the other end begins. */
  readonly answers: TokenRate;
}

/**
 * At most 0.6 MB of memory and 28 kB on the link for a meeting. A difference of some 1,400 is found at once; of 65,536 elements that a store
 * has a quarter meets.
 */
export const defaultMeetingLimits: MeetingLimits = {
  mostElements: 16_384,
  mostSymbols: 2_048,
  mostTurns: 24,
  mostGiven: 512,
  patience: seconds(15),
  longest: seconds(120),
  rest: seconds(60),
  longestRest: seconds(3_600),
  answers: { perSecond: 0.1, burst: 8 },
};

/** Times that a meeting begins anew at once since the difference is too large, before it is left. */
export const mostSlicesTried = 2;
