/**
 * A question is asked again before the answer to the one before is given up: what was lost with a neighbour that has just died costs half a
 * second, and not as long as an answer from the other end of the mesh may take.
 */
import { type Clock, sleep } from "@ropewalk/kernel/clock";
import { type Millis, millis } from "@ropewalk/kernel/units";
import type { ProbeOutcome } from "./node-shell.ts";

export interface Asking {
  readonly clock: Clock;
  /** For all tries together. */
  readonly within: Millis;
  readonly stop: AbortSignal;
}

/** While an answer may still come, and where there was none to wait for: a way is looked for. */
const [next, again] = [millis(500), millis(100)];

/** The first answer, or why there was none in time. Never rejects. */
export async function askUntilAnswered(
  ask: () => Promise<ProbeOutcome>,
  { clock, within, stop }: Asking,
): Promise<ProbeOutcome> {
  const over = new AbortController();
  const found = Promise.withResolvers<ProbeOutcome>();
  const told: { last: ProbeOutcome } = { last: { kind: "unanswered", why: "lost" } };
  const settle = (outcome: ProbeOutcome) => {
    found.resolve(outcome);
    over.abort();
  };
  const onStop = () => settle({ kind: "unanswered", why: "closed" });
  using _limit = clock.after("answer", within, () => settle(told.last));
  stop.addEventListener("abort", onStop, { once: true });
  if (stop.aborted) onStop();
  const wait = (time: Millis) => sleep(clock, "another try", time, over.signal).catch(() => {});
  while (!over.signal.aborted) {
    const tried = ask().then((outcome) => {
      if (outcome.kind === "answered" || outcome.why === "closed") settle(outcome);
      else told.last = outcome;
    });
    await Promise.race([tried.then(() => wait(again)), wait(next)]);
  }
  stop.removeEventListener("abort", onStop);
  return await found.promise;
}
