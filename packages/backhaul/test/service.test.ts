/** The service as its readers see it, on a network in memory. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { uplinkMark } from "@ropewalk/host/allocations";
import { bytes, millis } from "@ropewalk/kernel/units";
import { BackhaulBench, uplinkNamed } from "./backhaul-bench.ts";
import { machineConfig } from "./pure/machine-fixture.ts";

test("the picture is complete when the service has started", async () => {
  const bench = new BackhaulBench();
  const { ifindex } = bench.addUplink("eth0", 2);
  await using service = await bench.start();
  const { uplinks, connectivity, decisions } = service.status();
  assert.equal(uplinks.length, 1);
  assert.equal(uplinks[0]?.state, "unknown");
  assert.equal(uplinks[0]?.reason.code, "not-measured");
  assert.deepEqual(uplinks[0]?.ipv4.network, { address: "192.0.2.0", length: 24 });
  assert.deepEqual(connectivity.usable, [
    {
      uplinkId: uplinks[0]?.id,
      name: "eth0",
      ifindex,
      family: "ipv4",
      source: "192.0.2.2",
      gateway: "192.0.2.1",
      mark: uplinkMark(1),
      mtu: 1500,
      metered: null,
      state: "unknown",
      score: null,
    },
  ]);
  assert.equal(connectivity.ipv4, "unknown");
  assert.equal(connectivity.ipv6, "offline");
  assert.equal(decisions.overall.uplinkId, uplinks[0]?.id);
  assert.equal(decisions.overall.kernel?.uplinkId, uplinks[0]?.id);
  assert.equal(bench.health.snapshot().state, "healthy");
});

test("a carrier edge reaches subscribers before the change returns, each edge as its own event", async () => {
  const bench = new BackhaulBench();
  const { ifindex } = bench.addUplink("eth0", 2);
  await using service = await bench.start();
  bench.taken();
  bench.network.setCarrier(ifindex, false);
  bench.network.setCarrier(ifindex, true);
  bench.network.setCarrier(ifindex, false);
  const reasons = bench.taken().flatMap((event) => (event.kind === "uplink-changed" ? [event.uplink.reason.code] : []));
  assert.deepEqual(reasons, ["no-carrier", "not-measured", "no-carrier"]);
  assert.deepEqual(service.connectivity.current.usable, []);
  assert.equal(service.connectivity.current.ipv4, "offline");
});

test("a new interface is an uplink as soon as it owns a default route and its device was read", async () => {
  const bench = new BackhaulBench();
  await using service = await bench.start();
  const { ifindex } = bench.network.addLink({ name: "wan0" });
  bench.network.addAddress(ifindex, "198.51.100.9/24");
  bench.settle();
  assert.equal(service.status().uplinks.length, 0);
  bench.network.addRoute({ via: "198.51.100.1", ifindex });
  assert.equal(service.connectivity.current.ipv4, "unknown", "not offline while a way out waits for its device");
  bench.settle();
  assert.equal(uplinkNamed(service, "wan0").ipv4.gateway, "198.51.100.1");
  assert.deepEqual(
    bench
      .taken()
      .map((event) => event.kind)
      .filter((kind) => kind === "uplink-added"),
    ["uplink-added"],
  );
});

test("an uplink that loses its route stays an uplink, unknown for want of one", async () => {
  const bench = new BackhaulBench();
  const { ifindex } = bench.addUplink("eth0", 2);
  await using service = await bench.start();
  bench.network.removeRoute({ via: "192.0.2.1", ifindex, metric: 100 });
  assert.equal(uplinkNamed(service, "eth0").state, "unknown");
  assert.equal(uplinkNamed(service, "eth0").reason.code, "no-route");
  bench.network.removeLink(ifindex);
  assert.equal(service.status().uplinks.length, 0);
  assert.equal(bench.taken().findLast((event) => event.kind === "uplink-removed")?.reason, "its interface is gone");
});

test("a rename keeps the uplink's id and is seen at once", async () => {
  const bench = new BackhaulBench();
  const { ifindex } = bench.addUplink("eth0", 2);
  await using service = await bench.start();
  const { id } = uplinkNamed(service, "eth0");
  bench.taken();
  bench.network.rename(ifindex, "wan");
  assert.equal(uplinkNamed(service, "wan").id, id);
  bench.settle();
  assert.equal(uplinkNamed(service, "wan").id, id);
  assert.deepEqual(
    bench.taken().filter((event) => event.kind === "uplink-removed" || event.kind === "uplink-added"),
    [],
  );
});

test("a subscriber that throws is logged and does not keep the others from hearing", async () => {
  const bench = new BackhaulBench();
  const { ifindex } = bench.addUplink("eth0", 2);
  await using service = await bench.start();
  const heard: string[] = [];
  using _first = service.subscribe(() => {
    throw new Error("subscriber broke");
  });
  using _second = service.subscribe((event) => heard.push(event.kind));
  bench.network.setCarrier(ifindex, false);
  assert.deepEqual(heard, ["uplink-changed", "connectivity"]);
  assert.ok(bench.lines.some((line) => line.includes("subscriber broke")));
});

test("what a subscriber causes while it is told is told after, to all in the same order", async () => {
  const bench = new BackhaulBench();
  const { ifindex } = bench.addUplink("eth0", 2);
  await using service = await bench.start();
  using _cause = service.subscribe((event) => {
    if (event.kind === "uplink-changed" && event.changed.includes("mtu")) bench.network.setCarrier(ifindex, false);
  });
  const heard: string[] = [];
  using _hearer = service.subscribe((event) =>
    heard.push(event.kind === "uplink-changed" ? event.changed.join() : event.kind),
  );
  bench.network.changeLink(ifindex, { mtu: bytes(1400) });
  const [first, second, third, ...rest] = heard;
  assert.deepEqual(
    [first, second, third?.startsWith("state,reason"), rest],
    ["mtu", "connectivity", true, ["connectivity"]],
  );
});

test("a start that fails leaves nothing behind, so that another can follow", async () => {
  const bench = new BackhaulBench();
  bench.addUplink("eth0", 2);
  const { device } = bench.network;
  bench.network.device = () => {
    throw new Error("sysfs broke");
  };
  await assert.rejects(bench.start(), /sysfs broke/);
  assert.deepEqual(bench.clock.pendingTimers(), []);
  assert.deepEqual(bench.health.snapshot().subsystems, []);
  bench.network.device = device;
  await using service = await bench.start();
  assert.equal(service.status().uplinks.length, 1);
});

test("counters are read when the status is asked for, and are null when nobody has them", async () => {
  const bench = new BackhaulBench();
  const { ifindex } = bench.addUplink("eth0", 2);
  const service = await bench.start();
  const counters = { receivedBytes: 7, sentBytes: 8, receivedPackets: 1, sentPackets: 2 };
  bench.network.setCounters(ifindex, {
    ...counters,
    receiveErrors: 0,
    sendErrors: 0,
    receiveDropped: 0,
    sendDropped: 0,
  });
  assert.deepEqual(uplinkNamed(service, "eth0").counters, counters);
  bench.network.counters = () => {
    throw new Error("sysfs is gone");
  };
  assert.equal(uplinkNamed(service, "eth0").counters, null);
  await service[Symbol.asyncDispose]();
});

test("the carrier of the uplink that traffic takes is polled closely", async () => {
  const bench = new BackhaulBench();
  const first = bench.addUplink("eth0", 2, { metric: 100 });
  const second = bench.addUplink("eth1", 3, { metric: 200 });
  await using _service = await bench.start();
  assert.deepEqual([...bench.network.closelyPolled], [first.ifindex]);
  bench.network.setCarrier(first.ifindex, false);
  assert.deepEqual([...bench.network.closelyPolled], [first.ifindex], "the kernel goes on sending there");
  bench.network.skipDeadRoutes("ipv4", "all", true);
  assert.deepEqual([...bench.network.closelyPolled], [second.ifindex]);
});

test("a device that is not found is looked for once more, and then the interface stands without it", async () => {
  const bench = new BackhaulBench();
  let reads = 0;
  bench.network.device = () => {
    reads += 1;
    return undefined;
  };
  await using service = await bench.start();
  bench.addUplink("eth0", 2);
  bench.settle();
  assert.deepEqual([reads, service.status().uplinks.length], [1, 0]);
  bench.clock.advance(millis(200));
  assert.deepEqual([reads, uplinkNamed(service, "eth0").kindSource], [2, "name eth0"]);
});

test("a machine without sysfs has its uplinks when the service has started", async () => {
  const bench = new BackhaulBench();
  bench.network.device = () => undefined;
  bench.addUplink("eth0", 2);
  await using service = await bench.start();
  assert.equal(uplinkNamed(service, "eth0").kindSource, "name eth0");
  assert.deepEqual(
    bench.clock.pendingTimers().filter((name) => name.includes("retry")),
    [],
  );
});

test("a new configuration is in force when reconfigure returns", async () => {
  const bench = new BackhaulBench();
  bench.addUplink("eth0", 2);
  await using service = await bench.start();
  const entry = {
    selector: { kind: "interface", pattern: "eth*" },
    label: "Harbour",
    metered: true,
    resolvers: undefined,
    profile: undefined,
    addresses: undefined,
  } as const;
  service.reconfigure({ ...machineConfig(), uplink: [{ ...entry, role: "auto" }] });
  assert.equal(uplinkNamed(service, "eth0").label, "Harbour");
  assert.deepEqual(uplinkNamed(service, "eth0").metered, { value: true, source: "config" });
  service.reconfigure({
    ...machineConfig(),
    uplink: [{ ...entry, role: "exclude", label: undefined, metered: undefined }],
  });
  assert.equal(service.status().uplinks.length, 0);
});

test("nothing is told when nothing changed", async () => {
  const bench = new BackhaulBench();
  const { ifindex } = bench.addUplink("eth0", 2);
  await using service = await bench.start();
  bench.settle();
  bench.taken();
  const { generation } = service.connectivity.current;
  bench.network.loseEvents("overrun");
  bench.network.addLink({ name: "lan0" });
  bench.network.changeLink(ifindex, {});
  bench.settle();
  assert.deepEqual(bench.taken(), []);
  assert.equal(service.connectivity.current.generation, generation);
});

test("a watcher of the connectivity is woken by changes of it, and by nothing else", async () => {
  const bench = new BackhaulBench();
  const { ifindex } = bench.addUplink("eth0", 2);
  await using service = await bench.start();
  const ending = new AbortController();
  const generations: number[] = [];
  const watching = (async () => {
    for await (const { generation } of service.connectivity.watch(ending.signal)) generations.push(generation);
  })();
  const turn = () => new Promise((resolve) => setImmediate(resolve));
  await turn();
  bench.network.addLink({ name: "lan0" });
  await turn();
  bench.network.setCarrier(ifindex, false);
  await turn();
  ending.abort();
  await watching;
  const last = service.connectivity.current.generation;
  assert.deepEqual(generations, [last - 1, last]);
});

test("the speed is shown with a carrier, read anew when one comes, and null without", async () => {
  const bench = new BackhaulBench();
  const { ifindex } = bench.addUplink("eth0", 2);
  const device = bench.network.device("eth0");
  assert.ok(device);
  bench.network.setDevice(ifindex, { ...device, speedMbps: 1000 });
  await using service = await bench.start();
  assert.equal(uplinkNamed(service, "eth0").speedMbps, 1000);
  bench.network.setCarrier(ifindex, false);
  assert.equal(uplinkNamed(service, "eth0").speedMbps, null);
  bench.network.setDevice(ifindex, { ...device, speedMbps: 100 });
  bench.network.setCarrier(ifindex, true);
  bench.settle();
  assert.equal(uplinkNamed(service, "eth0").speedMbps, 100);
});

test("after it is disposed of, nothing is heard, scheduled or counted as part of the program's health", async () => {
  const bench = new BackhaulBench();
  const { ifindex } = bench.addUplink("eth0", 2);
  const service = await bench.start();
  bench.taken();
  await service[Symbol.asyncDispose]();
  bench.network.setCarrier(ifindex, false);
  assert.deepEqual(bench.taken(), []);
  assert.deepEqual(bench.clock.pendingTimers(), []);
  assert.deepEqual(bench.health.snapshot().subsystems, []);
});
