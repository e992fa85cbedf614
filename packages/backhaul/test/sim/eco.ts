/** The scenarios of metered uplinks: what a day costs, and how soon death is noticed while people use the uplink. */
import type { ProbeKind } from "@ropewalk/backhaul/pure/health/probe";
import type { Family } from "@ropewalk/kernel/addresses";
import { type Millis, millis, seconds } from "@ropewalk/kernel/units";
import { type LiveTraffic, TrafficModel } from "./live-traffic.ts";
import { type Run, settledSite } from "./scenarios.ts";

export interface DayCost {
  /** Of one uplink, both directions: what its wire carried, what the data account says, and what status foretells. */
  readonly onWire: number;
  readonly accounted: number;
  readonly foretold: number;
  readonly byKind: Readonly<Record<ProbeKind, { readonly probes: number; readonly bytes: number }>>;
}

/** An idle day in `eco` on good lines without a loss, or a part of one. The kinds are of both uplinks, halved. */
export async function ecoDay(seed: number, families: readonly Family[], hours = 24): Promise<DayCost> {
  await using site = await settledSite({ seed, profile: "eco", families });
  const [{ wire, name }] = site.uplinks;
  const onWire = () => wire.there.counts.sentBytes + wire.back.counts.deliveredBytes;
  const accounted = () => {
    const { sent = 0, received = 0 } =
      site.service.explain().uplinks.find((uplink) => uplink.name === name)?.probeBytes ?? {};
    return sent + received;
  };
  const before = { onWire: onWire(), accounted: accounted(), runner: structuredClone(site.runner.counts) };
  site.run(seconds(hours * 3_600));
  const { asked, bytes } = site.runner.counts;
  const { runner } = before;
  const kinds = Object.keys(asked) as ProbeKind[];
  const byKind = kinds.map((kind) => {
    return [kind, { probes: (asked[kind] - runner.asked[kind]) / 2, bytes: (bytes[kind] - runner.bytes[kind]) / 2 }];
  });
  return {
    onWire: onWire() - before.onWire,
    accounted: accounted() - before.accounted,
    foretold: site.service.status().uplinks.find((uplink) => uplink.name === name)?.probing?.bytesPerDay ?? 0,
    byKind: Object.fromEntries(byKind),
  };
}

/** From each of `trials` deaths of the used uplink to its being down; undefined when it was not within ten minutes. */
export async function deathsUnderTraffic(
  run: Omit<Run, "profile">,
  traffic: LiveTraffic | undefined,
  trials: number,
): Promise<readonly (Millis | undefined)[]> {
  await using site = await settledSite({ ...run, profile: "eco" });
  const [first] = site.uplinks;
  const { time, random } = site.internet.net;
  if (traffic !== undefined) {
    const model = new TrafficModel(traffic, time, () => !first.wire.there.isCut);
    site.traffic.set(first.name, model);
  }
  const chance = random.fork("deaths");
  const found: (Millis | undefined)[] = [];
  for (let trial = 0; trial < trials; trial += 1) {
    site.run(seconds(chance.between(120, 240)));
    site.cut(first);
    const cutAt = site.internet.now;
    const isFound = () => site.observer.stateOf(first.name)?.startsWith("down") === true;
    while (!isFound() && site.internet.now < cutAt + 600_000) site.run(millis(1));
    found.push(isFound() ? millis(site.internet.now - cutAt) : undefined);
    site.heal(first);
  }
  return found;
}
