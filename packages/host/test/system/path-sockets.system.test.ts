/** The sockets of the kernel on two real uplinks: the contract, and that nothing ever leaves by the other uplink. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { type Family, ipAddress } from "@ropewalk/kernel/addresses";
import { inOwnNamespace } from "../in-own-namespace.ts";
import { nextReply, type PathSocketsRig, pathSocketsContract } from "../ports/path-sockets.contract.ts";
import { binding, server, silent, uplinks } from "../ports/two-uplinks.ts";
import { exchange, hello, never, sockets } from "./exchange.ts";
import { allowEchoBy, paths, serverPort, type TwoUplinkNetwork, useTwoUplinks } from "./two-uplink-network.ts";

const methods = ["ping-socket", "raw-socket"] as const;

inOwnNamespace(import.meta.filename, () => {
  const network = useTwoUplinks();
  for (const method of methods) {
    pathSocketsContract(`the kernel, echo by ${method},`, async () => createRig(network(), method));
    leavesByItsOwnUplink(network, method);
  }
  staysOnItsUplinkWithoutRoute(network);
  reachesLinkLocalNeighbours(network);
});

function createRig(network: TwoUplinkNetwork, echoMethod: PathSocketsRig["echoMethod"]): PathSocketsRig {
  allowEchoBy(echoMethod);
  return {
    sockets,
    echoMethod,
    paths,
    server,
    silent,
    port: serverPort,
    closedPort: 9,
    temporaryPath: async (family: Family) => {
      const source = ipAddress(family === "ipv4" ? "10.1.9.2" : "fd00:9::2");
      network.ip(
        "link add t9 index 99 type veth peer name t8",
        "link set t8 up",
        "link set t9 up",
        `addr add ${source}/${family === "ipv4" ? 24 : "64 nodad"} dev t9`,
      );
      const path = { ...binding(uplinks[0], family), ifindex: 99, name: "t9", source };
      return { binding: path, remove: async () => network.ip("link del t9") };
    },
    [Symbol.asyncDispose]: async () => {},
  };
}

function leavesByItsOwnUplink(network: () => TwoUplinkNetwork, method: PathSocketsRig["echoMethod"]): void {
  test(`with a ${method}, all that a path sends leaves by its own uplink, from its own source, with its own mark`, async () => {
    allowEchoBy(method);
    for (const { slot, path } of uplinks.flatMap(({ slot, name }) =>
      paths.filter((path) => path.name === name).map((path) => ({ slot, path })),
    )) {
      network().takeArrivals();
      network().takeDepartures();
      await exchange(path);
      const protocols = ["udp", "tcp", path.family === "ipv4" ? "icmp" : "ipv6-icmp"].toSorted();
      assert.deepEqual(
        network().takeArrivals(),
        protocols.map((protocol) => `s${slot} ${path.source} ${protocol}`).toSorted(),
      );
      assert.deepEqual(
        network().takeDepartures(),
        protocols.map((protocol) => `w${slot} ${path.source} 0x00000${slot}00 ${protocol}`).toSorted(),
      );
    }
  });
}

function staysOnItsUplinkWithoutRoute(network: () => TwoUplinkNetwork): void {
  test("an IPv6 path that lost its route sends nothing by the uplink that has one, and says why", async () => {
    const path = binding(uplinks[1], "ipv6");
    const to = { address: server.ipv6, port: serverPort };
    network().ip(`route del default via ${path.gateway} dev w2`);
    network().takeArrivals();
    await using datagram = await sockets.datagram(path);
    assert.equal(datagram.send(hello, to), false);
    assert.match(datagram.lastError ?? "", /ENETUNREACH/);
    await using echo = await sockets.echo(path);
    assert.equal(echo.send(to.address, 1, hello), false);
    assert.match(echo.lastError ?? "", /ENETUNREACH/);
    await assert.rejects(sockets.connect(path, to, never), /ENETUNREACH/);
    assert.deepEqual(network().takeArrivals(), []);
    network().ip(`route add default via ${path.gateway} dev w2 metric 200`);
  });

  test("an IPv4 path that lost its route asks its own link for the destination, as Linux does, and no other", async () => {
    const path = binding(uplinks[1], "ipv4");
    network().ip(`route del default via ${path.gateway} dev w2`);
    network().takeArrivals();
    await exchange(path);
    assert.deepEqual(network().takeArrivals(), ["s2 10.1.2.2 icmp", "s2 10.1.2.2 tcp", "s2 10.1.2.2 udp"]);
    network().ip(`route add default via ${path.gateway} dev w2 metric 200`);
  });
}

function reachesLinkLocalNeighbours(network: () => TwoUplinkNetwork): void {
  test("a link-local path reaches the neighbour on its own link, although the other link has the same addresses", async () => {
    network().ip("addr add fe80::c/64 dev w1 nodad", "addr add fe80::c/64 dev w2 nodad");
    network().ipOnServer("addr add fe80::5/64 dev s1 nodad", "addr add fe80::5/64 dev s2 nodad");
    for (const uplink of uplinks) {
      const path = { ...binding(uplink, "ipv6"), source: ipAddress("fe80::c") };
      network().takeArrivals();
      await using echo = await sockets.echo(path);
      const reply = nextReply(echo);
      assert.equal(echo.send(ipAddress("fe80::5"), 1, hello), true);
      assert.equal((await reply).from, "fe80::5");
      assert.deepEqual(network().takeArrivals(), [`s${uplink.slot} fe80::c ipv6-icmp`]);
    }
  });
}
