/** An uplink that nobody manages, given to Ropewalk: real udhcpc, real DHCP servers, and everything that happens to a lease. */
import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import { seconds } from "@ropewalk/kernel/units";
import { snapshot } from "@ropewalk/lab/machine-snapshot";
import { foreignSources } from "./foreign-sources.ts";
import { offerLeases, offerShortLeases } from "./leasing-isp.ts";
import { NodeInLab, Started, soon } from "./node-in-lab.ts";

const atTheWheel = {
  ROPEWALK_BACKHAUL_MONITOR_ONLY: "false",
  ROPEWALK_BACKHAUL_CONFIRM_WITHIN: "0s",
  ROPEWALK_BACKHAUL_PROBE_PROFILE: "fast",
  ROPEWALK_BACKHAUL_SETTLING_RETURN_AFTER: "1s",
  ROPEWALK_BACKHAUL_CHOICE_RETURN_FOR: "1s",
};
const target = "203.0.113.10";

let place: NodeInLab;

before(async () => {
  const given = { addressing: "none", families: ["ipv4"] } as const;
  const later = '[[backhaul.uplink]]\ninterface = "wan2"\naddresses = "dhcp"';
  place = await NodeInLab.openMeasuring([{}, given], later, {}, { wan1: { addresses: "dhcp" } });
});

after(async () => {
  await place[Symbol.asyncDispose]();
});

/** Each test has a node that remembers nothing of the others. */
function freshly(test: string, more: Readonly<Record<string, string>> = {}): Readonly<Record<string, string>> {
  return { ...atTheWheel, ...more, ROPEWALK_STATE_DIR: join(place.folder, `state-${test}`) };
}

const leaseFile = (test: string) => join(place.folder, `state-${test}`, "leases/wan1.lease");

async function printed(command: string, ...args: readonly string[]): Promise<string> {
  return (await place.edge.tryExec(command, args)).stdout;
}

const addresses = (name = "wan1") => printed("ip", "-4", "-oneline", "address", "show", "dev", name);
const clients = async () => (await printed("pidof", "udhcpc")).trim();
const wayOut = async (...more: readonly string[]) =>
  / dev (\S+)/.exec(await printed("ip", "-4", "route", "get", target, ...more))?.[1];

async function eventually(what: string, isTrue: () => Promise<boolean>): Promise<void> {
  const end = performance.now() + 20_000;
  while (!(await isTrue())) {
    if (performance.now() > end) assert.fail(`20 s in vain for this: ${what}\n${await addresses()}`);
    await delay(20);
  }
}

async function state(name: string): Promise<string | undefined> {
  const { backhaul } = await place.client().status(soon());
  return backhaul.uplinks.find((uplink) => uplink.name === name)?.ipv4.state;
}

const isUp = (node: Started, name: string) => node.until(`${name} is up`, async () => (await state(name)) === "up");

const steering = async () => (await place.client().status(soon())).backhaul.steering;

/** Every address that came and went, as `ip monitor` tells it. The caller disposes of it. */
function watchAddresses(): Started {
  return new Started(place.edge.spawn("ip", ["-oneline", "-4", "monitor", "address"]));
}

const count = (text: string, part: RegExp) => text.split(part).length - 1;

async function purge(node: Started): Promise<void> {
  const { status, stderr } = await place.run(["uplink", "purge"]);
  assert.equal(status, 0, `${stderr}\n${node.stdout}${node.stderr}`);
}

test("a given uplink gets a lease, is called up, carries traffic when the other is cut, and a purge leaves what was before", async () => {
  await place.edge.exec("ip", ["link", "set", "dev", "wan1", "down"]);
  const untouched = await snapshot(place.edge);
  await using server = await offerLeases(place.lab, "wan1");
  await using node = await place.startNode({ env: freshly("1") });
  await isUp(node, "wan1");
  assert.match(await addresses(), /inet 198\.18\.8\.2\/24 .*dynamic noprefixroute/);
  assert.doesNotMatch(await printed("ip", "-4", "route", "show", "table", "main"), /wan1/, "nothing of it is in main");
  assert.doesNotMatch(await printed("cat", "/etc/resolv.conf"), /udhcpc/);
  await isUp(node, "wan0");
  await eventually("traffic goes by wan0", async () => (await wayOut()) === "wan0");
  await place.lab.cut("wan0");
  await eventually("traffic goes by wan1", async () => (await wayOut()) === "wan1");
  const ping = await place.edge.tryExec("ping", ["-n", "-c", "1", "-W", "2", target]);
  assert.equal(ping.status, 0, ping.stdout);
  await place.lab.heal("wan0");
  await eventually("traffic goes by wan0 again", async () => (await wayOut()) === "wan0");
  await purge(node);
  assert.equal(await clients(), "");
  assert.match(server.stderr, /DHCPRELEASE/);
  assert.equal(existsSync(leaseFile("1")), false);
  assert.equal(await snapshot(place.edge), untouched);
});

test("who only watches gets no lease, and the plan says that he would", async () => {
  await using _server = await offerLeases(place.lab, "wan1");
  await using node = await place.startNode({ env: freshly("2", { ROPEWALK_BACKHAUL_MONITOR_ONLY: "true" }) });
  await node.until("wan1 is seen", async () => (await state("wan1")) === "down");
  const { steps } = await place.client().plan(soon());
  assert.deepEqual(steps.find(({ of }) => of === "lease")?.command, "udhcpc -f -i wan1");
  assert.equal(await clients(), "");
  assert.equal(await addresses(), "");
});

test("a lease is renewed by its own uplink while ordinary traffic goes by another", async () => {
  await using server = await offerLeases(place.lab, "wan1");
  await using node = await place.startNode({ env: freshly("3") });
  await isUp(node, "wan1");
  await isUp(node, "wan0");
  await eventually("traffic goes by wan0", async () => (await wayOut()) === "wan0");
  const [before, asked] = [count(server.stderr, /DHCPACK/), count(server.stderr, /DHCPDISCOVER/)];
  await place.edge.exec("kill", ["-USR1", await clients()]);
  await node.until("it is renewed", () => count(server.stderr, /DHCPACK/) > before);
  assert.equal(count(server.stderr, /DHCPDISCOVER/), asked, "it was not asked for anew");
  await purge(node);
});

test("a cable that is plugged into another network brings another lease, by the routes that come with it", async () => {
  await using node = await place.startNode({ env: freshly("4") });
  const first = await offerLeases(place.lab, "wan1");
  await isUp(node, "wan1");
  await place.lab.cut("wan1");
  await first[Symbol.asyncDispose]();
  await place.lab.renumber("wan1");
  // RFC 3442: with classless routes the router that is named besides does not count.
  const routes = "0.0.0.0/0,198.18.9.1,192.0.2.0/24,198.18.9.77";
  await using _second = await offerLeases(place.lab, "wan1", { router: "198.18.9.99", routes });
  await place.lab.heal("wan1");
  await eventually("the new address alone is held", async () => {
    const held = await addresses();
    return /inet 198\.18\.9\.2\/24/.test(held) && !/198\.18\.8\.2/.test(held);
  });
  await isUp(node, "wan1");
  await eventually("its own table leads by the new gateway", async () =>
    /via 198\.18\.9\.1 dev wan1/.test(await printed("ip", "-4", "route", "show", "table", "all")),
  );
  await purge(node);
  assert.equal(await addresses(), "");
});

test("a daemon that is killed leaves a client that renews, and the next takes the lease over without a gap", async () => {
  await using server = await offerLeases(place.lab, "wan1");
  const first = await place.startNode({ env: freshly("5") });
  await isUp(first, "wan1");
  const orphan = await clients();
  await first.process.kill("SIGKILL");
  await first[Symbol.asyncDispose]();
  assert.equal(await clients(), orphan);
  const before = count(server.stderr, /DHCPACK/);
  await place.edge.exec("kill", ["-USR1", orphan]);
  await server.until("the orphan renews", () => count(server.stderr, /DHCPACK/) > before);
  await using watch = watchAddresses();
  await using second = await place.startNode({ env: freshly("5") });
  await second.until("a client of its own runs", async () => {
    const running = await clients();
    return running !== "" && running !== orphan && !running.includes(" ");
  });
  await isUp(second, "wan1");
  assert.doesNotMatch(watch.stdout, /Deleted/);
  await purge(second);
});

test("a stop ends the client and keeps the lease, and a purge without a node gives it back", async () => {
  const untouched = await snapshot(place.edge);
  await using server = await offerLeases(place.lab, "wan1");
  const env = freshly("6");
  const node = await place.startNode({ env });
  await isUp(node, "wan1");
  assert.equal(await node.stop("SIGTERM"), 0);
  await node[Symbol.asyncDispose]();
  assert.equal(await clients(), "");
  assert.match(await addresses(), /dynamic/);
  assert.doesNotMatch(server.stderr, /DHCPRELEASE/);
  const { status, stdout, stderr } = await place.run(["uplink", "purge"], { env });
  assert.equal(status, 0, stderr);
  assert.match(stdout, /the lease of wan1 was given up/);
  assert.equal(existsSync(leaseFile("6")), false);
  assert.equal(await snapshot(place.edge), untouched);
});

test("the powers that the service is granted are enough to get a lease, to give it up, and to take an earlier one over", async () => {
  const granted = "-all,+net_admin,+net_raw,+net_bind_service,+dac_read_search";
  const prefix = ["setpriv", "--inh-caps=-all", "--ambient-caps=-all", `--bounding-set=${granted}`, "--no-new-privs"];
  const untouched = await snapshot(place.edge);
  await using server = await offerLeases(place.lab, "wan1");
  const env = freshly("granted");
  const first = await place.startNode({ env, prefix });
  await isUp(first, "wan1");
  const orphan = await clients();
  await first.process.kill("SIGKILL");
  await first[Symbol.asyncDispose]();
  await using second = await place.startNode({ env, prefix });
  await second.until("a client of its own runs", async () => ![orphan, ""].includes(await clients()));
  await isUp(second, "wan1");
  await second.until("it has asked again", () => count(server.stderr, /DHCPACK/) > 1);
  await purge(second);
  assert.match(server.stderr, /DHCPRELEASE/);
  assert.equal(await snapshot(place.edge), untouched);
});

test("what nobody confirms is given back, the lease too", async () => {
  const untouched = await snapshot(place.edge);
  await using _server = await offerLeases(place.lab, "wan1");
  await using node = await place.startNode({ env: freshly("7", { ROPEWALK_BACKHAUL_CONFIRM_WITHIN: "5s" }) });
  assert.equal((await place.run(["uplink", "take", "--yes"])).status, 0);
  await node.until("it has a lease", async () => (await addresses()) !== "");
  await node.until("it is given back", async () => (await steering()).standing === "waiting");
  assert.equal(await clients(), "");
  assert.equal(await snapshot(place.edge), untouched);
});

test("a server that is gone takes the address with it when the lease is over, and is found again when it is back", async () => {
  await using node = await place.startNode({ env: freshly("8") });
  // udhcpc takes no lease for shorter than that.
  const server = await offerShortLeases(place, "wan1", 16);
  await isUp(node, "wan1");
  await server[Symbol.asyncDispose]();
  await node.until("the address is gone", async () => (await addresses()) === "", seconds(25));
  await node.until("it is down", async () => (await state("wan1")) === "down");
  await node.until("the lease is gone", () => !existsSync(leaseFile("8")), seconds(25));
  await using _back = await offerLeases(place.lab, "wan1");
  await node.until("it is up again", async () => (await state("wan1")) === "up", seconds(25));
  await purge(node);
});

test("who manages the interface is not fought: there is no lease while he does, and it is said why", async () => {
  await using _server = await offerLeases(place.lab, "wan1");
  const ifindex = (await printed("cat", "/sys/class/net/wan1/ifindex")).trim();
  const folder = "/run/NetworkManager/devices";
  await place.edge.exec("sh", ["-c", `mkdir -p ${folder} && echo managed=true >${folder}/${ifindex}`]);
  await using node = await place.startNode({ env: freshly("9") });
  await node.until("it is said", async () =>
    (await steering()).unmet.includes("wan1 is not leased: NetworkManager manages it"),
  );
  assert.equal(await clients(), "");
  await place.edge.exec("rm", ["-r", "/run/NetworkManager"]);
  await isUp(node, "wan1");
  await node.until("nothing is left to say", async () => (await steering()).unmet.length === 0);
  await purge(node);
});

test("an interface that appears later is leased beside the other, and one that is gone leaves nothing", async () => {
  await using _first = await offerLeases(place.lab, "wan1");
  await using node = await place.startNode({ env: freshly("10") });
  await isUp(node, "wan1");
  await place.lab.add({ name: "wan2", addressing: "none", families: ["ipv4"] });
  await using _second = await offerLeases(place.lab, "wan2");
  await isUp(node, "wan2");
  assert.equal((await clients()).split(" ").length, 2);
  await place.lab.remove("wan2");
  await node.until("one client is left", async () => /^\d+$/.test(await clients()));
  await node.until("its lease is gone", () => !existsSync(leaseFile("10").replace("wan1", "wan2")));
  await purge(node);
});

test("in all of this no packet left an uplink with the address of another", async () => {
  assert.deepEqual(await foreignSources(place.lab), []);
});
