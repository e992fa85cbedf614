/** All attacks that are simulated. */
import type { Attack } from "./attack.ts";
import { pushedOut } from "./attack-contacts.ts";
import { garbageFlood, sybilFlood } from "./attack-floods.ts";
import { forgotten, replay, wrongClocks } from "./attack-freshness.ts";
import { loweredHops, repeatedHops } from "./attack-hops.ts";
import { drawnIn, swallowed } from "./attack-packets.ts";

export const attacks: readonly Attack[] = [
  loweredHops,
  repeatedHops,
  replay,
  wrongClocks,
  forgotten,
  swallowed,
  drawnIn,
  pushedOut,
  garbageFlood,
  sybilFlood,
];
