/** A thousand streams whose far end never reads, and whose near end sends what is taken: what is held, and how others fare. */
import { setTimeout as delay } from "node:timers/promises";
import { seconds } from "@ropewalk/kernel/units";
import { percentile } from "../race.ts";
import { alone } from "./field.ts";
import { churn, hold, ping } from "./load.ts";
import type { Part } from "./part.ts";
import { memory } from "./process-tree.ts";
import type { Figure } from "./round-table.ts";

const streams = 1_000;
const warmUp = 500;
const sampleMs = 200;
/** What is shipped as `session_credit_bytes`, and a tenth. */
const mostMegabytes = (67_108_864 / 1e6) * 1.1;
const pings = { count: 3_000, every: 1_000 } as const;

const name = `${streams} stalled readers`;
const growth: Figure = {
  ...{ metric: `${name}: growth of both ends, most`, unit: "MB", better: "less" },
  goals: [{ kind: "figure", limit: mostMegabytes }],
};
const before: Figure = {
  metric: `64 octets there and back without ${name}, p99`,
  unit: "µs",
  better: "less",
  goals: [],
};
const beside: Figure = {
  metric: `64 octets there and back beside ${name}, p99`,
  unit: "µs",
  better: "less",
  goals: [],
};
const times: Figure = {
  ...{ metric: `${name}: others' p99, × without them`, unit: "", better: "less" },
  goals: [{ kind: "figure", limit: 2 }],
};

export const stalledReaders: Part = async (scene) => {
  for (let round = 0; round < scene.rounds; round += 1) {
    for (const entrant of scene.entrants) {
      await alone(scene, entrant, async ({ column, tunnel }, { source }) => {
        if (tunnel.pids.length === 0) return;
        const echo = tunnel.way("echo");
        await churn(source, echo, warmUp);
        const without = percentile((await ping(source, echo, pings)).micros, 0.99);
        const least = memory(tunnel.pids);
        await using _held = await hold(source, tunnel.way("stall"), {
          ...{ count: streams, isFilling: true, within: seconds(60) },
        });
        // One after the other: whose memory is counted stands still meanwhile.
        const most = await mostOf(tunnel.pids, scene.seconds);
        const { micros } = await ping(source, echo, pings);
        // Nobody is answered any more: it took for ever.
        const among = micros.length < pings.count ? Number.POSITIVE_INFINITY : percentile(micros, 0.99);
        scene.table.record(growth, column, round, (most - least) / 1e6);
        scene.table.record(before, column, round, without);
        scene.table.record(beside, column, round, among);
        scene.table.record(times, column, round, among / without);
      });
    }
  }
};

/** Watched for a while after all are there. */
async function mostOf(pids: readonly number[], forSeconds: number): Promise<number> {
  let most = 0;
  for (let passed = 0; passed <= forSeconds * 1_000 * 2; passed += sampleMs) {
    most = Math.max(most, memory(pids));
    await delay(sampleMs);
  }
  return most;
}
