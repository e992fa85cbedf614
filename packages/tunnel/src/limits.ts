/** What the configuration says of sessions and lanes, as those take it. */
import { bytes } from "@ropewalk/kernel/units";
import type { TunnelConfig } from "./config.ts";
import type { LaneConfig } from "./io/lane.ts";
import type { SessionConfig } from "./pure/session/session.ts";

/** Octets that one stream may have waiting: enough for a gigabit a second over 30 ms. */
const largestWindow = 4_194_304;

export function laneConfigOf({ heartbeat, rekey }: TunnelConfig): LaneConfig {
  return { heartbeat, rekey: { bytes: bytes(rekey.bytes), after: rekey.after } };
}

export function sessionConfigOf({ sessionCreditBytes, maxStreams }: TunnelConfig): SessionConfig {
  return { credit: sessionCreditBytes, mostStreams: maxStreams, largestWindow };
}
