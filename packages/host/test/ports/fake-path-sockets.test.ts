import assert from "node:assert/strict";
import { test } from "node:test";
import { HostError } from "@ropewalk/host/errors";
import { FakePathNetwork } from "@ropewalk/host/fake/fake-path-network";
import { FakePathSockets } from "@ropewalk/host/fake/fake-path-sockets";
import { type Family, families, ipAddress } from "@ropewalk/kernel/addresses";
import { type PathSocketsRig, pathSocketsContract } from "./path-sockets.contract.ts";
import { binding, server, silent, uplinks } from "./two-uplinks.ts";

const port = 7000;

function createRig(network: FakePathNetwork, sockets: FakePathSockets): PathSocketsRig {
  for (const { ifindex, name, addresses } of uplinks) network.setLink(ifindex, name, Object.values(addresses));
  for (const family of families) {
    const at = { address: server[family], port };
    network.addHost(server[family]);
    network.onDatagram(at, (_payload, { source }) => new TextEncoder().encode(source));
    network.onConnection(at, (stream, { source }) => {
      stream.write(source);
      stream.pipe(stream);
    });
  }
  return {
    sockets,
    echoMethod: "ping-socket",
    paths: uplinks.flatMap((uplink) => families.map((family) => binding(uplink, family))),
    server,
    silent,
    port,
    closedPort: 9,
    temporaryPath: async (family: Family) => {
      const address = ipAddress(family === "ipv4" ? "10.1.9.2" : "fd00:9::2");
      network.setLink(9, "t9", [address]);
      const temporary = { ...binding(uplinks[0], family), ifindex: 9, name: "t9", source: address };
      return { binding: temporary, remove: async () => network.removeLink(9) };
    },
    [Symbol.asyncDispose]: async () => assert.equal(sockets.openCount, 0, "every socket of the contract was closed"),
  };
}

pathSocketsContract("the network in memory", async () => {
  const network = new FakePathNetwork();
  return createRig(network, new FakePathSockets(network));
});

test("what a test loses on purpose never arrives, and only that", async () => {
  const network = new FakePathNetwork();
  await using rig = createRig(network, new FakePathSockets(network));
  const [first, second] = rig.paths.filter(({ family }) => family === "ipv4");
  assert.ok(first && second);
  using _loss = network.lose(({ link }) => link === first.name);
  const heard: string[] = [];
  for (const path of [first, second]) {
    await using echo = await rig.sockets.echo(path);
    using _listening = echo.onReply(() => heard.push(path.name));
    assert.equal(echo.send(server.ipv4, 1, new Uint8Array()), true);
    await Promise.resolve();
  }
  assert.deepEqual(heard, [second.name]);
});

test("a host without echo says so", async () => {
  const network = new FakePathNetwork();
  await using rig = createRig(network, new FakePathSockets(network, { echo: "none" }));
  const [path] = rig.paths;
  assert.ok(path);
  await assert.rejects(rig.sockets.echo(path), (error) => error instanceof HostError && error.code === "HOST_NO_ICMP");
});
