/** The operator moves traffic to the other uplink and back, while 10,000 datagrams a second run: none may be lost. */
import { setTimeout as delay } from "node:timers/promises";
import type { Lab } from "@ropewalk/lab/lab";
import { summarize } from "@ropewalk/lab/packet-record";
import { receiveStream, sendStream } from "@ropewalk/lab/traffic";
import { CountedLab } from "./counted-lab.ts";
import type { RunningDriver } from "./driver.ts";
import type { Figure } from "./failover-table.ts";
import type { Part } from "./plan.ts";
import { otherThan, sourceOf, target } from "./ways.ts";

const port = 7_300;
const perSecond = 10_000;
const count = 100_000;
const betweenMs = 3_000;
const landingMs = 100;

const lost: Figure = {
  ...{ kind: "count", metric: "planned switch and back: lost of 100,000 at 10,000 a second" },
  ...{ unit: "packets", goal: 0 },
};
const reordered: Figure = { ...lost, metric: "planned switch and back: reordered of 100,000", goal: count / 1_000 };

export const plannedSwitch: Part = async (plan, table) => {
  const { driver, trials } = plan;
  await using counted = await CountedLab.open(plan, table);
  const { lab } = counted;
  await using running = await driver.start(lab);
  if (running.use === undefined) return table.note(`${driver.column} has no order for a planned switch`);
  for (let trial = 0; trial < trials; trial += 1) {
    const summary = await thereAndBack(lab, running, running.use);
    table.record(lost, driver.column, summary.lost);
    table.record(reordered, driver.column, summary.reordered);
  }
};

async function thereAndBack(lab: Lab, running: RunningDriver, use: (uplink: string) => Promise<void>) {
  const first = await running.settled();
  const second = otherThan(lab, first);
  await using receiver = await receiveStream(lab.host(target.host), { port });
  const stream = { to: target.address, port, rate: perSecond, count };
  await using sender = await sendStream(lab.host("edge"), stream);
  for (const uplink of [second, first]) {
    await delay(betweenMs);
    await use(uplink);
  }
  const { numbers, errors } = await sender.ended();
  await delay(landingMs);
  const { packets, overflowed } = await receiver.stop();
  const summary = summarize(packets, 0, numbers - 1);
  if (overflowed > 0) throw new Error(`the receiver's own queue lost ${overflowed} datagrams`);
  if (Object.keys(errors).length > 0) throw new Error(`datagrams could not be sent: ${JSON.stringify(errors)}`);
  for (const uplink of [first, second]) {
    if (!summary.byAddress.has(sourceOf(lab, uplink))) throw new Error(`no datagram went by ${uplink}`);
  }
  return summary;
}
