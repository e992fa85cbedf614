/** Two machines on one local network that were told nothing of each other, and one beyond it that was. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { ipAddress } from "@ropewalk/kernel/addresses";
import type { PathBinding, UplinkId } from "@ropewalk/kernel/connectivity";
import { bytes } from "@ropewalk/kernel/units";
import { createLab, type Lab } from "@ropewalk/lab/lab";
import { SayingNode } from "./said.ts";

let lab: Lab;

before(async () => {
  lab = await createLab({ uplinks: 2 });
});
after(() => lab?.[Symbol.asyncDispose]());

test("neighbours on a local network find each other, link and speak; one that starts again is found again", async () => {
  await using client = new SayingNode(lab.host("client"));
  const known = await client.said("address");
  {
    await using edge = new SayingNode(lab.host("edge"));
    const other = await edge.said("address");
    await Promise.all([client.said(`up ${other}`), edge.said(`up ${known}`)]);
    assert.equal(await client.said("frame"), "hello from edge");
    assert.equal(await edge.said("frame"), "hello from client");
  }
  await client.said("down");
  const before = client.lines.length;
  await using again = new SayingNode(lab.host("edge"));
  const other = await again.said("address");
  await Promise.all([client.said(`up ${other}`, before), again.said(`up ${known}`)]);
  assert.equal(await client.said("frame", before), "hello from edge");
});

/** From where edge's link with a fresh node in client comes or goes to, once they have found each other. */
async function remoteOfClient(): Promise<string> {
  await using client = new SayingNode(lab.host("client"));
  const address = await client.said("address");
  await using edge = new SayingNode(lab.host("edge"));
  const remote = await edge.said(`up ${address}`);
  return remote.replace(/ by .*$/, "");
}

test("IPv6 alone is enough, and so is IPv4", async () => {
  const ip = (...words: readonly string[]) => lab.host("client").exec("ip", words);
  await ip("-4", "address", "flush", "dev", "eth0");
  assert.match(await remoteOfClient(), /^fe80:[0-9a-f:]+(%lan0)?$/);
  await ip("address", "add", "198.19.0.2/24", "dev", "eth0");
  await ip("-6", "address", "flush", "dev", "eth0");
  assert.match(await remoteOfClient(), /^(::ffff:)?198\.19\.0\.2$/);
});

/** IPv4 of `host`, on the interface of that name. */
async function addressOn(host: string, name: string): Promise<{ readonly ifindex: number; readonly local: string }> {
  const { stdout } = await lab.host(host).exec("ip", ["-4", "-json", "address", "show", "dev", name]);
  const [{ ifindex, addr_info }] = JSON.parse(stdout);
  return { ifindex, local: addr_info[0].local };
}

/** As a node would be told of it. */
async function uplinkPath(name: string): Promise<PathBinding> {
  const { ifindex, local } = await addressOn("edge", name);
  return {
    ...{ uplinkId: name as UplinkId, name, ifindex, family: "ipv4", source: ipAddress(local), gateway: null },
    ...{ mark: 0, mtu: bytes(1500), metered: name === "wan1", state: "up", score: null },
  };
}

test("a link goes by the best uplink, and when that is gone it is there again by the other at once", async (t) => {
  const { local: host } = await addressOn("target-1", "eth0");
  await using far = new SayingNode(lab.host("target-1"), { isDiscovering: false });
  const farAddress = await far.said("address");
  const [first, second] = await Promise.all(["wan0", "wan1"].map(uplinkPath));
  assert.ok(first !== undefined && second !== undefined);
  const order = { isDiscovering: false, peers: [`${host}:7412`], paths: [first, second] };
  await using edge = new SayingNode(lab.host("edge"), order);
  assert.equal(await edge.said(`up ${farAddress}`), `${host} by wan0`);
  await far.said("frame");
  const [before, heard] = [edge.lines.length, far.lines.length];
  await lab.blackhole("wan0");
  const at = performance.now();
  edge.tellPaths([second]);
  await edge.said("down", before);
  assert.equal(await edge.said(`up ${farAddress}`, before), `${host} by wan1`);
  assert.equal(await far.said("frame", heard), "hello from edge");
  const took = Math.round(performance.now() - at);
  // The other end has not heard of the uplink: it takes the newer of two links for the one that is.
  await far.said("down", heard);
  t.diagnostic(`moved in ${took} ms`);
  await lab.heal("wan0");
});

test("a static peer beyond routers is dialled; a node whose discovery is off is not heard by its neighbours", async () => {
  const target = lab.host("target-1");
  const { local: host } = await addressOn("target-1", "eth0");
  await using far = new SayingNode(target, { isDiscovering: false });
  const farAddress = await far.said("address");
  await using edge = new SayingNode(lab.host("edge"), { isDiscovering: false, peers: [`${host}:7412`] });
  const edgeAddress = await edge.said("address");
  await using client = new SayingNode(lab.host("client"));
  await client.said("address");
  await Promise.all([edge.said(`up ${farAddress}`), far.said(`up ${edgeAddress}`)]);
  assert.equal(await far.said("frame"), "hello from edge");
  assert.ok(!client.lines.some((line) => line.startsWith("up")), client.lines.join("; "));
});

test("discovery that is put on while a node runs finds who is there; another port ends no link, and a newcomer finds it there", async () => {
  await using edge = new SayingNode(lab.host("edge"), { isDiscovering: false });
  const address = await edge.said("address");
  {
    await using client = new SayingNode(lab.host("client"));
    const other = await client.said("address");
    assert.ok(!edge.lines.some((line) => line.startsWith("up")), edge.lines.join("; "));
    edge.tellTable({});
    await Promise.all([edge.said(`up ${other}`), client.said(`up ${address}`)]);
    const before = edge.lines.length;
    edge.tellTable({ transport: { listen: ["[::]:7413"] } });
    await edge.said("goes on", before);
    assert.ok(![...edge.lines, ...client.lines].some((line) => line.startsWith("down")), edge.lines.join("; "));
  }
  const before = edge.lines.length;
  await using newcomer = new SayingNode(lab.host("client"));
  const other = await newcomer.said("address");
  await Promise.all([edge.said(`up ${other}`, before), newcomer.said(`up ${address}`)]);
});
