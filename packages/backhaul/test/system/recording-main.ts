/** Records a random life in the folder given as argument, as fast as it goes, until it is killed. */
import { openDecisionLog } from "@ropewalk/backhaul/io/decision-log";
import { createSystemClock } from "@ropewalk/kernel/system-clock";
import { HealthRegistry } from "@ropewalk/ops/health";
import { createLog } from "@ropewalk/ops/log";
import { createMetrics } from "@ropewalk/ops/metrics";
import { RandomLife } from "../replay/random-life.ts";

const [folder = "", seed = "1"] = process.argv.slice(2);
const clock = createSystemClock();
const health = new HealthRegistry({ clock }).subsystem("decision log");
const log = createLog({ level: "error", format: "json", destination: process.stderr, clock });
const decisions = await openDecisionLog(
  { enabled: true, segmentBytes: 128 * 1024, segments: 8 },
  { folder, version: "0.1.0", clock, health, log, metrics: createMetrics() },
);
const life = new RandomLife(Number(seed), (recorded) => decisions.record(recorded));

function live(): void {
  for (let step = 0; step < 20; step += 1) life.live();
  setImmediate(live);
}
live();
