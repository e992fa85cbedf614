/** The colour of each state; always beside the word, never in its place. */
import type { UplinkStateName } from "@ropewalk/api/http";
import type { Paint } from "./paint.ts";

const colours: Readonly<Record<UplinkStateName, keyof Paint>> = {
  up: "good",
  degraded: "unsure",
  down: "bad",
  portal: "foreign",
  probing: "dim",
  unknown: "dim",
};

export function statePaint(state: UplinkStateName, paint: Paint): (text: string) => string {
  return paint[colours[state]];
}
