/** What no packet does at an exit. All are sent by real hosts, and what they may not reach is there and answers. */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { test } from "node:test";
import { createNative } from "@ropewalk/host/linux/native";
import { createNftLibrary } from "@ropewalk/host/linux/native-nft";
import { deleteFlows } from "@ropewalk/host/linux/tracked-flows";
import { families } from "@ropewalk/kernel/addresses";
import type { DropReason } from "@ropewalk/vpn/node/pure/drop-reasons";
import { inOwnNamespace } from "../../in-own-namespace.ts";
import { closed, exitAddresses, internet, isReached, opened, own, servedPort } from "./exit-network.ts";
import { ExitScene, nftScript, openAll, unreached } from "./exit-scene.ts";

inOwnNamespace(import.meta.filename, () => {
  const native = createNative();
  const scene = new ExitScene(() => createNftLibrary(native));

  test("without the table everything is reached, so that what follows is its doing", async () => {
    assert.deepEqual(await scene.firewall.purge(), { kind: "done" });
    const [one, two] = scene.peers;
    const all = [...Object.values(closed).flat(), ...opened, ...Object.values(exitAddresses), two.ipv4, two.ipv6];
    assert.deepEqual(await unreached(one, all), []);
    assert.ok(await isReached(scene.outside.host, one.ipv4));
    assert.equal(await one.tell(`open plain ${internet.ipv4} ${servedPort}`), one.ipv4, "its own address is seen");
  });

  for (const reason of ["metadata", "management", "private"] as const)
    test(`no peer reaches ${reason} addresses, by echo or TCP`, () => assertClosed(closed[reason], reason, servedPort));

  test("no peer reaches another", () =>
    assertClosed([scene.peers[1].ipv4, scene.peers[1].ipv6], "peer-to-peer", servedPort));

  test("a peer reaches the exit's listed service at its address in the tunnel, and nothing else of the exit", async () => {
    const [one] = scene.peers;
    await using _named = await serveHere(53);
    await using _management = await serveHere(7430);
    for (const family of families) assert.equal(await one.tell(`open dns-${family} ${own[family]} 53`), "here");
    await assertClosed(Object.values(exitAddresses), "own-service", 53);
    assert.deepEqual(await scene.countedDuring(() => openAll(one, Object.values(own), 7430)), ["own-service"]);
    assert.deepEqual(await openAll(one, Object.values(own), 7430), ["silence", "silence"]);
  });

  async function assertClosed(addresses: readonly string[], reason: DropReason, port: number): Promise<void> {
    const [one] = scene.peers;
    for (const address of addresses) {
      const reasons = await scene.countedDuring(async () =>
        assert.equal(await isReached(one.host, address), false, address),
      );
      assert.deepEqual(reasons, [reason], address);
    }
    const answers = await openAll(one, addresses, port);
    assert.ok(
      answers.every((answer) => answer === "silence"),
      answers.join(),
    );
  }

  test("with another's source, or one that is nobody's, nothing is sent on", async () => {
    const [one, two] = scene.peers;
    const sources = [one.ipv4, one.ipv6, "10.90.0.77", "203.0.113.77", "2001:db8:1::77"];
    await using _watch = scene.watchOutside(sources);
    for (const source of sources) {
      await two.host.exec("ip", ["addr", "add", source, "dev", "lo", ...(source.includes(":") ? ["nodad"] : [])]);
      const earlier = (await scene.counted())["no-lease"] ?? 0;
      const to = source.includes(":") ? internet.ipv6 : internet.ipv4;
      assert.equal(await isReached(two.host, to, source), false, source);
      assert.ok(((await scene.counted())["no-lease"] ?? 0) > earlier, source);
      const prefix = `${source}/${source.includes(":") ? 128 : 32}`;
      await two.host.exec("ip", ["addr", "del", prefix, "dev", "lo"]);
    }
    assert.equal(scene.seenOutside(), 0);
  });

  test("from outside nobody reaches a peer, or says to be one", async () => {
    const [one] = scene.peers;
    const { host } = scene.outside;
    for (const family of families) {
      const reasons = await scene.countedDuring(async () => assert.equal(await isReached(host, one[family]), false));
      assert.deepEqual(reasons, ["pool-outside"]);
    }
    await host.exec("ip", ["addr", "add", "10.90.0.88/32", "dev", "lo"]);
    const spoofed = () => isReached(host, exitAddresses.ipv4, "10.90.0.88");
    assert.deepEqual(await scene.countedDuring(async () => assert.equal(await spoofed(), false)), ["pool-outside"]);
    await host.exec("ip", ["addr", "del", "10.90.0.88/32", "dev", "lo"]);
  });

  test("what another table translates to a peer does not reach him, since he has not asked", async () => {
    const to = scene.peers[0].ipv4;
    nftScript(
      `table ip foreign {\n chain enter {\n type nat hook prerouting priority dstnat\n iifname wan0 icmp type echo-request dnat to ${to}\n }\n}`,
    );
    const reasons = await scene.countedDuring(async () =>
      assert.equal(await isReached(scene.outside.host, exitAddresses.ipv4), false),
    );
    assert.deepEqual(reasons, ["unsolicited"]);
  });

  test("what belongs to no flow that is known does not leave under a peer's own address", async () => {
    const [one] = scene.peers;
    await using _watch = scene.watchOutside([one.ipv4]);
    await one.tell(`open loose ${internet.ipv4} ${servedPort}`);
    writeFileSync("/proc/sys/net/netfilter/nf_conntrack_tcp_loose", "0");
    deleteFlows(native, [() => true]);
    assert.deepEqual(await scene.countedDuring(() => one.tell("say loose")), ["untranslated"]);
    writeFileSync("/proc/sys/net/netfilter/nf_conntrack_tcp_loose", "1");
    assert.equal(scene.seenOutside(), 0);
  });

  test("segments are no longer than the way out takes", async () => {
    const [one] = scene.peers;
    execFileSync("ip", ["link", "set", "wan0", "mtu", "1400"]);
    scene.nftOutside("table inet seen {\n chain enter {\n type filter hook prerouting priority raw\n }\n}");
    const sizes = { ipv4: 1_360, ipv6: 1_340 } as const;
    for (const family of families) {
      scene.nftOutside(
        `flush table inet seen\nadd rule inet seen enter tcp flags syn tcp option maxseg size ${sizes[family]} counter`,
      );
      assert.equal(await one.tell(`open short-${family} ${internet[family]} ${servedPort}`), exitAddresses[family]);
      assert.match(scene.nftOutside("list table inet seen"), /packets 1 /);
    }
    scene.nftOutside("delete table inet seen");
    execFileSync("ip", ["link", "set", "wan0", "mtu", "1500"]);
  });
});

/** A service of the exit on all of its addresses. */
async function serveHere(port: number): Promise<AsyncDisposable> {
  const server = createServer((socket) => socket.on("error", () => {}).end("here"));
  await once(server.listen(port, "::"), "listening");
  return {
    async [Symbol.asyncDispose]() {
      server.close();
      await once(server, "close");
    },
  };
}
