/** Nodes, routes and uplinks; scenarios that can be seen again. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { ipAddress } from "@ropewalk/kernel/addresses";
import { bitsPerSecond, bytes, millis, seconds } from "@ropewalk/kernel/units";
import type { Packet } from "@ropewalk/simnet/packet";
import { SimNet } from "@ropewalk/simnet/simnet";
import { seedsToRun, seedVariable, simulate } from "@ropewalk/simnet/simulate";
import { loadInBursts } from "@ropewalk/simnet/traffic-bursts";

const home = ipAddress("192.0.2.1");
const server = ipAddress("203.0.113.1");

const packet = (to = server): Packet<string> => ({
  from: home,
  to,
  size: bytes(100),
  isWhole: false,
  payload: "hello",
});

/** A site with two uplinks to one router, and a server behind it. */
function createSite() {
  const net = new SimNet<string>(1);
  const [site, router, far] = [net.node("site"), net.node("router"), net.node("server")];
  const cable = net.connect("cable", site, router, { delay: millis(5) });
  const radio = net.connect("radio", site, router, { delay: millis(40), mtu: bytes(1_400) });
  const core = net.connect("core", router, far, { delay: millis(1), mtu: bytes(1_300) });
  site.route("default", cable.there);
  router.route(server, core.there);
  router.route(home, cable.back);
  far.route("default", core.back);
  const received: { at: number; by: string }[] = [];
  far.listen(server, { onPacket: ({ from, to, ...rest }) => far.send({ ...rest, from: to, to: from }) });
  site.listen(home, { onPacket: (_packet, link) => void received.push({ at: net.time.now, by: link.name }) });
  return { net, site, router, far, cable, radio, core, received };
}

test("a packet leaves by the uplink it is given, else by the route, and comes back by the routes of others", () => {
  const { net, site, radio, received } = createSite();
  site.send(packet());
  site.send(packet(), radio.there);
  net.run(seconds(1));
  assert.deepEqual(received, [
    { at: 12, by: "cable<" },
    { at: 47, by: "cable<" },
  ]);
});

test("what has no route is counted where it ended", () => {
  const { net, site, router, far } = createSite();
  site.send(packet(ipAddress("198.51.100.1")));
  far.unlisten(server);
  net.run(millis(100));
  assert.equal(router.unrouted, 1);
});

test("the sender is told of a link in the middle that its packet does not fit", () => {
  const { net, site, core } = createSite();
  core.there.change({ whenTooLarge: "tell" });
  const told: number[] = [];
  site.listen(home, { onPacket: () => {}, onTooLarge: (_packet, mtu) => told.push(mtu) });
  site.send({ ...packet(), size: bytes(1_350), isWhole: true });
  net.run(millis(100));
  assert.deepEqual(told, [1_300]);
});

test("a stalled node takes in what came meanwhile when it wakes, and forwards all the same", () => {
  const { net, site, router, received } = createSite();
  site.send(packet());
  site.clock.stall(millis(500));
  router.clock.stall(seconds(10));
  net.run(seconds(1));
  assert.deepEqual(received, [{ at: 500, by: "cable<" }]);
  const cameAt: number[] = [];
  site.listen(home, { onPacket: (_packet, _link, at) => cameAt.push(at) });
  site.send(packet());
  site.clock.stall(millis(500));
  net.run(seconds(1));
  assert.deepEqual(cameAt, [1_012], "and it can be told when that was");
});

test("bursts fill a link's queue and let it drain, within their ranges, until disposed of", () => {
  const { net, cable } = createSite();
  cable.there.change({ rate: bitsPerSecond(1_000_000), queue: { kind: "time", limit: seconds(2) } });
  const bursts = loadInBursts(
    [cable.there],
    { factor: [2, 4], whenFull: "backs-off", burst: [seconds(3), seconds(5)], calm: [seconds(3), seconds(5)] },
    { time: net.time, random: net.random.fork("bursts") },
  );
  const seen: number[] = [];
  for (let second = 0; second < 1_000; second += 1) {
    net.run(seconds(1));
    seen.push(cable.there.queueDelay);
  }
  assert.ok(seen.filter((delay) => delay === 0).length > 200, "calm");
  assert.ok(seen.filter((delay) => delay >= 1_999).length > 200, "full");
  bursts[Symbol.dispose]();
  cable.there.load({ factor: 0, whenFull: "backs-off" });
  net.run(seconds(10));
  assert.equal(cable.there.queueDelay, 0);
});

test("a scenario that fails names its seed and how to run it again", async () => {
  assert.equal(await simulate(7, (seed) => seed * 2), 14);
  const failing = simulate(7, () => assert.fail("one is not two"));
  await assert.rejects(failing, (error: Error) => {
    assert.match(error.message, /seed 7: one is not two .*ROPEWALK_SIM_SEED=7/);
    assert.ok(error.cause instanceof assert.AssertionError);
    return true;
  });
});

test("seeds count from the first, or are the one that the environment names", () => {
  assert.deepEqual(seedsToRun({}, { count: 3 }), [1, 2, 3]);
  assert.deepEqual(seedsToRun({ [seedVariable]: "41" }, { count: 3 }), [41]);
  assert.deepEqual(seedsToRun({ [seedVariable]: "" }, { first: 9, count: 1 }), [9]);
});
