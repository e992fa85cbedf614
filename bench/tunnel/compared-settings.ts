/** What one setting costs: the same tunnel twice, with it and without, in turns. */
import { controlColumn, ownColumn } from "./entrant.ts";
import { Field } from "./field.ts";
import { runIperf } from "./iperf.ts";
import type { Part } from "./part.ts";
import { ropewalk } from "./ropewalk-ends.ts";
import type { Figure } from "./round-table.ts";

const warmUpSeconds = 3;

interface Comparison {
  readonly name: string;
  /** TOML of `[tunnel]`. */
  readonly settings: readonly string[];
  /** At least so much of what is carried without. */
  readonly share: number;
}

export const rekeying = compare({
  name: "new keys each 64 MiB",
  settings: ['rekey = { bytes = 67108864, after = "1h" }'],
  share: 0.97,
});

function compare({ name, settings, share }: Comparison): Part {
  return async (scene) => {
    const variants = [
      { column: ownColumn, settings },
      { column: controlColumn, settings: [] },
    ];
    const entrants = variants.map((variant) => ropewalk(scene.identities, variant));
    await using field = await Field.open(scene, entrants);
    await field.warmUp(async ({ tunnel }) => {
      await runIperf(field.ground, tunnel, { seconds: warmUpSeconds, options: [] });
    });
    const rate: Figure = {
      ...{ metric: `throughput, 1 stream, ${name}`, unit: "Gbit/s", better: "more" },
      goals: [{ kind: "ratio", to: controlColumn, limit: share }],
    };
    await field.race(async ({ column, tunnel }, round) => {
      const { bitsPerSecond } = await runIperf(field.ground, tunnel, { seconds: scene.seconds, options: [] });
      scene.table.record(rate, column, round, bitsPerSecond / 1e9);
    });
  };
}
