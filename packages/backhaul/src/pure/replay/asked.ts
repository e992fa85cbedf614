/**
 * The effects of a step that are no decisions, as a short text for people and for comparison: "p2w" asked for two probes and
 * then for a wake-up. What exactly was asked for follows from the state, which is compared as a whole.
 */
import type { BackhaulEffect } from "../state.ts";

const letters: Readonly<Record<Exclude<BackhaulEffect["kind"], "publish">, string>> = {
  "read-device": "d",
  "read-resolvers": "r",
  "poll-closely": "c",
  save: "s",
  "save-orders": "o",
  probe: "p",
  follow: "f",
  wake: "w",
  "read-traffic": "t",
};

/** One letter an effect, in their order, with the number of those that follow one another. */
export function askedText(effects: readonly BackhaulEffect[]): string {
  let text = "";
  let last = "";
  let count = 0;
  for (const { kind } of effects) {
    if (kind === "publish") continue;
    const letter = letters[kind];
    if (letter === last) count += 1;
    else {
      if (count > 1) text += count;
      text += letter;
      last = letter;
      count = 1;
    }
  }
  return count > 1 ? text + count : text;
}
