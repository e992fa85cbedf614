/** The lines of a simulated site, and what goes wrong on them while none is dead. */
import { bitsPerSecond, millis, seconds } from "@ropewalk/kernel/units";
import type { CrossTraffic } from "@ropewalk/simnet/backlog";
import type { LinkProfile } from "@ropewalk/simnet/link-profile";
import { loadInBursts } from "@ropewalk/simnet/traffic-bursts";
import type { SimUplink, UplinkProfiles } from "./internet.ts";
import type { Site } from "./site.ts";

/** 20 ms there and back, 2 ms of jitter, and a modem that buffers two seconds. */
export const goodLine: UplinkProfiles = { there: goodDirection(10_000_000), back: goodDirection(50_000_000) };

function goodDirection(rate: number): LinkProfile {
  return {
    delay: millis(9),
    jitter: { mean: millis(1), shape: "exponential", order: "kept" },
    rate: bitsPerSecond(rate),
    queue: { kind: "time", limit: seconds(2) },
  };
}

export interface Weather {
  /** Of packets in each direction; what pulses lose is nearly twice that. */
  readonly loss: number;
  /** Times the jitter of a good line. */
  readonly jitter: number;
  /**
   * Bursts of 1–30 s at 0.5–4 × the rate fill the queue of either direction up to its two seconds, with 1–30 s of calm between them;
   * undefined: none do.
   */
  readonly queues: CrossTraffic["whenFull"] | undefined;
}

/** The weather of the acceptance: all of it together. */
export const storm: Weather = { loss: 0.02, jitter: 10, queues: "backs-off" };

export function worsen(
  site: Site,
  { loss, jitter, queues }: Weather,
  uplinks: readonly SimUplink[] = site.uplinks,
): void {
  const { net } = site.internet;
  for (const { name, wire } of uplinks) {
    for (const link of [wire.there, wire.back]) {
      const { jitter: usual } = link.profile;
      if (usual !== undefined) link.change({ jitter: { ...usual, mean: millis(usual.mean * jitter) } });
      link.change({ loss: { kind: "random", share: loss } });
    }
    if (queues === undefined) continue;
    loadInBursts(
      [wire.there, wire.back],
      { factor: [0.5, 4], whenFull: queues, burst: [seconds(1), seconds(30)], calm: [seconds(1), seconds(30)] },
      { time: net.time, random: net.random.fork(`queues of ${name}`) },
    );
  }
}
