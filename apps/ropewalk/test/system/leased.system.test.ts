/** An uplink that nobody manages, given to Ropewalk: real udhcpc, real DHCP servers, and everything that happens to a lease. */
import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { after, before, test } from "node:test";
import { seconds } from "@ropewalk/kernel/units";
import { foreignSources } from "./foreign-sources.ts";
import { count, LeasedSite } from "./leased-site.ts";
import { offerLeases, offerShortLeases } from "./leasing-isp.ts";

let site: LeasedSite;

before(async () => {
  site = await LeasedSite.open('[[backhaul.uplink]]\ninterface = "wan2"\naddresses = "dhcp"');
});

after(async () => {
  await site[Symbol.asyncDispose]();
});

test("a lease is renewed by its own uplink while ordinary traffic goes by another", async () => {
  await using server = await offerLeases(site.place.lab, "wan1");
  await using node = await site.place.startNode({ env: site.freshly("3") });
  await site.isUp(node, "wan1");
  await site.isUp(node, "wan0");
  await site.eventually("traffic goes by wan0", async () => (await site.wayOut()) === "wan0");
  const [before, asked] = [count(server.stderr, /DHCPACK/), count(server.stderr, /DHCPDISCOVER/)];
  await site.place.edge.exec("kill", ["-USR1", await site.clients()]);
  await node.until("it is renewed", () => count(server.stderr, /DHCPACK/) > before);
  assert.equal(count(server.stderr, /DHCPDISCOVER/), asked, "it was not asked for anew");
  await site.purge(node);
});

test("a cable that is plugged into another network brings another lease, by the routes that come with it", async () => {
  await using node = await site.place.startNode({ env: site.freshly("4") });
  const first = await offerLeases(site.place.lab, "wan1");
  await site.isUp(node, "wan1");
  await site.place.lab.cut("wan1");
  await first[Symbol.asyncDispose]();
  await site.place.lab.renumber("wan1");
  // RFC 3442: with classless routes the router that is named besides does not count.
  const routes = "0.0.0.0/0,198.18.9.1,192.0.2.0/24,198.18.9.77";
  await using _second = await offerLeases(site.place.lab, "wan1", { router: "198.18.9.99", routes });
  await site.place.lab.heal("wan1");
  await site.eventually("the new address alone is held", async () => {
    const held = await site.addresses();
    return /inet 198\.18\.9\.2\/24/.test(held) && !/198\.18\.8\.2/.test(held);
  });
  await site.isUp(node, "wan1");
  await site.eventually("its own table leads by the new gateway", async () =>
    /via 198\.18\.9\.1 dev wan1/.test(await site.printed("ip", "-4", "route", "show", "table", "all")),
  );
  await site.purge(node);
  assert.equal(await site.addresses(), "");
});

test("a daemon that is killed leaves a client that renews, and the next takes the lease over without a gap", async () => {
  await using server = await offerLeases(site.place.lab, "wan1");
  const first = await site.place.startNode({ env: site.freshly("5") });
  await site.isUp(first, "wan1");
  const orphan = await site.clients();
  await first.process.kill("SIGKILL");
  await first[Symbol.asyncDispose]();
  assert.equal(await site.clients(), orphan);
  const before = count(server.stderr, /DHCPACK/);
  await site.place.edge.exec("kill", ["-USR1", orphan]);
  await server.until("the orphan renews", () => count(server.stderr, /DHCPACK/) > before);
  await using watch = site.watchAddresses();
  await using second = await site.place.startNode({ env: site.freshly("5") });
  await second.until("a client of its own runs", async () => {
    const running = await site.clients();
    return running !== "" && running !== orphan && !running.includes(" ");
  });
  await site.isUp(second, "wan1");
  assert.doesNotMatch(watch.stdout, /Deleted/);
  await site.purge(second);
});

test("a server that is gone takes the address with it when the lease is over, and is found again when it is back", async () => {
  await using node = await site.place.startNode({ env: site.freshly("8") });
  // udhcpc takes no lease for shorter than that.
  const server = await offerShortLeases(site.place, "wan1", 16);
  await site.isUp(node, "wan1");
  await server[Symbol.asyncDispose]();
  await node.until("the address is gone", async () => (await site.addresses()) === "", seconds(25));
  await node.until("it is down", async () => (await site.state("wan1")) === "down");
  await node.until("the lease is gone", () => !existsSync(site.leaseFile("8")), seconds(25));
  await using _back = await offerLeases(site.place.lab, "wan1");
  await node.until("it is up again", async () => (await site.state("wan1")) === "up", seconds(25));
  await site.purge(node);
});

test("a server that refuses the address at a renewal gives another, and what had the old one is ended", async () => {
  const first = await offerLeases(site.place.lab, "wan1");
  await using node = await site.place.startNode({ env: site.freshly("refused") });
  await site.isUp(node, "wan1");
  await site.isUp(node, "wan0");
  await first[Symbol.asyncDispose]();
  const [, network = ""] = /inet ([\d.]+)\.\d+\//.exec(await site.addresses()) ?? [];
  await using second = await offerLeases(site.place.lab, "wan1", { address: `${network}.50` });
  await site.place.edge.exec("kill", ["-USR1", await site.clients()]);
  await site.eventually("the other address alone is held", async () => {
    const held = [...(await site.addresses()).matchAll(/inet ([\d.]+)/g)].map(([, address]) => address);
    return held.join() === `${network}.50`;
  });
  assert.match(second.stderr, /DHCPNAK/);
  await node.until("it is told", () => /"action":"ended-flows"[^\n]*wan1/.test(`${node.stdout}${node.stderr}`));
  await site.purge(node);
});

test("who manages the interface is not fought: there is no lease while he does, and it is said why", async () => {
  await using _server = await offerLeases(site.place.lab, "wan1");
  const ifindex = (await site.printed("cat", "/sys/class/net/wan1/ifindex")).trim();
  const folder = "/run/NetworkManager/devices";
  await site.place.edge.exec("sh", ["-c", `mkdir -p ${folder} && echo managed=true >${folder}/${ifindex}`]);
  await using node = await site.place.startNode({ env: site.freshly("9") });
  await node.until("it is said", async () =>
    (await site.steering()).unmet.includes("wan1 is not leased: NetworkManager manages it"),
  );
  assert.equal(await site.clients(), "");
  await site.place.edge.exec("rm", ["-r", "/run/NetworkManager"]);
  await site.isUp(node, "wan1");
  await node.until("nothing is left to say", async () => (await site.steering()).unmet.length === 0);
  await site.purge(node);
});

test("an interface that appears later is leased beside the other, and one that is gone leaves nothing", async () => {
  await using _first = await offerLeases(site.place.lab, "wan1");
  await using node = await site.place.startNode({ env: site.freshly("10") });
  await site.isUp(node, "wan1");
  await site.place.lab.add({ name: "wan2", addressing: "none", families: ["ipv4"] });
  await using _second = await offerLeases(site.place.lab, "wan2");
  await site.isUp(node, "wan2");
  assert.equal((await site.clients()).split(" ").length, 2);
  await site.place.lab.remove("wan2");
  await node.until("one client is left", async () => /^\d+$/.test(await site.clients()));
  await node.until("its lease is gone", () => !existsSync(site.leaseFile("10", "wan2")));
  await site.purge(node);
});

test("in all of this no packet left an uplink with the address of another", async () => {
  assert.deepEqual(await foreignSources(site.place.lab), []);
});
