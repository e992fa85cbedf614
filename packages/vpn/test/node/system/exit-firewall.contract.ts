/** What an exit's firewall keeps to through its changes, by real packets and whichever way nftables is spoken with. */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { test } from "node:test";
import type { Nft } from "@ropewalk/host/nft";
import { families } from "@ropewalk/kernel/addresses";
import type { Lease } from "@ropewalk/vpn/node/pure/lease-elements";
import { closed, exitAddresses, internet, isReached, opened, own, servedPort, wanted } from "./exit-network.ts";
import { clock, ExitScene, leaseOf, listRuleset, nftScript, unreached } from "./exit-scene.ts";

const foreignTable = "table inet foreign {\n\tchain keeps {\n\t\tcounter packets 5 bytes 6 drop\n\t}\n}\n";

export function exitFirewallContract(name: string, create: () => Nft): void {
  const scene = new ExitScene(create);
  const contract = (promise: string, work: () => Promise<void>) => test(`${name}: ${promise}`, work);

  contract("a peer reaches the internet under the exit's address, what was opened, and the exit's echo", async () => {
    const [one] = scene.peers;
    assert.deepEqual(await unreached(one, [...Object.values(internet), ...opened, ...Object.values(own)]), []);
    for (const family of families)
      assert.equal(await one.tell(`open ${family} ${internet[family]} ${servedPort}`), exitAddresses[family]);
  });

  contract(
    "a lease that runs out stops the traffic of its address both ways, with nobody there to say so",
    async () => {
      const [one, two] = scene.peers;
      await scene.firewall.replace(wanted, [
        ...scene.leasesFor(600).filter(({ tunnel }) => tunnel === two.tunnel),
        ...families.map((family) => leaseOf(one, family, 1.5)),
      ]);
      const ends = clock.now() + 1_500;
      scene.leave();
      for (const family of families)
        assert.equal(await one.tell(`open over-${family} ${internet[family]} ${servedPort}`), exitAddresses[family]);
      for (const family of families) assert.equal(await one.tell(`say over-${family}`), "answered");
      for (;;) {
        const asked = clock.now();
        const isThrough = await isReached(one.host, internet.ipv4);
        // It may be cut up to a millisecond earlier than it was granted, and never later than the kernel's clock ticks.
        assert.ok(isThrough || clock.now() > ends, "not before its end");
        assert.ok(!isThrough || asked < ends + 250, "and hardly later");
        if (!isThrough) break;
      }
      for (const family of families) assert.equal(await one.tell(`say over-${family}`), "silence");
      assert.deepEqual(await scene.countedDuring(() => scene.outside.tell("push")), ["lease-over"]);
      assert.deepEqual(await unreached(two, Object.values(internet)), []);
    },
  );

  contract("a lease is prolonged, ended and given again by itself, and no other is touched", async () => {
    const [one, two] = scene.peers;
    await scene.firewall.change(families.map((family) => leaseOf(one, family, 0.4)));
    await scene.firewall.change(families.map((family) => leaseOf(one, family, 600)));
    assert.equal(await one.tell(`open long ${internet.ipv4} ${servedPort}`), exitAddresses.ipv4);
    const shortened = clock.now() + 600;
    while (clock.now() < shortened) assert.equal(await one.tell("say long"), "answered");
    const end = families.map((family) => ({ ...leaseOf(one, family, 0), endsAt: undefined }));
    assert.deepEqual(await scene.firewall.change(end), { kind: "done" });
    assert.deepEqual(await scene.firewall.change(end), { kind: "done" }, "what is over ends without harm");
    assert.equal(await one.tell("say long"), "silence");
    assert.deepEqual((await unreached(one, Object.values(internet))).length, 2);
    assert.deepEqual(await unreached(two, Object.values(internet)), []);
    await scene.firewall.change(families.map((family) => leaseOf(one, family, 600)));
    assert.deepEqual(await unreached(one, Object.values(internet)), []);
  });

  contract("a table that is made anew cuts no flow, loses no packet and lets none slip through", async () => {
    const [one, two] = scene.peers;
    await using _watch = scene.watchOutside(["10.90.0.0/24", "fd90::/64"]);
    for (const family of families) await one.tell(`open kept-${family} ${internet[family]} ${servedPort}`);
    const allowed = one.host.exec("ping", ["-q", "-c", "400", "-i", "0.002", "-W", "0.5", internet.ipv4]);
    const closedOff = closed.metadata
      .slice(0, 2)
      .map((address) => two.host.tryExec("ping", ["-q", "-c", "400", "-i", "0.002", "-W", "0.1", address]));
    let isOver = false;
    const flooded = Promise.all([allowed, ...closedOff]).finally(() => {
      isOver = true;
    });
    let replaced = 0;
    while (!isOver) {
      assert.deepEqual(await scene.firewall.replace(wanted, scene.leasesFor(600)), { kind: "done" });
      replaced += 1;
      await new Promise(setImmediate);
    }
    const [answered, ...unanswered] = await flooded;
    assert.match(answered?.stdout ?? "", / 400 received/);
    assert.ok(unanswered.every(({ stdout }) => stdout.includes(" 0 received")));
    assert.equal(scene.seenOutside(), 0, `of ${replaced} replacements`);
    for (const family of families) assert.equal(await one.tell(`say kept-${family}`), "answered");
  });

  contract(
    "what an earlier build left is replaced, a foreign table is not touched, and a purge leaves nothing",
    async () => {
      const [one] = scene.peers;
      await one.tell(`open before ${internet.ipv4} ${servedPort}`);
      nftScript(
        `delete table inet ropewalk-vpn\ntable inet ropewalk-vpn {\n set tunnels {\n type ipv4_addr\n }\n chain old {\n type filter hook forward priority 0; policy drop\n }\n}\n${foreignTable}`,
      );
      assert.equal(await one.tell("say before"), "silence");
      assert.deepEqual(await scene.firewall.replace(wanted, scene.leasesFor(600)), { kind: "done" });
      // TCP tries again what was dropped, in its own time.
      const deadline = clock.now() + 10_000;
      while ((await one.tell("say before")) !== "answered") assert.ok(clock.now() < deadline, "its flow goes on");
      assert.doesNotMatch(listRuleset(), /chain old/);
      assert.deepEqual(await scene.firewall.purge(), { kind: "done" });
      assert.equal(listRuleset(), foreignTable);
      assert.deepEqual(await scene.firewall.purge(), { kind: "done" });
      assert.equal((await scene.firewall.change(scene.leasesFor(600))).kind, "refused");
      assert.equal(listRuleset(), foreignTable);
    },
  );

  contract("a table from which somebody took a set or a chain is made whole", async () => {
    const [one] = scene.peers;
    const whole = sortedRuleset();
    for (const damage of [
      "flush table inet ropewalk-vpn\ndelete set inet ropewalk-vpn services",
      "delete chain inet ropewalk-vpn translate",
      "flush ruleset",
    ]) {
      nftScript(damage);
      assert.notEqual(sortedRuleset(), whole, damage);
      assert.deepEqual(await scene.firewall.replace(wanted, scene.leasesFor(600)), { kind: "done" });
      assert.equal(sortedRuleset(), whole, damage);
      assert.deepEqual(await unreached(one, Object.values(internet)), []);
    }
  });

  contract("ten thousand leases are made with the table, and a thousand of them changed", async () => {
    const many = (count: number, seconds: number): readonly Lease[] =>
      Array.from({ length: count }, (_, index) => ({
        ...leaseOf(scene.peers[0], "ipv4", seconds),
        address: `10.91.${index >> 8}.${index & 255}` as Lease["address"],
      }));
    assert.deepEqual(await scene.firewall.replace(wanted, many(10_000, 600)), { kind: "done" });
    assert.deepEqual(await scene.firewall.change(many(1_000, 900)), { kind: "done" });
    const listed = execFileSync("nft", ["list", "set", "inet", "ropewalk-vpn", "leases4"], { encoding: "utf8" });
    assert.equal(listed.match(/timeout 14m59s/g)?.length, 1_000);
    assert.equal(listed.match(/timeout/g)?.length, 10_001, "and the word among the flags");
  });
}

/** Without what the leases have left and the counters counted, and whatever came first. */
function sortedRuleset(): string {
  return listRuleset()
    .replace(/elements = \{ "peer[\s\S]*?\}/g, "")
    .replace(/packets \d+ bytes \d+/g, "")
    .split("\n")
    .toSorted()
    .join("\n");
}
