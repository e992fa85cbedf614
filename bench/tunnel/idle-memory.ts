/** What a thousand silent streams cost in memory, at both ends. */
import { setTimeout as delay } from "node:timers/promises";
import { seconds } from "@ropewalk/kernel/units";
import { alone } from "./field.ts";
import { churn, hold } from "./load.ts";
import type { Part } from "./part.ts";
import { memory } from "./process-tree.ts";
import type { Figure } from "./round-table.ts";

const streams = 1_000;
/** What every process allocates once, with its first streams, is no cost of a thousand. */
const warmUp = 500;
const settleMs = 2_000;

const growth: Figure = {
  ...{ metric: `${streams} idle streams, both ends`, unit: "MB", better: "less" },
  goals: [{ kind: "figure", limit: 15 }],
};
const base: Figure = { metric: "both ends before", unit: "MB", better: "less", goals: [] };

export const idleMemory: Part = async (scene) => {
  for (let round = 0; round < scene.rounds; round += 1) {
    for (const entrant of scene.entrants) {
      await alone(scene, entrant, async ({ column, tunnel }, { source }) => {
        if (tunnel.pids.length === 0) return;
        await churn(source, tunnel.way("echo"), warmUp);
        await delay(settleMs);
        const before = memory(tunnel.pids);
        await using held = await hold(source, tunnel.way("echo"), { count: streams, within: seconds(60) });
        await delay(settleMs);
        const after = memory(tunnel.pids);
        const { open } = await held.stop();
        if (open !== streams) throw new Error(`only ${open} of ${streams} streams were open`);
        scene.table.record(growth, column, round, (after - before) / 1e6);
        scene.table.record(base, column, round, before / 1e6);
      });
    }
  }
  scene.table.note(
    `Memory is the proportional set size of all processes of both ends, in 10⁶ octets, in a fresh pair for each round, after ${warmUp} streams that were opened and closed.`,
  );
};
