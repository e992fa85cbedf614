/**
 * How soon a subscriber of the Unix socket is told: from CLOCK_MONOTONIC just before the system call that changes the
 * network to the arrival of the event's bytes in another process. Real daemon, real kernel, in the lab.
 */
import type { UplinkDocument } from "@ropewalk/api/http";
import { millis } from "@ropewalk/kernel/units";
import { IpSession } from "@ropewalk/lab/ip-session";
import { createLab, type Lab } from "@ropewalk/lab/lab";
import { uplinkSubnets } from "@ropewalk/lab/topology";
import { type Arrival, DaemonInLab, daemonCommand, type Subscription } from "./daemon-in-lab.ts";
import { atMost, describeMachine, percentile, type RaceOptions, type RaceReport, type RaceRow } from "./race.ts";

const waitMs = 5_000;
/** The kernel throttles link events for a second after the last one; "isolated" means twice that. */
const calmMs = 2_100;
const flapPeriodMs = 400;

interface Scene {
  readonly lab: Lab;
  readonly events: Subscription;
  readonly trials: number;
}

export async function race(options: RaceOptions): Promise<RaceReport> {
  const trials = Number(options["trials"] ?? 200);
  const wanted = (part: string) => options["only"] === undefined || options["only"] === part;
  const rows: RaceRow[] = [];
  if (wanted("isolated")) rows.push(...(await inLab("equal", trials, isolatedCarrierLoss)));
  for (const layout of ["equal", "unequal"] as const) {
    if (wanted("flapping")) rows.push(...(await inLab(layout, trials, (scene) => flapping(scene, layout))));
  }
  if (wanted("changes")) rows.push(...(await inLab("equal", trials, changes)));
  return { race: "observation", machine: describeMachine(), rounds: `${trials} trials a row`, rows };
}

async function inLab(
  ifindexes: "equal" | "unequal",
  trials: number,
  run: (scene: Scene) => Promise<RaceRow[]>,
): Promise<RaceRow[]> {
  await using lab = await createLab({ ifindexes });
  await using daemon = await DaemonInLab.start(lab.host("edge"), daemonCommand("source"));
  using events = await daemon.subscribe();
  return await run({ lab, events, trials });
}

async function isolatedCarrierLoss({ lab, events, trials }: Scene): Promise<RaceRow[]> {
  const latencies: number[] = [];
  for (let trial = 0; trial < trials; trial += 1) {
    await pause(calmMs);
    events.drain();
    const { at } = await lab.cut("wan0");
    latencies.push(await told(events, at, (uplink) => uplink.name === "wan0" && !hasCarrier(uplink)));
    await pause(calmMs);
    await lab.heal("wan0");
    await told(events, 0n, (uplink) => uplink.name === "wan0" && hasCarrier(uplink));
  }
  return percentiles("carrier loss, isolated", latencies, 5);
}

async function flapping({ lab, events, trials }: Scene, layout: string): Promise<RaceRow[]> {
  const disturbance = await lab.disturb(millis(100));
  const flap = await lab.flap("wan0", millis(flapPeriodMs));
  await pause((trials / 2) * flapPeriodMs + flapPeriodMs);
  const edges = await flap.stop();
  await disturbance.stop();
  await pause(calmMs);
  const seen = carrierEdges(events.drain());
  const latencies = edges.flatMap(({ at, up }) => {
    const match = seen.find((edge) => edge.up === up && edge.at > at && Number(edge.at - at) / 1e6 < flapPeriodMs / 2);
    return match === undefined ? [] : [Number(match.at - at) / 1e6];
  });
  const name = `flapping at 2.5 Hz, foreign events, ${layout} ifindexes`;
  return [
    ...percentiles(name, latencies, 60),
    atMost(`${name}: edges missed of ${edges.length}`, "edges", edges.length - latencies.length, 0),
  ];
}

async function changes({ lab, events, trials }: Scene): Promise<RaceRow[]> {
  const latencies: Record<"uplink" | "address" | "gateway" | "rename", number[]> = {
    uplink: [],
    address: [],
    gateway: [],
    rename: [],
  };
  const subnet = uplinkSubnets(lab.uplink("wan0")).find(({ family }) => family === "ipv4");
  if (subnet === undefined) throw new Error("wan0 has no IPv4 subnet");
  const extra = subnet.member.replace(/\.\d+$/, ".77");
  const otherGateway = subnet.router.replace(/\.\d+$/, ".78");
  for (let trial = 0; trial < trials; trial += 1) {
    events.drain();
    const { uplink: added } = await lab.add({ addressing: "none" });
    // Per trial, because iproute2 keeps the interface numbers it has once looked up.
    await using session = new IpSession(lab.host("edge"));
    const line = uplinkSubnets(added).find(({ family }) => family === "ipv4");
    await session.run([`link set ${added.name} up`, `addr add ${line?.member}/24 dev ${added.name}`]);
    await settled(events);
    // What makes an interface an uplink is its way out, so that is the moment to count from.
    const routed = await session.run([`route add default via ${line?.router} dev ${added.name} metric 900`]);
    latencies.uplink.push(await told(events, routed, (uplink) => uplink.name === added.name));
    await lab.remove(added.name);
    await settled(events);

    const isThere = (uplink: UplinkDocument) => uplink.ipv4.addresses.some((prefix) => prefix.startsWith(`${extra}/`));
    const address = await session.run([`addr add ${extra}/24 dev wan0`]);
    latencies.address.push(await told(events, address, (uplink) => uplink.name === "wan0" && isThere(uplink)));
    await session.run([`addr del ${extra}/24 dev wan0`]);
    await settled(events);

    const gateway = await session.run([`route replace default via ${otherGateway} dev wan0 metric 100`]);
    latencies.gateway.push(await told(events, gateway, (uplink) => uplink.ipv4.gateway === otherGateway));
    await session.run([`route replace default via ${subnet.router} dev wan0 metric 100`]);
    await settled(events);

    const renamed = await lab.rename("wan1", "port1");
    latencies.rename.push(await told(events, renamed.at, (uplink) => uplink.name === "port1"));
    await lab.rename("port1", "wan1");
    await settled(events);
  }
  const titles = { uplink: "new uplink", address: "new address", gateway: "new gateway", rename: "rename" } as const;
  return Object.entries(titles).flatMap(([key, title]) =>
    percentiles(title, latencies[key as keyof typeof titles], 20),
  );
}

/** Milliseconds from `since` to the first event about an uplink that satisfies `wanted`. Throws when none comes. */
async function told(events: Subscription, since: bigint, wanted: (uplink: UplinkDocument) => boolean): Promise<number> {
  const isWanted = ({ event }: Arrival) =>
    (event.kind === "uplink-changed" || event.kind === "uplink-added") && wanted(event.uplink);
  const arrival = await events.next(isWanted, waitMs);
  if (arrival === undefined) throw new Error(`nothing was told within ${waitMs} ms`);
  return Number(arrival.at - since) / 1e6;
}

/** Waits until 50 ms have passed without an event, so that one trial's tail is not another's answer. */
async function settled(events: Subscription): Promise<void> {
  while ((await events.next(() => true, 50)) !== undefined);
}

function carrierEdges(arrivals: readonly Arrival[]): readonly { readonly at: bigint; readonly up: boolean }[] {
  const edges: { at: bigint; up: boolean }[] = [];
  let last = true;
  for (const { at, event } of arrivals) {
    if ((event.kind !== "uplink-changed" && event.kind !== "uplink-added") || event.uplink.name !== "wan0") continue;
    const up = hasCarrier(event.uplink);
    if (up !== last) edges.push({ at, up });
    last = up;
  }
  return edges;
}

function hasCarrier(uplink: UplinkDocument): boolean {
  return uplink.ipv4.reason.code !== "no-carrier";
}

function percentiles(metric: string, samples: readonly number[], goal: number): RaceRow[] {
  const info = (share: number) => percentile(samples, share);
  return [
    { metric: `${metric}: p50`, unit: "ms", ours: info(0.5), peers: {}, goal, met: info(0.5) <= goal },
    { metric: `${metric}: p99`, unit: "ms", ours: info(0.99), peers: {}, goal, met: info(0.99) <= goal },
  ];
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
