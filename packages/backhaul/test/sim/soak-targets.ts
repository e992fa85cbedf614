/** The full counts of the simulated acceptance: a thousand hours of normal, twenty of fast, and everything in between. */
import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { type Millis, millis, seconds } from "@ropewalk/kernel/units";
import { seedVariable } from "@ropewalk/simnet/simulate";
import { deathsUnderTraffic, ecoDay } from "./eco.ts";
import type { LiveTraffic } from "./live-traffic.ts";
import { delaySteps, flapping, type Outcome, type Run, stalled, tellOutcome, weathered } from "./scenarios.ts";
import { storm, type Weather } from "./weather.ts";

interface SoakTarget {
  readonly name: string;
  /** Runs, each with a seed of its own; or trials in one run. */
  readonly inputs: number;
  readonly unit: "runs" | "trials" | "days";
  /** What went against the acceptance; none when all is well. */
  readonly run: (inputs: number, seed: number, report: (line: string) => void) => Promise<readonly string[]>;
}

type Profile = Run["profile"];
type Limits = { readonly switches?: number; readonly downs?: number };

const hour: Millis = seconds(3_600);

/** The same scenario by consecutive seeds, its counts added up and held to limits that are for all of them together. */
function series(
  name: string,
  inputs: number,
  limits: Limits,
  scenario: (seed: number) => Promise<Outcome>,
): SoakTarget {
  return {
    name: `sim ${name}`,
    inputs,
    unit: "runs",
    run: async (runs, seed, report) => {
      const totals = { switches: 0, downs: 0, virtual: 0, packets: 0 };
      const states = new Map<string, number>();
      const told: string[] = [];
      for (let index = 0; index < runs; index += 1) {
        const outcome = await scenario((seed + index) >>> 0);
        totals.switches += outcome.switches;
        totals.downs += outcome.downs;
        totals.virtual += outcome.virtual;
        totals.packets += outcome.packets;
        for (const [state, count] of outcome.states) states.set(state, (states.get(state) ?? 0) + count);
        if (outcome.switches + outcome.downs > 0 && told.length < 10) told.push(tellOutcome(outcome));
        const hours = (totals.virtual / hour).toFixed(1);
        report(`run ${index + 1} of ${runs}: ${hours} h, ${totals.switches} switches, ${totals.downs} times down`);
      }
      report(`${totals.packets} packets; ${[...states].map(([state, count]) => `${state} ${count}`).join(", ")}`);
      const isOver =
        totals.switches > (limits.switches ?? Number.POSITIVE_INFINITY) ||
        totals.downs > (limits.downs ?? Number.POSITIVE_INFINITY);
      if (!isOver) return [];
      return [`${totals.switches} switches and ${totals.downs} times down, allowed ${JSON.stringify(limits)}`, ...told];
    },
  };
}

function weather(profile: Profile, runs: number, time: Millis, name: string, sky: Weather, limits: Limits): SoakTarget {
  const hours = (runs * time) / hour;
  return series(`${profile} ${hours} h, ${name}`, runs, limits, (seed) => weathered({ seed, profile }, time, sky));
}

function flaps(profile: Profile, how: "blackhole" | "carrier"): SoakTarget {
  return {
    name: `sim ${profile} flapping, ${how}`,
    inputs: 50,
    unit: "runs",
    run: async (runs, seed, report) => {
      const failures: string[] = [];
      let [leastAvailable, mostSwitches, longestBack] = [1, 0, 0];
      for (let index = 0; index < runs; index += 1) {
        const outcome = await flapping({ seed: (seed + index) >>> 0, profile }, how);
        const { availability, switches, backAfter = Number.POSITIVE_INFINITY } = outcome;
        leastAvailable = Math.min(leastAvailable, availability);
        mostSwitches = Math.max(mostSwitches, switches);
        longestBack = Math.max(longestBack, backAfter);
        const isGood = availability >= 0.99 && switches <= 3 && backAfter <= 60_000;
        if (!isGood && failures.length < 5) {
          failures.push(
            `available ${(availability * 100).toFixed(2)} %, back after ${backAfter} ms; ${tellOutcome(outcome)}`,
          );
        }
      }
      const share = (leastAvailable * 100).toFixed(2);
      report(`least available ${share} %, most switches ${mostSwitches}, longest until used again ${longestBack} ms`);
      return failures;
    },
  };
}

function deaths(traffic: LiveTraffic): SoakTarget {
  return {
    name: `sim eco, death under traffic, ${traffic}`,
    inputs: 200,
    unit: "trials",
    run: async (trials, seed, report) => {
      const found = await deathsUnderTraffic({ seed }, traffic, trials);
      const times = found.map((time) => time ?? Number.POSITIVE_INFINITY).toSorted((a, b) => a - b);
      const at = (share: number) => times[Math.min(times.length - 1, Math.floor(share * times.length))];
      report(`found after ${at(0.5)} ms (median), ${at(0.99)} ms (99 %), ${times.at(-1)} ms (latest)`);
      const late = times.filter((time) => time > 2_000).length;
      return late === 0 ? [] : [`${late} of ${trials} deaths were found after more than 2 s`];
    },
  };
}

const ecoDayCost: SoakTarget = {
  name: "sim eco, an idle day of both families",
  inputs: 1,
  unit: "days",
  run: async (_days, seed, report) => {
    const { onWire, accounted, foretold, byKind } = await ecoDay(seed, ["ipv4", "ipv6"]);
    report(
      `${onWire} bytes on the wire, ${accounted} accounted, ${foretold} foretold, of one uplink in both directions`,
    );
    for (const [kind, { probes, bytes }] of Object.entries(byKind)) report(`${kind}: ${probes} probes, ${bytes} bytes`);
    return onWire <= 1_000_000 ? [] : [`${onWire} bytes a day`];
  },
};

/** The tests of a file, seed after seed, as `npm test` runs them with one. */
function tests(name: string, file: string): SoakTarget {
  return {
    name: `sim ${name}`,
    inputs: 50,
    unit: "runs",
    run: async (runs, seed, report) => {
      const failures: string[] = [];
      for (let index = 0; index < runs && failures.length < 5; index += 1) {
        const env = { ...process.env, [seedVariable]: String((seed + index) >>> 0) };
        const args = [...process.execArgv, "--test", join(import.meta.dirname, file)];
        const ran = promisify(execFile)(process.execPath, args, { env, maxBuffer: 10_000_000 });
        await ran.catch(({ stdout }: { readonly stdout: string }) => failures.push(stdout));
        report(`run ${index + 1} of ${runs}: ${failures.length} failed`);
      }
      return failures;
    },
  };
}

const windy: Weather = { ...storm, loss: 0.05 };

export const soakTargets: readonly SoakTarget[] = [
  weather("normal", 20, millis(50 * hour), "2 % loss, jitter, queues", storm, { switches: 0 }),
  weather("fast", 10, millis(2 * hour), "2 % loss, jitter, queues", storm, { switches: 0 }),
  weather("normal", 20, millis(50 * hour), "5 % loss, jitter, queues", windy, { switches: 1 }),
  weather("fast", 10, millis(2 * hour), "5 % loss, jitter, queues", windy, { switches: 1 }),
  ...(["fast", "normal", "eco"] as const).map((profile) =>
    series(`${profile} delay steps, 20 h (told, not judged)`, 4, {}, (seed) =>
      delaySteps({ seed, profile }, millis(5 * hour)),
    ),
  ),
  flaps("normal", "blackhole"),
  flaps("normal", "carrier"),
  flaps("fast", "blackhole"),
  flaps("fast", "carrier"),
  ...(["fast", "normal", "eco"] as const).map((profile) =>
    series(`${profile} stalls, 20 h`, 4, { switches: 0, downs: 0 }, (seed) =>
      stalled({ seed, profile }, millis(5 * hour), undefined),
    ),
  ),
  series("normal 100 h, queues that others fill (told, not judged)", 10, {}, (seed) =>
    weathered({ seed, profile: "normal", queueTraffic: "foreign" }, millis(10 * hour), storm),
  ),
  series("fast 10 h, queues that others fill (told, not judged)", 10, {}, (seed) =>
    weathered({ seed, profile: "fast", queueTraffic: "foreign" }, hour, storm),
  ),
  series("normal 100 h, queues that overflow (told, not judged)", 10, {}, (seed) =>
    weathered({ seed, profile: "normal" }, millis(10 * hour), { ...storm, queues: "keeps-on" }),
  ),
  series("fast 10 h, queues that overflow (told, not judged)", 10, {}, (seed) =>
    weathered({ seed, profile: "fast" }, hour, { ...storm, queues: "keeps-on" }),
  ),
  series("fast 10 h, stalls in a storm (told, not judged)", 10, {}, (seed) =>
    stalled({ seed, profile: "fast" }, hour, storm),
  ),
  ...(["call", "upload", "browsing"] as const).map((traffic) => deaths(traffic)),
  ecoDayCost,
  tests("shared traffic", "balance.sim.test.ts"),
  tests("orders", "orders.sim.test.ts"),
];
