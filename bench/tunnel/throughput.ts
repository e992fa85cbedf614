/** How much is carried on loopback, and what of the processor that takes at both ends: iperf3 through each tunnel, in turns. */
import { Field } from "./field.ts";
import { runIperf } from "./iperf.ts";
import type { Part } from "./part.ts";
import type { Figure } from "./round-table.ts";

const oneStream = { stunnel: 1.5, ssh: 1.15 };
const eightStreams = { stunnel: 1.5, ssh: 1.25 };

const loads = [
  { name: "1 stream", options: ["-P", "1"], goals: oneStream },
  { name: "8 streams", options: ["-P", "8"], goals: eightStreams },
  { name: "1 stream, -R", options: ["-P", "1", "-R"], goals: oneStream },
  { name: "8 streams, -R", options: ["-P", "8", "-R"], goals: eightStreams },
  { name: "1 stream, --bidir, both ways together", options: ["-P", "1", "--bidir"], goals: oneStream },
] as const;

const mostProcessor = 1.6;
/** A runtime compiles what it runs: that is no cost of what is carried. */
const warmUpSeconds = 3;

export const throughput: Part = async (scene) => {
  await using field = await Field.open(scene);
  await field.warmUp(async ({ tunnel }) => {
    await runIperf(field.ground, tunnel, { seconds: warmUpSeconds, options: ["--bidir"] });
  });
  for (const load of loads) {
    process.stderr.write(`  ${load.name}\n`);
    const [rate, processor] = figuresOf(load);
    await field.race(async ({ column, tunnel }, round) => {
      const carried = await runIperf(field.ground, tunnel, { seconds: scene.seconds, options: load.options });
      scene.table.record(rate, column, round, carried.bitsPerSecond / 1e9);
      scene.table.record(processor, column, round, carried.processorSecondsPerGiB);
    });
  }
};

function figuresOf({ name, goals }: (typeof loads)[number]): readonly [rate: Figure, processor: Figure] {
  return [
    {
      ...{ metric: `throughput, ${name}`, unit: "Gbit/s", better: "more" },
      goals: [
        { kind: "ratio", to: "stunnel", limit: goals.stunnel },
        { kind: "ratio", to: "ssh -L", limit: goals.ssh },
      ],
    },
    {
      ...{ metric: `processor of both ends, ${name}`, unit: "s/GiB", better: "less" },
      goals: [{ kind: "figure", limit: mostProcessor }],
    },
  ];
}
