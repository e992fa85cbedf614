/**
 * The wire between the ends is cut at random moments for random times: every packet of it is answered with a reset, as is every new
 * connection. Messages go on by the clock meanwhile; how soon they are answered again, and whether one is missing.
 */
import { setTimeout as delay } from "node:timers/promises";
import type { LabHost } from "@ropewalk/lab/lab-host";
import { percentile } from "../race.ts";
import { alone, firstPort } from "./field.ts";
import { startPing } from "./load.ts";
import { type Outage, resumptions } from "./outages.ts";
import type { Part, Scene } from "./part.ts";
import { ropewalk, wirePort } from "./ropewalk-ends.ts";
import type { Figure } from "./round-table.ts";

const everyMicros = 1_000;
const cutsPerRound = 20;
const restMs = 1_000;
const downMs = { least: 50, most: 1_000 } as const;

const name = `the wire is reset for ${downMs.least} to ${downMs.most} ms`;
const figure = (metric: string, unit: string, limit?: number): Figure => ({
  ...{ metric: `${name}: ${metric}`, unit, better: "less" },
  goals: limit === undefined ? [] : [{ kind: "figure", limit }],
});
const middle = figure("from its return to the next answer, p50", "ms", 150);
const tail = figure("from its return to the next answer, p99", "ms");
const lost = figure("messages without an answer, and streams that broke", "", 0);

export const cuts: Part = async (scene) => {
  const all: number[] = [];
  let missing = 0;
  for (let round = 0; round < scene.rounds; round += 1) {
    const found = await cutOften(scene);
    all.push(...found.taken);
    missing += found.missing;
  }
  const entrant = ropewalk(scene.identities).column;
  scene.table.record(middle, entrant, 0, percentile(all, 0.5));
  scene.table.record(tail, entrant, 0, percentile(all, 0.99));
  scene.table.record(lost, entrant, 0, missing);
  scene.table.note(
    `Cuts: ${all.length}, in both directions at once; the ends know nothing of the return but what they try.`,
  );
};

async function cutOften(scene: Scene) {
  const found = { taken: [] as readonly number[], missing: 0 };
  await alone(scene, ropewalk(scene.identities), async ({ tunnel }, { source }) => {
    await using pinging = await startPing(source, tunnel.way("echo"), { count: 10_000_000, every: everyMicros });
    const outages: Outage[] = [];
    for (let cut = 0; cut < cutsPerRound; cut += 1) {
      await delay(restMs * (0.5 + Math.random()));
      outages.push(await cutOnce(source));
    }
    await delay(restMs);
    const { began, micros, failed, isBroken } = await pinging.stop();
    found.taken = resumptions({ began, everyMicros, micros }, outages);
    found.missing = failed + (isBroken ? 1 : 0);
  });
  return found;
}

async function cutOnce(host: LabHost): Promise<Outage> {
  await host.exec("nft", ["-f", "-"], { input: rules(wirePort(firstPort)) });
  await delay(downMs.least + Math.random() * (downMs.most - downMs.least));
  await host.exec("nft", ["delete", "table", "inet", "cut"]);
  return { returnedAt: process.hrtime.bigint() };
}

/** Both ends are in one host: what is sent is refused before it is there. The refusals are sent too, and must pass. */
function rules(port: number): string {
  const refused = ["dport", "sport"].map((side) => `tcp ${side} ${port} tcp flags & rst == 0 reject with tcp reset`);
  const lines = ["table inet cut {", "chain sent {", "type filter hook output priority 0", ...refused, "}", "}"];
  return `${lines.join("\n")}\n`;
}
