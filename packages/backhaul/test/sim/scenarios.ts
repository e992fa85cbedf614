/** The scenarios of the acceptance, each a run from a seed and what came of it. What is asserted of them, tests and soak say. */
import { type Millis, millis, seconds } from "@ropewalk/kernel/units";
import type { StateChange, Switch } from "./observer.ts";
import { Site, type SiteOptions } from "./site.ts";
import { type Weather, worsen } from "./weather.ts";

export type Run = SiteOptions;

export interface Outcome {
  readonly seed: number;
  readonly virtual: Millis;
  readonly switches: number;
  readonly downs: number;
  /** Changes of state, by "state reason". */
  readonly states: ReadonlyMap<string, number>;
  /** The first of each. */
  readonly switched: readonly Switch[];
  readonly changes: readonly StateChange[];
  readonly packets: number;
}

const warmUp = seconds(60);

/** A site whose first choice is made and whose states have settled. */
export async function settledSite(run: Run): Promise<Site> {
  const site = new Site(run);
  await site.start();
  site.run(warmUp);
  const [first] = site.uplinks;
  if (site.observer.chosen !== first.name) throw new Error(`after the start ${site.observer.chosen} is chosen`);
  site.observer.reset();
  return site;
}

export function outcomeOf(site: Site, { seed }: Run, virtual: Millis): Outcome {
  const { switchCount, counts, switches, changes } = site.observer;
  const packets = site.uplinks.reduce((sum, { wire }) => sum + wire.there.counts.sent + wire.back.counts.sent, 0);
  return {
    seed,
    virtual,
    switches: switchCount,
    downs: site.observer.times("down"),
    states: new Map(counts),
    switched: [...switches],
    changes: [...changes],
    packets,
  };
}

/** Bad weather on both uplinks for `time`. */
export async function weathered(run: Run, time: Millis, weather: Weather): Promise<Outcome> {
  await using site = await settledSite(run);
  worsen(site, weather);
  site.run(time);
  return outcomeOf(site, run, time);
}

/** The round trip of the uplink in use grows by 100–500 ms, for 5–120 s, again and again. */
export async function delaySteps(run: Run, time: Millis): Promise<Outcome> {
  await using site = await settledSite(run);
  const { net } = site.internet;
  const random = net.random.fork("delay steps");
  const [{ wire }] = site.uplinks;
  const usual = wire.there.profile.delay;
  const grow = () => {
    wire.there.change({ delay: millis(usual + random.between(100, 500)) });
    net.time.after(seconds(random.between(5, 120)), shrink);
  };
  const shrink = () => {
    wire.there.change({ delay: usual });
    net.time.after(seconds(random.between(5, 120)), grow);
  };
  shrink();
  site.run(time);
  return outcomeOf(site, run, time);
}

export interface FlapOutcome extends Outcome {
  /** Of the chosen uplink, while the flapping lasted. */
  readonly availability: number;
  /** From the last flap to the flapping uplink being chosen again; undefined: not within five minutes. */
  readonly backAfter: Millis | undefined;
}

/** The uplink in use dies for half a second in each second of ten minutes, then stays well. */
export async function flapping(run: Run, how: "blackhole" | "carrier"): Promise<FlapOutcome> {
  await using site = await settledSite(run);
  const [first] = site.uplinks;
  const phase = site.internet.net.random.fork("phase").between(0, 1_000);
  site.run(millis(phase));
  site.observer.reset();
  const half = millis(500);
  for (let second = 0; second < 600; second += 1) {
    if (how === "carrier") site.setCarrier(first, false);
    else site.cut(first);
    site.run(half);
    if (how === "carrier") site.setCarrier(first, true);
    else site.heal(first);
    site.run(half);
  }
  const availability = site.observer.availability();
  const calmAt = site.internet.now;
  let backAfter: Millis | undefined;
  while (backAfter === undefined && site.internet.now < calmAt + 300_000) {
    if (site.observer.chosen === first.name) backAfter = millis(site.internet.now - calmAt);
    else site.run(millis(100));
  }
  return { ...outcomeOf(site, run, seconds(600)), availability, backAfter };
}

/** The process sleeps for 0.5–5 s, again and again, in the given weather. */
export async function stalled(run: Run, time: Millis, weather: Weather | undefined): Promise<Outcome> {
  await using site = await settledSite(run);
  if (weather !== undefined) worsen(site, weather);
  const { net, site: node } = site.internet;
  const random = net.random.fork("stalls");
  const stall = () => {
    const length = seconds(random.between(0.5, 5));
    node.clock.stall(length);
    net.time.after(millis(length + random.between(0, 20_000)), stall);
  };
  stall();
  site.run(time);
  return outcomeOf(site, run, time);
}

/** For people: what was decided, and why, with the seed that shows it again. */
export function tellOutcome({ seed, switches, downs, switched, changes }: Outcome): string {
  const at = (time: Millis) => `${(time / 1_000).toFixed(3)} s`;
  return [
    `seed ${seed}: ${switches} switches, ${downs} times down`,
    ...switched.slice(0, 6).map((entry) => `  ${at(entry.at)} ${entry.from} → ${entry.to}: ${entry.reason}`),
    ...changes
      .filter(({ state }) => state === "down" || state === "portal")
      .slice(0, 6)
      .map((change) => `  ${at(change.at)} ${change.name} ${change.state}: ${change.text}`),
  ].join("\n");
}
