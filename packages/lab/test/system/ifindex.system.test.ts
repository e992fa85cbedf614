/** The two layouts of interface indexes, and the reason for them: the kernel's throttle of link events. */
import assert from "node:assert/strict";
import { createInterface } from "node:readline";
import { test } from "node:test";
import { millis } from "@ropewalk/kernel/units";
import { createLab, type Lab } from "@ropewalk/lab/lab";
import type { LabHost } from "@ropewalk/lab/lab-host";
import { until } from "./condition.ts";

interface LinkFact {
  readonly ifindex: number;
  readonly ifname: string;
  readonly link_index?: number;
}

async function readLink(host: LabHost, name: string): Promise<LinkFact> {
  const { stdout } = await host.exec("ip", ["-json", "link", "show", "dev", name]);
  const [fact] = JSON.parse(stdout) as LinkFact[];
  assert.ok(fact);
  return fact;
}

for (const layout of ["equal", "unequal"] as const) {
  test(`both ends of every uplink have ${layout} ifindexes, as the kernel tells them, also after one was added`, async () => {
    await using lab = await createLab({ uplinks: 2, ifindexes: layout });
    await lab.add();
    for (const uplink of lab.uplinks) {
      const near = await readLink(lab.host("edge"), uplink.name);
      const far = await readLink(lab.host(uplink.isp), "customer");
      assert.equal(near.link_index, far.ifindex);
      assert.equal(far.link_index, near.ifindex);
      assert.equal(near.ifindex === far.ifindex, layout === "equal");
    }
  });
}

test("foreign link events hold edge's carrier events back where ifindexes are equal, and only there", async (context) => {
  const late = { equal: 0, unequal: 0 };
  for (const layout of ["equal", "unequal"] as const) {
    await using lab = await createLab({ uplinks: 1, ifindexes: layout });
    const stirring = await lab.disturb(millis(100));
    late[layout] = await usualDelay(lab, 6);
    assert.ok((await stirring.stop()).length > 0);
  }
  context.diagnostic(
    `half of 6 carrier events come after: equal ${late.equal.toFixed(1)} ms, unequal ${late.unequal.toFixed(1)} ms`,
  );
  assert.ok(late.equal > 100, `equal: ${late.equal} ms`);
  assert.ok(late.unequal < 100, `unequal: ${late.unequal} ms`);
});

/** The median time, in milliseconds, from a flip of the carrier to the line in which `ip monitor` tells it: a busy machine makes some late. */
async function usualDelay(lab: Lab, flips: number): Promise<number> {
  await using monitor = lab.host("edge").spawn("ip", ["-oneline", "monitor", "link"]);
  const seen: { readonly at: bigint; readonly up: boolean }[] = [];
  createInterface({ input: monitor.stdout }).on("line", (line) => {
    if (line.includes("wan0")) seen.push({ at: process.hrtime.bigint(), up: line.includes("LOWER_UP") });
  });
  // The monitor listens once it has told one change.
  await until("ip monitor listens", async () => {
    await lab.host("edge").exec("sh", ["-c", "ip link set dev wan0 alias a && ip link set dev wan0 alias b"]);
    return seen.length > 0;
  });
  const delays: number[] = [];
  for (let flip = 0; flip < flips; flip += 1) {
    const up = flip % 2 === 1;
    const { at } = up ? await lab.heal("wan0") : await lab.cut("wan0");
    const told = () => seen.find((event) => event.at > at && event.up === up);
    await until(`edge is told that wan0 is ${up ? "up" : "down"}`, async () => told() !== undefined);
    delays.push(Number((told()?.at ?? at) - at) / 1e6);
  }
  return delays.toSorted((a, b) => a - b)[flips / 2] ?? 0;
}
