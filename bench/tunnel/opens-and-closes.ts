/** Streams opened and closed by the thousand: how fast, what fails, and whether anything of them stays. */
import { setTimeout as delay } from "node:timers/promises";
import { ownColumn } from "./entrant.ts";
import { alone } from "./field.ts";
import { churn } from "./load.ts";
import type { Part } from "./part.ts";
import { gaugesOf } from "./proc-figures.ts";
import { memory } from "./process-tree.ts";
import { ropewalk } from "./ropewalk-ends.ts";
import type { Figure } from "./round-table.ts";

const settleMs = 3_000;
/** Of both ends, between the first half and the second. */
const mostGrowth = 5;
/** What others open, to be compared by their rate alone. */
const mostOfOthers = 20_000;

const rate: Figure = { metric: "streams opened and closed, 16 at a time", unit: "/s", better: "more", goals: [] };
const count: Figure = { metric: "streams opened and closed", unit: "", better: "more", goals: [] };
const judged = (metric: string, unit: string, limit: number): Figure => ({
  ...{ metric: `opened and closed: ${metric}`, unit, better: "less", goals: [{ kind: "figure", limit }] },
});
const failed = judged("failed", "", 0);
const growth = judged("growth of both ends over the second half", "MB", mostGrowth);
const left = judged("gauges that did not return to 0", "", 0);

export const opensAndCloses: Part = async (scene) => {
  const { table, trials } = scene;
  for (const entrant of scene.entrants) {
    if (entrant.column === ownColumn) continue;
    await alone(scene, entrant, async ({ column, tunnel }, { source }) => {
      const churned = await churn(source, tunnel.way("echo"), Math.min(trials, mostOfOthers));
      table.record(rate, column, 0, churned.done / churned.seconds);
      table.record(failed, column, 0, churned.failed);
    });
  }
  const ours = scene.entrants.some(({ column }) => column === ownColumn);
  if (!ours) return;
  await alone(scene, ropewalk(scene.identities), async ({ column, tunnel }, { source }) => {
    const half = Math.ceil(trials / 2);
    const zeros = await zeroGauges(tunnel.metrics);
    const first = await churn(source, tunnel.way("echo"), half);
    await delay(settleMs);
    const middle = memory(tunnel.pids);
    const second = await churn(source, tunnel.way("echo"), half);
    await delay(settleMs);
    table.record(rate, column, 0, second.done / second.seconds);
    table.record(count, column, 0, first.done + second.done);
    table.record(failed, column, 0, first.failed + second.failed);
    table.record(growth, column, 0, (memory(tunnel.pids) - middle) / 1e6);
    const after = await zeroGauges(tunnel.metrics);
    const stayed = [...zeros].filter((sample) => !after.has(sample));
    table.record(left, column, 0, stayed.length);
    if (stayed.length > 0) table.note(`Not back at 0: ${stayed.join(", ")}.`);
  });
};

/** Names of gauges that are 0, with their end. */
async function zeroGauges(metrics: () => Promise<readonly [string, string]>): Promise<ReadonlySet<string>> {
  const pages = Object.entries(await metrics());
  return new Set(
    pages.flatMap(([end, page]) =>
      [...gaugesOf(page)].flatMap(([sample, value]) => (value === 0 ? [`${sample} of end ${end}`] : [])),
    ),
  );
}
