/** What every NetworkWatch and NetworkReader promises, told on a world that can be moved: the fake, or a namespace. */
import assert from "node:assert/strict";
import type { NetworkFacts } from "@ropewalk/host/facts";
import type { NetworkChange, NetworkWatchOptions } from "@ropewalk/host/ports";
import { factsUntil } from "./facts-until.ts";
import { networkSettingsContract } from "./network-settings.contract.ts";
import { contract, hasUplink, routeTo, uplink } from "./uplink-world.ts";
import { linkNamed, type World, type WorldFactory } from "./world.ts";

/** Every change from now on, and how to wait for more. */
function recording(world: World) {
  const changes: NetworkChange[] = [];
  world.watch.subscribe((change) => changes.push(change));
  return changes;
}

export function networkWatchContract(create: WorldFactory): void {
  linkContract(create);
  carrierContract(create);
  routeContract(create);
  networkSettingsContract(create);
  listenerContract(create);
  readerContract(create);
}

function linkContract(create: WorldFactory): void {
  contract("an uplink that appears is seen with its address and route", create, async (world) => {
    world.perform(...uplink);
    const facts = await factsUntil(world.watch, hasUplink);
    const link = linkNamed(facts, "wan0");
    assert.equal(link?.isEnabled, true);
    assert.equal(link?.mtu, 1500);
    const address = facts.addresses.find((entry) => entry.address === "192.0.2.2");
    assert.deepEqual([address?.ifindex, address?.prefixLength, address?.scope], [link?.ifindex, 24, "global"]);
    assert.deepEqual(routeTo(facts, "203.0.113.0")[0]?.nextHops, [
      { ifindex: link?.ifindex, gateway: "192.0.2.1", weight: 1, isDead: false },
    ]);
  });

  contract("a renamed link keeps its index, address and route", create, async (world) => {
    world.perform(...uplink);
    const before = await factsUntil(world.watch, hasUplink);
    world.perform({ kind: "rename", name: "wan0", to: "uplink9" });
    const facts = await factsUntil(world.watch, (now) => linkNamed(now, "uplink9") !== undefined);
    const { ifindex } = linkNamed(before, "wan0") ?? assert.fail();
    assert.equal(linkNamed(facts, "uplink9")?.ifindex, ifindex);
    assert.equal(linkNamed(facts, "wan0"), undefined);
    assert.equal(routeTo(facts, "203.0.113.0")[0]?.nextHops[0]?.ifindex, ifindex);
  });

  contract("a changed MTU is seen", create, async (world) => {
    world.perform(...uplink, { kind: "mtu", name: "wan0", octets: 1428 });
    await factsUntil(world.watch, (facts) => linkNamed(facts, "wan0")?.mtu === 1428);
  });

  contract("a link that goes takes its addresses and routes along", create, async (world) => {
    world.perform(...uplink);
    const { ifindex } = linkNamed(await factsUntil(world.watch, hasUplink), "wan0") ?? assert.fail();
    world.perform({ kind: "remove-link", name: "wan0" });
    const facts = await factsUntil(
      world.watch,
      (now) => !now.links.has(ifindex) && routeTo(now, "203.0.113.0").length === 0,
    );
    assert.equal(
      facts.addresses.some((address) => address.ifindex === ifindex),
      false,
    );
  });

  contract(
    "an address that goes is seen, and so are the routes that went with it in silence",
    create,
    async (world) => {
      world.perform(
        ...uplink,
        { kind: "add-address", name: "wan0", prefix: "192.0.2.9/32" },
        {
          kind: "set-route",
          name: "wan0",
          to: "198.51.100.0/24",
          via: "192.0.2.1",
          metric: 5,
          source: "192.0.2.9",
        },
      );
      await factsUntil(world.watch, (facts) => routeTo(facts, "198.51.100.0")[0]?.preferredSource === "192.0.2.9");
      world.perform({ kind: "remove-address", name: "wan0", prefix: "192.0.2.9/32" });
      const facts = await factsUntil(world.watch, (now) => routeTo(now, "198.51.100.0").length === 0);
      assert.equal(
        facts.addresses.some((address) => address.address === "192.0.2.9"),
        false,
      );
      assert.equal(routeTo(facts, "203.0.113.0").length, 1);
    },
  );

  contract("announced name servers are held until they are withdrawn", create, async (world) => {
    world.perform(...uplink);
    const { ifindex } = linkNamed(await factsUntil(world.watch, hasUplink), "wan0") ?? assert.fail();
    const held = (facts: NetworkFacts) => facts.routerDns.filter((entry) => entry.ifindex === ifindex);
    world.announceDns("wan0", ["2001:db8::53", "2001:db8::54"], 600);
    const facts = await factsUntil(world.watch, (now) => held(now).length === 1);
    assert.deepEqual(held(facts)[0]?.servers, ["2001:db8::53", "2001:db8::54"]);
    assert.equal(typeof held(facts)[0]?.expiresAt, "number");
    world.announceDns("wan0", ["2001:db8::53", "2001:db8::54"], 0);
    await factsUntil(world.watch, (now) => held(now).length === 0);
  });
}

function carrierContract(create: WorldFactory): void {
  contract("a lost carrier is seen, is dated, and makes next hops dead until it returns", create, async (world) => {
    world.perform(...uplink);
    const before = await factsUntil(world.watch, hasUplink);
    world.perform({ kind: "carrier", name: "wan0", on: false });
    const down = await factsUntil(world.watch, (facts) => linkNamed(facts, "wan0")?.hasCarrier === false);
    assert.equal(linkNamed(down, "wan0")?.isEnabled, true);
    assert.notEqual(linkNamed(down, "wan0")?.carrierChangedAt, linkNamed(before, "wan0")?.carrierChangedAt);
    assert.equal(routeTo(down, "203.0.113.0")[0]?.nextHops[0]?.isDead, true);
    world.perform({ kind: "carrier", name: "wan0", on: true });
    const up = await factsUntil(world.watch, (facts) => linkNamed(facts, "wan0")?.hasCarrier === true);
    assert.equal(routeTo(up, "203.0.113.0")[0]?.nextHops[0]?.isDead, false);
  });

  contract("a carrier that goes down and up in one batch is two calls", create, async (world) => {
    world.perform(...uplink);
    await factsUntil(world.watch, hasUplink);
    const changes = recording(world);
    world.perform(
      { kind: "carrier", name: "wan0", on: false },
      { kind: "carrier", name: "wan0", on: true },
      { kind: "carrier", name: "wan0", on: false },
      { kind: "mtu", name: "wan0", octets: 1400 },
    );
    await factsUntil(world.watch, (facts) => linkNamed(facts, "wan0")?.mtu === 1400);
    const seen = changes.map((change) => linkNamed(change.facts, "wan0")?.hasCarrier);
    assert.deepEqual(
      seen.filter((now, index) => now !== seen[index - 1]),
      [false, true, false],
    );
  });

  contract("a disabled link has no carrier and its routes are gone", create, async (world) => {
    world.perform(...uplink);
    await factsUntil(world.watch, hasUplink);
    world.perform({ kind: "enabled", name: "wan0", on: false });
    const facts = await factsUntil(
      world.watch,
      (now) => linkNamed(now, "wan0")?.isEnabled === false && routeTo(now, "203.0.113.0").length === 0,
    );
    assert.equal(linkNamed(facts, "wan0")?.hasCarrier, false);
  });
}

function routeContract(create: WorldFactory): void {
  const route = { name: "wan0", to: "198.51.100.0/24", metric: 7 } as const;

  contract("a replaced route is one route with the new gateway, a removed one is none", create, async (world) => {
    world.perform(...uplink, { kind: "set-route", via: "192.0.2.1", ...route });
    await factsUntil(world.watch, (facts) => routeTo(facts, "198.51.100.0").length === 1);
    world.perform({ kind: "set-route", via: "192.0.2.3", ...route });
    const isNew = (facts: NetworkFacts) => routeTo(facts, "198.51.100.0")[0]?.nextHops[0]?.gateway === "192.0.2.3";
    assert.equal(routeTo(await factsUntil(world.watch, isNew), "198.51.100.0").length, 1);
    world.perform({ kind: "remove-route", via: "192.0.2.3", ...route });
    await factsUntil(world.watch, (facts) => routeTo(facts, "198.51.100.0").length === 0);
  });

  const keepMetricSeven: NetworkWatchOptions = { keepRoute: ({ metric }) => metric === 7 };
  contract(
    "routes that nobody asked for are not kept",
    create,
    async (world) => {
      world.perform(...uplink, { kind: "set-route", via: "192.0.2.1", ...route });
      const facts = await factsUntil(world.watch, (now) => routeTo(now, "198.51.100.0").length === 1);
      assert.equal(facts.routes.length, 1);
    },
    keepMetricSeven,
  );
}

function listenerContract(create: WorldFactory): void {
  contract("facts that were handed out never change", create, async (world) => {
    world.perform(...uplink);
    const before = await factsUntil(world.watch, hasUplink);
    const copy = structuredClone(before);
    world.perform({ kind: "carrier", name: "wan0", on: false }, { kind: "remove-link", name: "wan0" });
    await factsUntil(world.watch, (facts) => linkNamed(facts, "wan0") === undefined);
    assert.deepEqual(before, copy);
  });

  contract("a listener finds the change in the facts, and its interface named", create, async (world) => {
    world.perform(...uplink);
    const { ifindex } = linkNamed(await factsUntil(world.watch, hasUplink), "wan0") ?? assert.fail();
    const changes = recording(world);
    world.perform({ kind: "mtu", name: "wan0", octets: 1300 });
    await factsUntil(world.watch, (facts) => linkNamed(facts, "wan0")?.mtu === 1300);
    const change = changes.find(({ facts }) => linkNamed(facts, "wan0")?.mtu === 1300);
    assert.ok(change !== undefined && change.kind === "events");
    assert.equal(change.ifindexes.has(ifindex), true);
    assert.equal(world.watch.facts.links.get(ifindex)?.mtu, 1300);
  });

  contract("lost events end in one resync that holds everything", create, async (world) => {
    world.perform(...uplink);
    await factsUntil(world.watch, hasUplink);
    const changes = recording(world);
    const resyncs = world.watch.counts.resyncs;
    world.performUnheard(
      { kind: "carrier", name: "wan0", on: false },
      { kind: "add-address", name: "wan0", prefix: "198.51.100.9/24" },
    );
    const facts = await factsUntil(world.watch, () => changes.some(({ kind }) => kind === "resync"));
    assert.equal(linkNamed(facts, "wan0")?.hasCarrier, false);
    assert.equal(
      facts.addresses.some(({ address }) => address === "198.51.100.9"),
      true,
    );
    assert.equal(world.watch.counts.resyncs, resyncs + 1);
  });

  contract(
    "a listener that was disposed is not called, nor is any after the watch is closed",
    create,
    async (world) => {
      let calls = 0;
      const gone = world.watch.subscribe(() => assert.fail("called after it was disposed"));
      gone[Symbol.dispose]();
      world.watch.subscribe(() => {
        calls += 1;
      });
      world.perform(...uplink);
      await factsUntil(world.watch, hasUplink);
      assert.ok(calls > 0);
      await world.watch[Symbol.asyncDispose]();
      calls = 0;
      world.perform({ kind: "carrier", name: "wan0", on: false });
      await new Promise((resolve) => setImmediate(resolve));
      assert.equal(calls, 0);
    },
  );
}

function readerContract(create: WorldFactory): void {
  contract("every link has counters, and an interface that is not there has no device", create, async (world) => {
    world.perform(...uplink);
    const facts = await factsUntil(world.watch, hasUplink);
    const { ifindex } = linkNamed(facts, "wan0") ?? assert.fail();
    assert.equal(typeof world.reader.counters().get(ifindex)?.sentBytes, "number");
    assert.notEqual(world.reader.device("wan0"), undefined);
    assert.equal(world.reader.device("absent"), undefined);
  });
}
