/** An uplink is given to Ropewalk and given back: by taking and leaving the wheel, by a stop, a purge, a death and a reload. */
import assert from "node:assert/strict";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { after, before, test } from "node:test";
import { snapshot } from "@ropewalk/lab/machine-snapshot";
import { foreignSources } from "./foreign-sources.ts";
import { count, LeasedSite } from "./leased-site.ts";
import { offerLeases } from "./leasing-isp.ts";
import { soon } from "./node-in-lab.ts";

let site: LeasedSite;

before(async () => {
  site = await LeasedSite.open();
});

after(async () => {
  await site[Symbol.asyncDispose]();
});

test("a given uplink gets a lease, is called up, carries traffic when the other is cut, and a purge leaves what was before", async () => {
  await site.place.edge.exec("ip", ["link", "set", "dev", "wan1", "down"]);
  const untouched = await snapshot(site.place.edge);
  await using server = await offerLeases(site.place.lab, "wan1");
  await using node = await site.place.startNode({ env: site.freshly("1") });
  await site.isUp(node, "wan1");
  assert.match(await site.addresses(), /inet 198\.18\.8\.2\/24 .*dynamic noprefixroute/);
  assert.doesNotMatch(
    await site.printed("ip", "-4", "route", "show", "table", "main"),
    /wan1/,
    "nothing of it is in main",
  );
  assert.doesNotMatch(await site.printed("cat", "/etc/resolv.conf"), /udhcpc/);
  await site.isUp(node, "wan0");
  await site.eventually("traffic goes by wan0", async () => (await site.wayOut()) === "wan0");
  await site.place.lab.cut("wan0");
  await site.eventually("traffic goes by wan1", async () => (await site.wayOut()) === "wan1");
  assert.ok(await site.isOnline());
  await site.place.lab.heal("wan0");
  await site.eventually("traffic goes by wan0 again", async () => (await site.wayOut()) === "wan0");
  await site.purge(node);
  assert.equal(await site.clients(), "");
  assert.match(server.stderr, /DHCPRELEASE/);
  assert.equal(existsSync(site.leaseFile("1")), false);
  assert.equal(await snapshot(site.place.edge), untouched);
});

test("who only watches gets no lease, and the plan says that he would", async () => {
  await using _server = await offerLeases(site.place.lab, "wan1");
  await using node = await site.place.startNode({ env: site.freshly("2", { ROPEWALK_BACKHAUL_MONITOR_ONLY: "true" }) });
  await node.until("wan1 is seen", async () => (await site.state("wan1")) === "down");
  const { steps } = await site.place.client().plan(soon());
  assert.deepEqual(steps.find(({ of }) => of === "lease")?.command, "udhcpc -f -i wan1");
  assert.equal(await site.clients(), "");
  assert.equal(await site.addresses(), "");
});

test("a stop ends the client and keeps the lease, and a purge without a node gives it back", async () => {
  const untouched = await snapshot(site.place.edge);
  await using server = await offerLeases(site.place.lab, "wan1");
  const env = site.freshly("6");
  const node = await site.place.startNode({ env });
  await site.isUp(node, "wan1");
  assert.equal(await node.stop("SIGTERM"), 0);
  await node[Symbol.asyncDispose]();
  assert.equal(await site.clients(), "");
  assert.match(await site.addresses(), /dynamic/);
  assert.doesNotMatch(server.stderr, /DHCPRELEASE/);
  const { status, stdout, stderr } = await site.place.run(["uplink", "purge"], { env });
  assert.equal(status, 0, stderr);
  assert.match(stdout, /the lease of wan1 was given up/);
  assert.equal(existsSync(site.leaseFile("6")), false);
  assert.equal(await snapshot(site.place.edge), untouched);
});

test("the powers that the service is granted are enough to get a lease, to give it up, and to take an earlier one over", async () => {
  const granted = "-all,+net_admin,+net_raw,+net_bind_service,+dac_read_search";
  const prefix = ["setpriv", "--inh-caps=-all", "--ambient-caps=-all", `--bounding-set=${granted}`, "--no-new-privs"];
  const untouched = await snapshot(site.place.edge);
  await using server = await offerLeases(site.place.lab, "wan1");
  const env = site.freshly("granted");
  const first = await site.place.startNode({ env, prefix });
  await site.isUp(first, "wan1");
  const orphan = await site.clients();
  await first.process.kill("SIGKILL");
  await first[Symbol.asyncDispose]();
  await using second = await site.place.startNode({ env, prefix });
  await second.until("a client of its own runs", async () => ![orphan, ""].includes(await site.clients()));
  await site.isUp(second, "wan1");
  await second.until("it has asked again", () => count(server.stderr, /DHCPACK/) > 1);
  await site.purge(second);
  assert.match(server.stderr, /DHCPRELEASE/);
  assert.equal(await snapshot(site.place.edge), untouched);
});

test("what nobody confirms is given back, the lease too", async () => {
  const untouched = await snapshot(site.place.edge);
  await using _server = await offerLeases(site.place.lab, "wan1");
  await using node = await site.place.startNode({ env: site.freshly("7", { ROPEWALK_BACKHAUL_CONFIRM_WITHIN: "5s" }) });
  assert.equal((await site.place.run(["uplink", "take", "--yes"])).status, 0);
  await node.until("it has a lease", async () => (await site.addresses()) !== "");
  await node.until("it is given back", async () => (await site.steering()).standing === "waiting");
  assert.equal(await site.clients(), "");
  assert.equal(await snapshot(site.place.edge), untouched);
});

test("a trial that dies with its daemon is ended by the next start, the lease and its orphaned client too", async () => {
  const untouched = await snapshot(site.place.edge);
  await using server = await offerLeases(site.place.lab, "wan1");
  const env = site.freshly("trial", { ROPEWALK_BACKHAUL_CONFIRM_WITHIN: "60s" });
  const first = await site.place.startNode({ env });
  assert.equal((await site.place.run(["uplink", "take", "--yes"])).status, 0);
  await site.isUp(first, "wan1");
  // A client that began before the carrier was told may be followed by another, and for a moment there is none.
  await first.until("its client stays", () => /udhcpc asks for an address of wan1/.test(first.stdout + first.stderr));
  await first.process.kill("SIGKILL");
  await first[Symbol.asyncDispose]();
  assert.notEqual(await site.clients(), "");
  await using _second = await site.place.startNode({ env });
  assert.equal((await site.steering()).standing, "waiting");
  assert.equal(await site.clients(), "");
  assert.match(server.stderr, /DHCPRELEASE/);
  assert.equal(await snapshot(site.place.edge), untouched);
});

test("a reload gives an uplink to Ropewalk and takes it back", async () => {
  await using _server = await offerLeases(site.place.lab, "wan1");
  const given = readFileSync(site.place.configFile, "utf8");
  const foundAgain = given.replace('interface = "wan1"\naddresses = "dhcp"', 'interface = "wan1"\naddresses = "found"');
  assert.notEqual(foundAgain, given);
  writeFileSync(site.place.configFile, foundAgain);
  try {
    await using node = await site.place.startNode({ env: site.freshly("reload") });
    await site.isUp(node, "wan0");
    assert.equal(await site.clients(), "");
    writeFileSync(site.place.configFile, given);
    assert.equal((await site.place.run(["config", "reload"])).status, 0);
    await site.isUp(node, "wan1");
    writeFileSync(site.place.configFile, foundAgain);
    assert.equal((await site.place.run(["config", "reload"])).status, 0);
    await node.until(
      "the lease is given up",
      async () => (await site.addresses()) === "" && (await site.clients()) === "",
    );
    await node.until("nothing of it is left", () => !existsSync(site.leaseFile("reload")));
    await site.purge(node);
  } finally {
    writeFileSync(site.place.configFile, given);
  }
});

test("in all of this no packet left an uplink with the address of another", async () => {
  assert.deepEqual(await foreignSources(site.place.lab), []);
});
