/** The same blackholes on a metered uplink, which is probed once a minute: traffic that gets no answer is what gives them away. */
import { createLab } from "@ropewalk/lab/lab";
import { Blackhole, type BlackholeWay, blackholeWays } from "./blackhole.ts";
import { ownColumn } from "./detection-table.ts";
import { startTraffic } from "./live-traffic.ts";
import { atMost, percentile, type RaceRow, told } from "./race.ts";
import { RopewalkMonitor, shortReturn } from "./ropewalk-monitor.ts";
import { createWatcher, strike, type Watcher } from "./trial.ts";

const uplink = "wan0";
const goalMs = 2_000;
/** After an hour of nothing wrong eco has nothing left to learn; a quarter of a minute is what a trial can afford. */
const warmUpMs = 15_000;
const limits = { downLimitMs: 130_000, upLimitMs: 180_000, restMs: 2_000 };

/** `trials` in each direction. */
export async function ecoDetectionRows(trials: number): Promise<readonly RaceRow[]> {
  await using lab = await createLab({ uplinks: 2 });
  await using ropewalk = await RopewalkMonitor.start(lab, {
    configuration: shortReturn,
    uplinks: { [uplink]: { metered: true } },
  });
  await using _traffic = await startTraffic(lab, uplink);
  await using hole = await Blackhole.prepare(lab, uplink);
  const watcher = createWatcher(ownColumn, ropewalk.log(uplink), warmUpMs, limits);
  const rows: RaceRow[] = [];
  for (const way of blackholeWays) {
    const times = await found(hole, way, watcher, trials);
    const name = `eco with traffic, ${way}`;
    rows.push(
      told(`${name}: p50`, "ms", percentile(times, 0.5)),
      atMost(`${name}: max of ${times.length}`, "ms", percentile(times, 1), goalMs),
    );
  }
  rows.push(atMost("eco with traffic: false downs between the faults", "", watcher.falseDowns(), 0));
  return rows;
}

async function found(hole: Blackhole, way: BlackholeWay, watcher: Watcher, trials: number): Promise<number[]> {
  const times: number[] = [];
  for (let trial = 0; trial < trials; trial += 1) {
    const { found, absent } = await strike(hole, way, [watcher]);
    if (absent.length > 0) throw new Error(`${uplink} was not called up within ${limits.upLimitMs} ms after a fault`);
    times.push(...found.values());
    process.stderr.write(`eco, ${way}: trial ${trial + 1} of ${trials} is done\n`);
  }
  return times;
}
