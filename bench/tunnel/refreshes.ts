/** Connections that are replaced each 600 ms under load, beside a control run without: what fails, and how long a stream stands still. */
import { percentile } from "../race.ts";
import { controlColumn, ownColumn } from "./entrant.ts";
import { alone } from "./field.ts";
import { runIperf } from "./iperf.ts";
import { startPing } from "./load.ts";
import type { Part, Scene } from "./part.ts";
import { countersOf } from "./proc-figures.ts";
import { ropewalk, type Variant } from "./ropewalk-ends.ts";
import type { Figure } from "./round-table.ts";

const everyMicros = 1_000;
/** Four streams of 250 Mbit/s. */
const load = ["-P", "4", "-b", "250M"];
const variants: readonly Variant[] = [
  { column: controlColumn, settings: ['refresh = "0s"'] },
  // From the end of one to the beginning of the next, and one takes some 60 ms.
  { column: ownColumn, settings: ['refresh = "540ms"'] },
];

const name = "connections replaced each 600 ms under 1 Gbit/s";
const milliseconds = (metric: string, limit?: number): Figure => ({
  ...{ metric: `${name}: ${metric}`, unit: "ms", better: "less" },
  goals: limit === undefined ? [] : [{ kind: "figure", limit }],
});
const tail = milliseconds("64 octets there and back, p99.9");
const above = milliseconds("the same, above the control run", 20);
const worst = milliseconds("64 octets there and back, worst");
const errors: Figure = { metric: `${name}: errors`, unit: "", better: "less", goals: [{ kind: "figure", limit: 0 }] };
const made: Figure = { metric: `${name}: replaced`, unit: "", better: "more", goals: [] };

export const refreshes: Part = async (scene) => {
  const all = new Map<string, number[]>();
  let failures = 0;
  let replaced = 0;
  for (let round = 0; round < scene.rounds; round += 1) {
    for (const variant of variants) {
      const found = await watch(scene, variant);
      all.set(variant.column, [...(all.get(variant.column) ?? []), ...found.taken]);
      if (variant.column !== ownColumn) continue;
      failures += found.failed;
      replaced += found.replaced;
    }
  }
  const share = (column: string, part: number) => percentile(all.get(column) ?? [], part);
  for (const { column } of variants) {
    scene.table.record(tail, column, 0, share(column, 0.999));
    scene.table.record(worst, column, 0, share(column, 1));
  }
  scene.table.record(above, ownColumn, 0, share(ownColumn, 0.999) - share(controlColumn, 0.999));
  scene.table.record(errors, ownColumn, 0, failures);
  scene.table.record(made, ownColumn, 0, replaced);
};

async function watch(scene: Scene, variant: Variant) {
  const found = { taken: [] as readonly number[], failed: 0, replaced: 0 };
  const seconds = Math.ceil((scene.minutes * 60) / scene.rounds);
  await alone(scene, ropewalk(scene.identities, variant), async ({ tunnel }, ground) => {
    const before = await replacements(tunnel.metrics);
    const plan = { count: (seconds * 1e6) / everyMicros, every: everyMicros };
    await using pinging = await startPing(ground.source, tunnel.way("echo"), plan);
    const isCarried = await runIperf(ground, tunnel, { seconds, options: load }).then(
      () => true,
      (error: Error) => scene.table.note(`Under load: ${error.message}`),
    );
    const { micros, failed, isBroken } = await pinging.ended();
    found.taken = micros.map((taken) => taken / 1_000);
    found.failed = failed + (isBroken ? 1 : 0) + (isCarried === true ? 0 : 1);
    found.replaced = (await replacements(tunnel.metrics)) - before;
  });
  return found;
}

/** As the source counts them. */
async function replacements(metrics: () => Promise<readonly [string, string]>): Promise<number> {
  const [source] = await metrics();
  const counters = [...countersOf(source)].filter(([sample]) => /="refreshed"/.test(sample));
  return counters.reduce((sum, [, value]) => sum + value, 0);
}
