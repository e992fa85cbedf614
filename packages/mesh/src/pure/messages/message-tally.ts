/** What became of envelopes that this node passed on or kept: for the whole node, without an address. */

/** Why an envelope went no further. `kept-full` and those like it: no room under that bound of custody. */
export type EnvelopeDrop =
  | "label"
  | "hops"
  | "repeated"
  | "life"
  | "own"
  | "held"
  | "neighbour-full"
  | "destination-full"
  | "all-full";

/** How custody ends. `lost`: the store has it no more; `refused`: it could not be stored. */
export type CustodyEnd = "proved" | "expired" | "evicted" | "lost" | "refused";

export class MessageTally {
  readonly dropped: Map<EnvelopeDrop, number> = new Map();
  readonly ended: Map<CustodyEnd, number> = new Map();
  /** Taken into custody. */
  kept = 0;
  /** Passed on by a label as they came. */
  passed = 0;
  arrived = 0;
  /** Given to neighbours to keep. */
  given = 0;
  proofsPassed = 0;
  /** Of what this node knows nothing of, or not any more. */
  proofsUnknown = 0;
  /** Emergencies beyond their share, which are high from here on. */
  lowered = 0;

  figures(): Omit<MessageTally, "drop" | "end" | "figures"> {
    return { ...this };
  }

  drop(why: EnvelopeDrop): void {
    this.dropped.set(why, (this.dropped.get(why) ?? 0) + 1);
  }

  end(how: CustodyEnd): void {
    this.ended.set(how, (this.ended.get(how) ?? 0) + 1);
  }
}
