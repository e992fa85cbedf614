/** What the configuration says of moving traffic. */
import type { Millis } from "@ropewalk/kernel/units";
import type { UplinkEntry } from "../entries.ts";
import type { StandingConfig } from "./standing.ts";

export interface SteeringConfig extends StandingConfig {
  /** How long connections stay on an uplink that is to be emptied. */
  readonly drainGrace: Millis;
  readonly uplink: readonly UplinkEntry[];
}
