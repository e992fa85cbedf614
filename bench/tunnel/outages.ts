/** What a stream of messages went through while its tunnel's wire was cut several times, from when each answer came. */

export interface Outage {
  /** Nanoseconds of one clock: when the wire was whole again. */
  readonly returnedAt: bigint;
}

export interface Answers {
  /** When message 0 was due, by the same clock. */
  readonly began: bigint;
  readonly everyMicros: number;
  /** Of each message from when it was due, in order. */
  readonly micros: readonly number[];
}

/** Milliseconds from each return of the wire to the first answer after it; Infinity when there is none. */
export function resumptions({ began, everyMicros, micros }: Answers, outages: readonly Outage[]): readonly number[] {
  return outages.map(({ returnedAt }) => {
    const returned = Number(returnedAt - began) / 1_000;
    const arrivals = micros.map((taken, index) => index * everyMicros + taken);
    const after = arrivals.find((arrival) => arrival >= returned);
    return after === undefined ? Number.POSITIVE_INFINITY : (after - returned) / 1_000;
  });
}
