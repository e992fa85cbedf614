/** IPv6 of one uplink dies on a real kernel: what new flows begin with, that IPv4 does not notice, and that all of it is given back. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { after, before, test } from "node:test";
import type { NodeStatus } from "@ropewalk/api/http";
import { ipAddress } from "@ropewalk/kernel/addresses";
import { snapshot } from "@ropewalk/lab/machine-snapshot";
import { holdConnections, serveEcho } from "@ropewalk/lab/traffic";
import { atTheWheel, eventually, wayTo } from "./at-the-wheel.ts";
import { NodeInLab, type Started, soon } from "./node-in-lab.ts";

const target = "2001:db8:80:1::10";
const port = 7_000;

interface Address {
  readonly local: string;
  readonly scope: string;
  readonly deprecated?: boolean;
  readonly preferred_life_time: number;
  readonly valid_life_time: number;
}

let place: NodeInLab;

before(async () => {
  place = await NodeInLab.openMeasuring(2, "");
});

after(async () => {
  await place[Symbol.asyncDispose]();
});

async function startFresh(test: string, uplinks = 2): Promise<Started> {
  const node = await place.startNode({
    env: { ...atTheWheel, ROPEWALK_STATE_DIR: join(place.folder, `state-${test}`) },
  });
  await node.until("all uplinks are up", async () => {
    const status: NodeStatus = await place.client().status(soon());
    const seen = status.backhaul.uplinks;
    return seen.length === uplinks && seen.every(({ ipv4, ipv6 }) => ipv4.state === "up" && ipv6.state === "up");
  });
  return node;
}

async function globalAddress(name: string): Promise<Address> {
  const { stdout } = await place.edge.exec("ip", ["-j", "-6", "address", "show", "dev", name, "scope", "global"]);
  const [link] = JSON.parse(stdout) as readonly { readonly addr_info: readonly Address[] }[];
  return link?.addr_info.find(({ scope }) => scope === "global") ?? assert.fail(`${name} has no address`);
}

/** By which interface a flow without a source of its own leaves, and what it begins with. */
async function newFlow(destination: string): Promise<string> {
  const { device, source } = await wayTo(place.edge, destination);
  return `${device} ${source}`;
}

async function ipv4(): Promise<string> {
  const asked = [["rule"], ["route", "show", "table", "all"], ["address"]];
  const told = await Promise.all(asked.map((words) => place.edge.exec("ip", ["-4", "-N", ...words])));
  return told.map(({ stdout }) => stdout).join("\n");
}

const isDeprecated = async (name: string) => (await globalAddress(name)).deprecated === true;

test("when IPv6 of an uplink dies new flows begin elsewhere, IPv4 goes on, and all is as before when it lives", async () => {
  const untouched = await snapshot(place.edge);
  const [first, second] = [await globalAddress("wan0"), await globalAddress("wan1")];
  await using _node = await startFresh("dies");
  await eventually("new flows leave by wan0", async () => (await newFlow(target)) === `wan0 ${first.local}`);
  await using _server = await serveEcho(place.lab.host("target-1"), port);
  const held = await holdConnections(place.edge, { to: ipAddress("203.0.113.10"), port, count: 20 });
  const before = await ipv4();

  await place.lab.kill("wan0", "ipv6");
  await eventually("the dead uplink's address is deprecated", () => isDeprecated("wan0"));
  assert.deepEqual(await globalAddress("wan0"), { ...first, deprecated: true, preferred_life_time: 0 });
  assert.equal(await newFlow(target), `wan1 ${second.local}`);
  const router = first.local.replace(/::.*$/, "::1");
  assert.equal(await newFlow(router), `wan0 ${first.local}`, "its router sees no address of another uplink");
  assert.equal(await ipv4(), before);

  await place.lab.heal("wan0");
  await eventually("it is preferred again", async () => !(await isDeprecated("wan0")));
  assert.deepEqual(await globalAddress("wan0"), first);
  await eventually("new flows return", async () => (await newFlow(target)) === `wan0 ${first.local}`);
  assert.equal(await ipv4(), before);
  assert.deepEqual((await held.stop()).ended, []);
  const purged = await place.run(["uplink", "purge"]);
  assert.equal(purged.status, 0, purged.stderr);
  assert.equal(await snapshot(place.edge), untouched);
});

test("a purge while it is dead gives the address back", async () => {
  const untouched = await snapshot(place.edge);
  await using _node = await startFresh("purge");
  await place.lab.kill("wan0", "ipv6");
  await eventually("the dead uplink's address is deprecated", () => isDeprecated("wan0"));
  const purged = await place.run(["uplink", "purge"]);
  assert.equal(purged.status, 0, purged.stderr);
  assert.equal(await snapshot(place.edge), untouched);
  assert.equal((await globalAddress("wan0")).preferred_life_time, 2 ** 32 - 1);
  await place.lab.heal("wan0");
});

test("a program that was killed meanwhile gives it back when it starts again and the uplink lives", async () => {
  const untouched = await snapshot(place.edge);
  const first = await startFresh("killed");
  await place.lab.kill("wan0", "ipv6");
  await eventually("the dead uplink's address is deprecated", () => isDeprecated("wan0"));
  await first.process.kill("SIGKILL");
  await first[Symbol.asyncDispose]();
  assert.equal(await isDeprecated("wan0"), true);
  await place.lab.heal("wan0");
  await using _second = await startFresh("killed");
  await eventually("it is preferred again", async () => !(await isDeprecated("wan0")));
  assert.equal((await place.run(["uplink", "purge"])).status, 0);
  assert.equal(await snapshot(place.edge), untouched);
});

test("an address that a router advertised is given back with what is left, also when somebody renewed it meanwhile", async () => {
  const { uplink } = await place.lab.add({ addressing: "dhcp" });
  const { name } = uplink;
  await eventually("it is advertised", async () => {
    const { stdout } = await place.edge.tryExec("ip", ["-6", "address", "show", "dev", name, "scope", "global"]);
    return stdout.includes("dynamic") && !stdout.includes("tentative");
  });
  const prefixRoutes = async () => {
    const { stdout } = await place.edge.exec("ip", ["-6", "route", "show", "dev", name, "proto", "kernel"]);
    return stdout.replaceAll(/ expires \d+sec/g, "");
  };
  const [before, untouched] = [await globalAddress(name), await prefixRoutes()];
  await using _node = await startFresh("advertised", 3);
  await place.lab.deafen(name);
  await eventually("it is deprecated", () => isDeprecated(name));
  const faded = await globalAddress(name);
  assert.ok(faded.valid_life_time > 0 && faded.valid_life_time <= before.valid_life_time);
  assert.equal(await prefixRoutes(), untouched);

  const renewed = ["valid_lft", "1800", "preferred_lft", "900"];
  await place.edge.exec("ip", ["-6", "address", "change", `${before.local}/64`, "dev", name, ...renewed]);
  await eventually("it is deprecated again", () => isDeprecated(name));
  await place.lab.heal(name);
  await eventually("it is preferred again", async () => !(await isDeprecated(name)));
  const { preferred_life_time: preferred, valid_life_time: valid } = await globalAddress(name);
  assert.ok(preferred > 800 && preferred <= 900, `${preferred} s`);
  assert.ok(valid > 1_700 && valid <= 1_800, `${valid} s`);
  assert.equal((await place.run(["uplink", "purge"])).status, 0);
  await place.lab.remove(name);
});
