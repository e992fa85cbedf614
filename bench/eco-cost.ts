/**
 * What an idle metered uplink costs in a day: everything that its ISP counts in both directions while nobody but Ropewalk
 * uses it, every kind of probe included, beside what Ropewalk's own account says.
 */
import { setTimeout as delay } from "node:timers/promises";
import { createLab, type Lab } from "@ropewalk/lab/lab";
import { ecoDay } from "../packages/backhaul/test/sim/eco.ts";
import { atMost, describeMachine, type RaceOptions, type RaceReport, told } from "./race.ts";
import { RopewalkMonitor } from "./ropewalk-monitor.ts";

const uplink = "wan0";
const goalBytesADay = 1_000_000;
const agreement = 10;
/** Of the simulated day, which has no chance in it but the moments of its pulses. */
const seed = 20_261_121;
const minutesADay = 1_440;

export async function race(options: RaceOptions): Promise<RaceReport> {
  const minutes = Number(options["minutes"] ?? 60);
  const settling = Number(options["after"] ?? 5);
  await using lab = await createLab({ uplinks: 1 });
  await using ropewalk = await RopewalkMonitor.start(lab, { uplinks: { [uplink]: { metered: true } } });
  await delay(settling * 60_000);
  const [accountBefore, before] = [await accountOf(ropewalk), await farSide(lab)];
  const framesBefore = await framesOn(lab);
  await delay(minutes * 60_000);
  const [accountAfter, after] = [await accountOf(ropewalk), await farSide(lab)];
  const framesAfter = await framesOn(lab);
  const account = {
    sent: accountAfter.sent - accountBefore.sent,
    received: accountAfter.received - accountBefore.received,
    forecast: accountAfter.forecast,
  };
  const counted = { sent: after.sent - before.sent, received: after.received - before.received };
  const total = counted.sent + counted.received;
  const ownTotal = account.sent + account.received;
  const simulated = await ecoDay(seed, ["ipv4", "ipv6"]);
  const aDay = (octets: number) => Math.round((octets * minutesADay) / minutes);
  return {
    race: "eco-cost",
    machine: describeMachine(),
    rounds: `${minutes} idle minutes of one uplink, both families, from ${settling} minutes after the daemon's start`,
    rows: [
      told("counted by the ISP, sent", "bytes", counted.sent),
      told("counted by the ISP, received", "bytes", counted.received),
      told("the daemon's account, sent", "bytes", account.sent),
      told("the daemon's account, received", "bytes", account.received),
      atMost("account and ISP differ by", "%", differ(ownTotal, total), agreement),
      told("the daemon's forecast for a day", "bytes", account.forecast),
      atMost("a day at this rate", "bytes", aDay(total), goalBytesADay),
      told("the simulated day", "bytes", simulated.onWire),
      atMost("the simulated day and this one differ by", "%", differ(simulated.onWire, aDay(total)), agreement),
      told("frames on the link, a day at this rate", "bytes", aDay(framesAfter - framesBefore)),
    ],
    notes: [
      "An hour that begins after the opening round holds one probe of every kind, as every hour of the day does.",
      "The ISP counts IP packets, as its bill does. Frames have Ethernet's headers besides, and ARP and neighbour discovery, which a pulse causes on a link that is otherwise silent and which never leave it.",
    ],
  };
}

function differ(one: number, other: number): number {
  return (100 * Math.abs(one - other)) / other;
}

async function farSide(lab: Lab): Promise<{ readonly sent: number; readonly received: number }> {
  const { sent, received } = await lab.counters(uplink);
  const sum = (list: typeof sent) => list.reduce((all, { bytes }) => all + bytes, 0);
  return { sent: sum(sent), received: sum(received) };
}

/** Octets of everything that the uplink's interface sent and received. */
async function framesOn(lab: Lab): Promise<number> {
  const files = ["tx_bytes", "rx_bytes"].map((name) => `/sys/class/net/${uplink}/statistics/${name}`);
  const { stdout } = await lab.host("edge").exec("cat", files);
  return stdout
    .trim()
    .split("\n")
    .reduce((sum, line) => sum + Number(line), 0);
}

async function accountOf({ daemon }: RopewalkMonitor) {
  const { uplinks } = await daemon.explanation();
  const found = uplinks.find(({ name }) => name === uplink);
  if (found?.probing == null) throw new Error(`the daemon does not probe ${uplink}`);
  if (found.probing.profile !== "eco") throw new Error(`${uplink} is probed as ${found.probing.profile}, not eco`);
  return { ...found.probeBytes, forecast: found.probing.bytesPerDay };
}
