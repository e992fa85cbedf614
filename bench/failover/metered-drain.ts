/**
 * Traffic was on a metered backup and has gone home. What a site goes on sending must not be paid for any longer: once the
 * backup's drain is over, nothing crosses it but probes.
 */
import { setTimeout as delay } from "node:timers/promises";
import type { Lab } from "@ropewalk/lab/lab";
import { askServer, receiveStream, sendStream, serveEcho } from "@ropewalk/lab/traffic";
import { Blackhole } from "../blackhole.ts";
import { CountedLab } from "./counted-lab.ts";
import type { RunningDriver } from "./driver.ts";
import type { Figure } from "./failover-table.ts";
import { home, refuge } from "./home-watch.ts";
import { IspCounter } from "./isp-counter.ts";
import type { Part } from "./plan.ts";
import { ropewalkDriver } from "./ropewalk-driver.ts";
import { target, until, wayOut } from "./ways.ts";

const graceMs = 2_000;
/** The last look for what is left comes a second after one that found nothing. */
const emptyMs = 3_000;
const watchedMs = 10_000;
const moveLimitMs = 5_000;
const homeLimitMs = 60_000;
const runMs = 1_000;
const asksPerSecond = 50;

const driver = ropewalkDriver({
  settings: { BACKHAUL_DRAIN_GRACE: `${graceMs}ms`, BACKHAUL_CHOICE_RETURN_FOR: "1s" },
  uplinks: { [refuge]: { metered: true } },
});

/** Every kind of probe, and what keeps the link itself; the site uses none of these ports. */
const probes = [
  "icmp type { echo-request, echo-reply } accept",
  "icmpv6 type { echo-request, echo-reply } accept",
  "icmpv6 type { nd-router-solicit, nd-router-advert, nd-neighbor-solicit, nd-neighbor-advert, nd-redirect } accept",
  "tcp dport { 53, 80, 443 } accept",
  "tcp sport { 53, 80, 443 } accept",
  "udp dport 53 accept",
  "udp sport 53 accept",
];

const metered: Figure = {
  ...{ kind: "count", metric: `metered backup, ${watchedMs / 1_000} s from the end of its drain: all but probes` },
  ...{ unit: "octets", goal: 0 },
};

export const meteredDrain: Part = async (plan, table) => {
  await using counted = await CountedLab.open({ ...plan, driver }, table);
  const { lab } = counted;
  await using hole = await Blackhole.prepare(lab, home);
  await using running = await driver.start(lab);
  const counter = await IspCounter.open(lab, refuge, "site", probes);
  for (let trial = 0; trial < plan.trials; trial += 1) {
    table.record(metered, driver.column, await drainOnce({ lab, hole, running, counter }, trial));
  }
};

interface Scene {
  readonly lab: Lab;
  readonly hole: Blackhole;
  readonly running: RunningDriver;
  readonly counter: IspCounter;
}

async function drainOnce({ lab, hole, running, counter }: Scene, round: number): Promise<number> {
  if ((await running.settled()) !== home) throw new Error(`traffic goes by the metered uplink though ${home} is well`);
  await hole.open("both");
  await until(`traffic goes by ${refuge}`, moveLimitMs, async () => (await wayOut(lab)) === refuge);
  const before = await counter.read();
  await using _traffic = await busySite(lab, round);
  await delay(runMs);
  if ((await counter.read()).packets < before.packets + asksPerSecond)
    throw new Error(`the site's traffic does not go by ${refuge}`);
  await hole.close();
  await until(`traffic goes by ${home}`, homeLimitMs, async () => (await wayOut(lab)) === home);
  await delay(graceMs + emptyMs);
  const { octets } = await counter.read();
  await delay(watchedMs);
  return (await counter.read()).octets - octets;
}

/** The LAN and edge itself, over TCP and UDP, all of which go on as long as they can by the way on which they began. */
async function busySite(lab: Lab, round: number): Promise<AsyncDisposable> {
  await using stack = new AsyncDisposableStack();
  const ports = { tcp: 20_000 + round * 2, udp: 20_001 + round * 2 };
  stack.use(await serveEcho(lab.host(target.host), ports.tcp));
  stack.use(await receiveStream(lab.host(target.host), { port: ports.udp, isEcho: true }));
  for (const name of ["client", "edge"]) {
    const host = lab.host(name);
    const ask = { to: target.address, rate: asksPerSecond };
    stack.use(await askServer(host, { ...ask, port: ports.tcp }));
    stack.use(await sendStream(host, { ...ask, port: ports.udp, isConnected: true, wantsReplies: true }));
  }
  return stack.move();
}
