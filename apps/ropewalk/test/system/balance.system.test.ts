/**
 * Traffic that is shared by a real kernel: shares near the weights, no packet with an address of another uplink, and no flow that
 * changes its uplink while that is good. `npm run soak -- balance` runs the full count.
 */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import type { DecisionDocument } from "@ropewalk/api/http";
import { type Family, families, ipAddress } from "@ropewalk/kernel/addresses";
import { millis } from "@ropewalk/kernel/units";
import { snapshot } from "@ropewalk/lab/machine-snapshot";
import { type FlowPlan, openFlows, receiveStream } from "@ropewalk/lab/traffic";
import { NodeInLab, type Started, soon } from "./node-in-lab.ts";

const count = Number(process.env["ROPEWALK_TEST_FLOWS"] ?? 1_000);
/** Five standard deviations of a fair coin, and no less than the 5 % of the acceptance. */
const bound = Math.max(0.05, 2.5 / Math.sqrt(count));

const balancing = {
  ROPEWALK_BACKHAUL_MODE: "balance",
  ROPEWALK_BACKHAUL_MONITOR_ONLY: "false",
  ROPEWALK_BACKHAUL_CONFIRM_WITHIN: "0s",
  ROPEWALK_BACKHAUL_PROBE_PROFILE: "fast",
  ROPEWALK_BACKHAUL_SETTLING_RETURN_AFTER: "1s",
  ROPEWALK_BACKHAUL_CHOICE_BETTER_FOR: "1s",
};
/** So that 80 ms more of round trip make a difference of some tenths. */
const score = "[backhaul.score]\nweight_latency = 3000\n";

const targets = { ipv4: ipAddress("203.0.113.10"), ipv6: ipAddress("2001:db8:80:1::10") } as const;
const sources: Readonly<Record<string, string>> = {
  "198.18.0.2": "wan0",
  "2001:db8:a0::2": "wan0",
  "198.18.8.2": "wan1",
  "2001:db8:a1::2": "wan1",
};

let place: NodeInLab;
let node: Started;
let untouched: string;
let port = 7_000;

const decisionFor = async (family: Family): Promise<DecisionDocument> =>
  (await place.client().status(soon())).backhaul.decisions[family];

const percents = ({ shares }: Pick<DecisionDocument, "shares">) =>
  shares.map(({ name, percent }) => `${name} ${percent}`).toSorted();

/** The kernel shares as was decided, and the nearer uplink gets more. */
async function isSharedUnevenly(family: Family): Promise<boolean> {
  const decision = await decisionFor(family);
  const [near, far] = ["wan0", "wan1"].map((name) => decision.shares.find((share) => share.name === name)?.weight ?? 0);
  return near === 10 && far !== undefined && far > 3 && far < 9 && isCarriedOut(decision);
}

function isCarriedOut(decision: DecisionDocument): boolean {
  return decision.kernel !== null && percents(decision).join() === percents(decision.kernel).join();
}

before(async () => {
  place = await NodeInLab.openMeasuring(2, score);
  await place.lab.delay("wan1", millis(40));
  untouched = await snapshot(place.edge);
  node = await place.startNode({ env: balancing });
  await node.until("both families are shared", async () => {
    return (await isSharedUnevenly("ipv4")) && (await isSharedUnevenly("ipv6"));
  });
});

after(async () => {
  await node[Symbol.asyncDispose]();
  await place[Symbol.asyncDispose]();
});

/** By the flow's number the uplinks by which it came, while `meanwhile` happened. Only an ISP's own customer passes it. */
async function uplinksOfFlows(
  from: "edge" | "client",
  family: Family,
  plan: Partial<FlowPlan>,
  meanwhile: () => Promise<void>,
): Promise<ReadonlyMap<number, ReadonlySet<string>>> {
  port += 1;
  await using receiver = await receiveStream(place.lab.host("target-1"), { port });
  const to = targets[family];
  await using flows = await openFlows(place.lab.host(from), { to, port, count, every: millis(200), ...plan });
  await meanwhile();
  await flows.stop();
  const byFlow = new Map<number, Set<string>>();
  for (const { number, address } of (await receiver.stop()).packets) {
    const known = byFlow.get(number) ?? new Set();
    byFlow.set(number, known.add(sources[address] ?? address));
  }
  return byFlow;
}

const moved = (flows: ReadonlyMap<number, ReadonlySet<string>>) => [...flows.values()].filter(({ size }) => size > 1);

async function foreignPackets(): Promise<number> {
  const counted = await Promise.all(["wan0", "wan1"].map((name) => place.lab.counters(name)));
  return counted.flatMap(({ foreign }) => foreign).reduce((sum, { packets }) => sum + packets, 0);
}

const roundsPass = () => delay(1_000);

for (const family of families) {
  for (const from of ["edge", "client"] as const) {
    test(`new ${family} flows of ${from} are shared by the weights, and each stays where it began`, async (context) => {
      const { shares } = await decisionFor(family);
      const flows = await uplinksOfFlows(from, family, {}, roundsPass);
      assert.equal(flows.size, count);
      assert.deepEqual(moved(flows), []);
      for (const { name, percent } of shares) {
        const share = [...flows.values()].filter((uplinks) => uplinks.has(name)).length / count;
        context.diagnostic(`${name}: weight ${percent} %, share ${(100 * share).toFixed(2)} % of ${count}`);
        assert.ok(
          Math.abs(share - percent / 100) <= bound,
          `${name} got ${share} of the flows, its weight is ${percent} %`,
        );
      }
    });
  }
}

test("a restart takes over the shares, and no flow moves", async () => {
  const restart = async () => {
    await node.process.kill("SIGKILL");
    await node[Symbol.asyncDispose]();
    node = await place.startNode({ env: balancing });
    await node.until("it shares again", () => isSharedUnevenly("ipv4"));
  };
  const flows = await uplinksOfFlows("edge", "ipv4", {}, restart);
  assert.deepEqual(moved(flows), []);
});

test("people are told by how much", async () => {
  await node.until("both are named with their shares", async () => {
    const { stdout } = await place.run(["status"]);
    const isCarried = /IPv4 is online\. Its traffic is shared: wan0 \d\d %, wan1 \d\d %\./.test(stdout);
    return isCarried && /Ropewalk chose wan\d: .*; traffic is shared by score: wan0 \d\d %, wan1 \d\d %/.test(stdout);
  });
});

test("other weights move no connected flow and none that is forwarded", async () => {
  const becomesEqual = async () => {
    await place.lab.heal("wan1");
    await node.until("both get the same", async () => {
      const decision = await decisionFor("ipv4");
      const { shares } = decision;
      return shares.length === 2 && shares.every(({ percent }) => percent === 50) && isCarriedOut(decision);
    });
    await roundsPass();
  };
  const both: ReadonlyMap<number, ReadonlySet<string>>[] = [];
  const forwarded = async () => void both.push(await uplinksOfFlows("client", "ipv4", {}, becomesEqual));
  both.push(await uplinksOfFlows("edge", "ipv4", { isConnected: true }, forwarded));
  for (const flows of both) {
    assert.equal(flows.size, count);
    assert.deepEqual(moved(flows), []);
  }
});

test("an uplink that dies moves no connected and no forwarded flow of the others, and what was on it goes on elsewhere", async () => {
  const dies = async () => {
    await place.lab.blackhole("wan1");
    await node.until("nothing is shared", async () => {
      const { shares, kernel } = await decisionFor("ipv4");
      return shares.length === 0 && kernel?.shares.length === 0;
    });
    await roundsPass();
  };
  const both: ReadonlyMap<number, ReadonlySet<string>>[] = [];
  const forwarded = async () => void both.push(await uplinksOfFlows("client", "ipv4", {}, dies));
  both.push(await uplinksOfFlows("edge", "ipv4", { isConnected: true }, forwarded));
  for (const [index, flows] of both.entries()) {
    const began = (name: string) => [...flows.values()].filter(([first]) => first === name);
    assert.ok(began("wan0").length > count / 4 && began("wan1").length > count / 4);
    assert.ok(began("wan0").every(({ size }) => size === 1));
    // A client's socket is not this host's to end: its next packet finds the other uplink.
    if (index === 0) assert.ok(began("wan1").every((uplinks) => uplinks.has("wan0")));
  }
  await place.lab.heal("wan1");
  await node.until("it shares again", async () => (await decisionFor("ipv4")).kernel?.shares.length === 2);
});

test("no packet left an uplink with an address of another, and a purge leaves the machine as it was", async () => {
  assert.equal(await foreignPackets(), 0);
  assert.equal((await place.run(["uplink", "purge"])).status, 0);
  assert.equal(await snapshot(place.edge), untouched);
});
