/** The backhaul on the real kernel, in the lab's edge: what it sees of a network that changes under it. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { millis } from "@ropewalk/kernel/units";
import { uplinkSubnets } from "@ropewalk/lab/topology";
import { WatchedLab } from "./watched-lab.ts";

test("every uplink of the lab is seen with source, gateway and network of both families, and the LAN is none", async () => {
  await using watched = await WatchedLab.open({ uplinks: 2 });
  const { uplinks, connectivity } = await watched.status();
  assert.deepEqual(uplinks.map((uplink) => uplink.name).toSorted(), ["wan0", "wan1"]);
  for (const uplink of watched.lab.uplinks) {
    const seen = uplinks.find(({ name }) => name === uplink.name);
    for (const { family, member, router } of uplinkSubnets(uplink)) {
      assert.equal(seen?.[family].source, member);
      assert.equal(seen?.[family].gateway, router);
    }
    assert.equal(seen?.kind, "virtual");
    assert.equal(seen?.kindSource, "link kind veth");
  }
  assert.equal(connectivity.usable.length, 4);
  assert.equal(connectivity.active.overall, uplinks.find(({ name }) => name === "wan0")?.id);
});

for (const ifindexes of ["equal", "unequal"] as const) {
  test(`a new uplink, its renumbering, rename, cut, heal and removal are told (${ifindexes} ifindexes)`, async (context) => {
    await using watched = await WatchedLab.open({ uplinks: 1, ifindexes });
    const { lab } = watched;
    const late: Record<string, number> = {};

    const added = await lab.add({ name: "wan7" });
    const come = await watched.sees("wan7 is usable", added.at, ({ name, ipv4, ipv6 }) => {
      return name === "wan7" && ipv4.state === "unknown" && ipv6.state === "unknown";
    });
    late["added"] = come.lateMs - Number(added.doneAt - added.at) / 1e6;

    const renumbered = await lab.renumber("wan7");
    const [subnet] = uplinkSubnets(lab.uplink("wan7"));
    const moved = await watched.sees("the new address and gateway", renumbered.at, ({ name, ipv4 }) => {
      return name === "wan7" && ipv4.source === subnet?.member && ipv4.gateway === subnet?.router;
    });
    late["renumbered"] = moved.lateMs;

    const renamed = await lab.rename("wan7", "starlink");
    const named = await watched.sees("the new name", renamed.at, ({ name }) => name === "starlink");
    late["renamed"] = named.lateMs;

    const cut = await lab.cut("starlink");
    const dark = await watched.sees(
      "no carrier",
      cut.at,
      ({ name, reason }) => name === "starlink" && reason.code === "no-carrier",
    );
    late["cut"] = dark.lateMs;

    const healed = await lab.heal("starlink");
    const back = await watched.sees(
      "carrier again",
      healed.at,
      ({ name, state }) => name === "starlink" && state === "unknown",
    );
    late["healed"] = back.lateMs;

    await lab.remove("starlink");
    await watched.until("the removal", () => watched.removals().length > 0);
    assert.deepEqual(
      watched.removals().map(({ name, reason }) => [name, reason]),
      [["starlink", "its interface is gone"]],
    );
    const ids = new Set([come, moved, named, dark, back].map((event) => event.uplink.id));
    assert.equal(ids.size, 1, "one uplink, one id");
    context.diagnostic(`late by ms: ${JSON.stringify(late)}`);
  });
}

test("two uplinks with one MAC address are two, and each keeps its id when the backhaul is killed and started again", async () => {
  await using watched = await WatchedLab.open({ uplinks: 2 });
  const edge = watched.lab.host("edge");
  await watched.kill();
  for (const name of ["wan0", "wan1"])
    await edge.exec("ip", ["link", "set", "dev", name, "address", "02:00:5e:00:00:01"]);
  const store = "/run/backhaul-test/state.db";
  await watched.start(store);
  const ids = async () => Object.fromEntries((await watched.status()).uplinks.map(({ name, id }) => [name, id]));
  const before = await ids();
  assert.deepEqual(Object.values(before).toSorted(), ["mac-02:00:5e:00:00:01", "mac-02:00:5e:00:00:01@wan1"]);
  await watched.kill();
  await watched.lab.remove("wan0");
  await watched.start(store);
  assert.deepEqual(await ids(), { wan1: before["wan1"] });
});

test("an uplink that is renamed again and again while another flaps never changes its id and ends with its last name", async () => {
  await using watched = await WatchedLab.open({ uplinks: 2 });
  const { lab } = watched;
  const { uplinks } = await watched.status();
  const id = uplinks.find(({ name }) => name === "wan1")?.id;
  const flapping = await lab.flap("wan0", millis(40));
  let name = "wan1";
  for (let turn = 0; turn < 20; turn += 1) {
    const next = turn % 2 === 0 ? "cable" : "wan1";
    const { at } = await lab.rename(name, next);
    name = next;
    const seen = await watched.sees(`the name ${next}`, at, (uplink) => uplink.name === next);
    assert.equal(seen.uplink.id, id);
  }
  await flapping.stop();
  assert.deepEqual(watched.removals(), []);
  const last = (await watched.status()).uplinks.find((uplink) => uplink.id === id);
  assert.equal(last?.name, "wan1");
});

test("500 interfaces that appear and vanish leave the picture right, and the two uplinks as they were", async (context) => {
  await using watched = await WatchedLab.open({ uplinks: 2 });
  const edge = watched.lab.host("edge");
  const before = (await watched.status()).uplinks.map(({ id }) => id);
  const names = Array.from({ length: 500 }, (_, index) => `ifb${index}`);
  const last = [
    "address add 198.18.200.2/24 dev ifb499",
    "link set dev ifb499 up",
    "route add default dev ifb499 metric 9000",
  ];
  const batch = [...names.map((name) => `link add name ${name} group 77 type ifb`), ...last].join("\n");
  await edge.exec("ip", ["-batch", "-"], { input: batch });
  const made = process.hrtime.bigint();
  await watched.until("ifb499 is an uplink", () =>
    watched.uplinkEvents().some(({ event }) => event.uplink.name === "ifb499"),
  );
  const appeared = Number(process.hrtime.bigint() - made) / 1e6;
  await edge.exec("ip", ["link", "del", "group", "77"]);
  const deleted = process.hrtime.bigint();
  await watched.until("ifb499 is gone", () => watched.removals().some(({ name }) => name === "ifb499"));
  const vanished = Number(process.hrtime.bigint() - deleted) / 1e6;
  context.diagnostic(`after the last change: seen in ${appeared.toFixed(0)} ms, gone in ${vanished.toFixed(0)} ms`);
  assert.deepEqual(
    (await watched.status()).uplinks.map(({ id }) => id),
    before,
  );
});
