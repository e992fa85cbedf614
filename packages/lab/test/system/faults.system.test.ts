/** Every fault does what its name says, as packets and the kernel see it; and `heal` ends each. */
import assert from "node:assert/strict";
import { after, afterEach, before, test } from "node:test";
import { bitsPerSecond, millis } from "@ropewalk/kernel/units";
import { createLab, type Lab } from "@ropewalk/lab/lab";
import { until } from "./condition.ts";
import { assertReachable, assertUnreachable, echoRequests, ping, targetAddresses } from "./packets.ts";

let lab: Lab;

before(async () => {
  lab = await createLab({ uplinks: 2 });
});
after(() => lab?.[Symbol.asyncDispose]());
afterEach(async () => {
  await lab.heal("wan0");
  for (const address of Object.values(targetAddresses)) await assertReachable(lab.host("edge"), address, "wan0");
});

async function readSys(name: string, file: string): Promise<string> {
  return (await lab.host("edge").exec("cat", [`/sys/class/net/${name}/${file}`])).stdout.trim();
}

async function sentSoFar(): Promise<number> {
  const { sent } = await lab.counters("wan0");
  return sent.find(({ address }) => address === "198.18.0.2")?.packets ?? 0;
}

test("a cut takes the carrier of that uplink alone, and its time is from before the carrier was gone", async () => {
  const before = process.hrtime.bigint();
  const { at, doneAt } = await lab.cut("wan0");
  assert.ok(before <= at && at <= doneAt && doneAt <= process.hrtime.bigint());
  assert.equal(await readSys("wan0", "carrier"), "0");
  assert.equal(await readSys("wan1", "carrier"), "1");
  assert.equal(lab.faults("wan0").carrier, "cut");
  await assertUnreachable(lab.host("edge"), targetAddresses.ipv4, "wan0");
});

test("after a cut is healed the addresses and routes of both families are as they were", async () => {
  const read = async () => {
    const [addresses, ipv4, ipv6] = await Promise.all([
      lab.host("edge").exec("ip", ["-oneline", "address", "show", "scope", "global"]),
      lab.host("edge").exec("ip", ["route"]),
      lab.host("edge").exec("ip", ["-6", "route", "show", "default"]),
    ]);
    return [addresses.stdout, ipv4.stdout, ipv6.stdout];
  };
  const before = await read();
  await lab.cut("wan0");
  await lab.heal("wan0");
  await until(
    "edge's addresses and routes are back",
    async () => JSON.stringify(await read()) === JSON.stringify(before),
  );
});

test("a blackhole towards the internet swallows requests at the ISP; the carrier and the neighbour stay", async () => {
  await lab.blackhole("wan0", "tx");
  const before = await sentSoFar();
  for (const address of Object.values(targetAddresses)) await assertUnreachable(lab.host("edge"), address, "wan0");
  assert.equal((await sentSoFar()) - before, 3);
  assert.equal(await readSys("wan0", "carrier"), "1");
  const neighbour = await lab.host("edge").exec("ip", ["neighbour", "show", "to", "198.18.0.1"]);
  assert.doesNotMatch(neighbour.stdout, /FAILED/);
});

test("a blackhole from the internet lets requests reach the target and swallows the answers", async () => {
  const requests = () => echoRequests(lab.host("target-1"));
  await lab.blackhole("wan0", "rx");
  const before = await requests();
  await assertUnreachable(lab.host("edge"), targetAddresses.ipv4, "wan0");
  assert.equal((await requests()) - before, 3);
});

test("loss drops the share of packets that was asked for", async (context) => {
  await lab.lose("wan0", 20, "tx");
  const { sent, received } = await ping(lab.host("edge"), targetAddresses.ipv4, {
    from: "wan0",
    count: 1000,
    intervalMs: 1,
  });
  context.diagnostic(`${sent - received} of ${sent} lost`);
  // 200 expected, standard deviation 12.6: five of them either way.
  assert.ok(Math.abs(sent - received - 200) < 63, `${sent - received} lost`);
  await lab.lose("wan0", 100);
  await assertUnreachable(lab.host("edge"), targetAddresses.ipv6, "wan0");
});

test("a shape lets packets through at its rate", async (context) => {
  await lab.shape("wan0", bitsPerSecond(1_000_000));
  const start = performance.now();
  // ping keeps one packet in its socket, so it slows down to what the uplink takes.
  const flood = { from: "wan0", count: 150, intervalMs: 2, size: 1400 };
  const { received } = await ping(lab.host("edge"), targetAddresses.ipv4, flood);
  const rate = (received * 1428 * 8) / ((performance.now() - start) / 1000);
  context.diagnostic(`${received} of 150 came back, ${(rate / 1e6).toFixed(2)} Mbit/s`);
  // The bucket lets 15,140 octets through at once: 7 % of what is sent.
  assert.ok(rate > 700_000 && rate < 1_150_000, `${rate} bit/s`);
});

test("a delay holds packets of both families for the time asked, each way", async (context) => {
  await lab.delay("wan0", millis(40));
  for (const address of Object.values(targetAddresses)) {
    const { received, roundTrips } = await ping(lab.host("edge"), address, { from: "wan0", count: 25 });
    assert.equal(received, 25);
    const sorted = roundTrips.toSorted((a, b) => a - b);
    context.diagnostic(
      `${address}: round trips ${sorted[0]} to ${sorted.at(-1)} ms, median ${sorted[12]} ms, asked for 80`,
    );
    assert.ok((sorted[0] ?? 0) >= 80, "a packet came too early");
    // What the machine's other work makes late is not the delay's.
    assert.ok((sorted[0] ?? 999) < 84, "every packet came more than 4 ms late");
  }
  await lab.delay("wan0", millis(5));
  const { roundTrips } = await ping(lab.host("edge"), targetAddresses.ipv4, { from: "wan0", count: 5 });
  const fastest = Math.min(...roundTrips);
  assert.ok(fastest >= 10 && fastest < 60, roundTrips.join(", "));
});

test("flapping flips the carrier in its rhythm, and tells each edge that the kernel counted", async () => {
  const changes = async () => Number(await readSys("wan0", "carrier_changes"));
  const before = await changes();
  const flapping = await lab.flap("wan0", millis(60));
  await until("the carrier changed eight times", async () => (await changes()) - before >= 8);
  const edges = await flapping.stop();
  assert.equal((await changes()) - before, edges.length);
  assert.deepEqual(
    edges.map(({ up }) => up),
    edges.map((_, index) => index % 2 === 1),
  );
  assert.equal(await readSys("wan0", "carrier"), "1");
  assert.deepEqual(await flapping.stop(), edges);
});

test("a portal answers every HTTP request with a redirect to its page and swallows the rest", async () => {
  await lab.portal("wan0");
  // By the default route, which is wan0's.
  const look = `fetch(process.argv[1], { signal: AbortSignal.timeout(20_000) })
    .then(async (page) => console.log(page.redirected, page.status, page.url, await page.text()))`;
  for (const [host, gateway] of [
    ["203.0.113.10", "198.18.0.1"],
    ["[2001:db8:80:2::10]", "[2001:db8:a0::1]"],
  ]) {
    const url = `http://${host}/anything`;
    const { stdout } = await lab.host("edge").exec(process.execPath, ["-e", look, url]);
    assert.ok(stdout.startsWith(`true 200 http://${gateway}/sign-in <!doctype html>`), stdout);
  }
  await assertUnreachable(lab.host("edge"), targetAddresses.ipv4, "wan0");
  await assertReachable(lab.host("edge"), targetAddresses.ipv4, "wan1");
});

test("several faults hold at once, each verb replaces only its own, and heal ends them all", async () => {
  await lab.delay("wan0", millis(10));
  await lab.lose("wan0", 50);
  await lab.blackhole("wan0", "tx");
  await lab.lose("wan0", 0);
  assert.equal(lab.faults("wan0").packets.tx.isBlackhole, true);
  await assertUnreachable(lab.host("edge"), targetAddresses.ipv4, "wan0");
  await lab.heal("wan0");
  const { roundTrips } = await ping(lab.host("edge"), targetAddresses.ipv4, { from: "wan0" });
  assert.ok(Math.min(...roundTrips) < 10, roundTrips.join(", "));
});

test("a share that is none is refused", async () => {
  await assert.rejects(lab.lose("wan0", 101), { code: "LAB_BAD_REQUEST" });
  await assert.rejects(lab.lose("wan0", Number.NaN), { code: "LAB_BAD_REQUEST" });
});
