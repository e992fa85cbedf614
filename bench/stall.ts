/** A daemon that the machine kept from running (SIGSTOP, as suspend or swap do) must not take its own sleep for the uplinks' silence. */
import { setTimeout as delay } from "node:timers/promises";
import { createLab } from "@ropewalk/lab/lab";
import { atMost, describeMachine, type RaceOptions, type RaceReport, type RaceRow, told } from "./race.ts";
import { RopewalkMonitor, shortReturn } from "./ropewalk-monitor.ts";

const profiles = ["fast", "normal"] as const;
const shortestStopMs = 500;
const longestStopMs = 5_000;
/** Whatever a stop makes the daemon believe, it believes within this; and so long all must be well before the next. */
const afterMs = 3_000;
const upLimitMs = 60_000;

export async function race(options: RaceOptions): Promise<RaceReport> {
  const trials = Number(options["trials"] ?? 40);
  const rows: RaceRow[] = [];
  for (const profile of profiles) rows.push(...(await stallRows(profile, trials)));
  return { race: "stall", machine: describeMachine(), rounds: `${trials} stops of 0.5 to 5 s a profile`, rows };
}

async function stallRows(profile: (typeof profiles)[number], trials: number): Promise<readonly RaceRow[]> {
  await using lab = await createLab({ uplinks: 2 });
  await using ropewalk = await RopewalkMonitor.start(lab, {
    configuration: shortReturn,
    settings: { BACKHAUL_PROBE_PROFILE: profile },
  });
  const logs = lab.uplinks.map(({ name }) => ({ name, log: ropewalk.log(name) }));
  for (const { name, log } of logs) {
    if ((await log.until(false, upLimitMs)) === undefined) throw new Error(`${name} was not called up`);
    log.faultEnded();
  }
  await delay(afterMs);
  let stoppedMs = 0;
  for (let trial = 0; trial < trials; trial += 1) {
    const stopMs = shortestStopMs + ((longestStopMs - shortestStopMs) * trial) / Math.max(1, trials - 1);
    await ropewalk.daemon.process.kill("SIGSTOP");
    await delay(stopMs);
    await ropewalk.daemon.process.kill("SIGCONT");
    await delay(afterMs);
    stoppedMs += stopMs;
    // The event stream must have lived on, or nothing would be counted.
    await ropewalk.daemon.status();
    for (const { name, log } of logs) {
      if ((await log.until(false, upLimitMs)) === undefined) throw new Error(`${name} stayed down after a stop`);
    }
  }
  const falseDowns = logs.reduce((sum, { log }) => sum + log.falseDowns, 0);
  return [
    atMost(`${profile}: false downs`, "", falseDowns, 0),
    told(`${profile}: stopped in all`, "s", stoppedMs / 1_000),
  ];
}
