/** Which tracked flows are deleted, counted by the kernel's own list (/proc/net/nf_conntrack). */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { createSocket } from "node:dgram";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { isFlowOf } from "@ropewalk/host/flow-of-uplink";
import { createNative, type Native } from "@ropewalk/host/linux/native";
import { SourceFlows } from "@ropewalk/host/linux/source-flows";
import { countFlows, countTracked, deleteFlows } from "@ropewalk/host/linux/tracked-flows";
import { deleteUplinkFlows, flushUplinkFlows } from "@ropewalk/host/linux/uplink-flows";
import { families, type IpAddress, ipAddress } from "@ropewalk/kernel/addresses";
import type { FlowQuestion, TrackedFlow } from "../../src/netlink/conntrack.ts";
import { inOwnNamespace } from "../in-own-namespace.ts";
import { ipBatch } from "./namespace-world.ts";

const dead = ipAddress("192.0.2.2");
const alive = ipAddress("198.51.100.2");
const lan = ipAddress("10.1.1.1");
const dead6 = ipAddress("2001:db8:a::2");

/** What comes from the LAN to port 7 gets the dead uplink's address; what goes to port 8 has the mark 0x100. */
const ruleset = `table inet tracked {
  chain marking { type filter hook output priority mangle; udp dport 8 ct mark set 0x100; ct state new accept; }
  chain translate { type nat hook postrouting priority srcnat; ip saddr ${lan} udp dport 7 snat ip to ${dead}; }
}`;

/** `count` flows, each from a port of its own. */
async function flows(count: number, from: IpAddress, to: string, port: number): Promise<void> {
  for (let index = 0; index < count; index += 1) {
    const socket = createSocket(to.includes(":") ? "udp6" : "udp4");
    await new Promise<void>((resolve) => socket.bind(20_000 + index, from, resolve));
    await new Promise<void>((resolve, reject) => {
      socket.send("x", port, to, (error) => (error ? reject(error) : resolve()));
    });
    socket.close();
  }
}

function everyThird(): () => boolean {
  let count = 0;
  return () => {
    count += 1;
    return count % 3 === 0;
  };
}

const listed = () =>
  readFileSync("/proc/net/nf_conntrack", "utf8")
    .split("\n")
    .filter((line) => line.includes("src="));
const beginning = (address: IpAddress) =>
  listed().filter((line) => line.indexOf(`src=${address} `) === line.indexOf("src="));

inOwnNamespace(import.meta.filename, () => {
  const native = createNative();
  const deleteMeant = (isMeant: (flow: TrackedFlow) => boolean, question?: FlowQuestion) => {
    const [removed] = deleteFlows(native, [isMeant], question);
    return removed ?? assert.fail("there was one owner");
  };

  test("on a kernel that tracks nothing yet there is nothing to delete", () => {
    assert.deepEqual(
      deleteMeant(() => true),
      { removed: 0, gone: 0, refused: 0, detail: undefined },
    );
    assert.equal(countTracked(native), 0);
    assert.equal(
      countFlows(native, () => true),
      0,
    );
  });

  test("exactly the flows with a dead address are deleted, translated ones too, and those with a mark", async () => {
    ipBatch([dead, alive, lan, "203.0.113.1"].map((address) => `addr add ${address}/32 dev lo`));
    ipBatch([`-6 addr add ${dead6}/128 dev lo nodad`, "-6 addr add 2001:db8:ffff::1/128 dev lo nodad"]);
    execFileSync("nft", ["-f", "-"], { input: ruleset });
    await flows(100, dead, "203.0.113.1", 9);
    await flows(100, alive, "203.0.113.1", 9);
    await flows(50, lan, "203.0.113.1", 7);
    await flows(10, alive, "203.0.113.1", 8);
    await flows(20, dead6, "2001:db8:ffff::1", 9);
    const expanded = "2001:0db8:000a:0000:0000:0000:0000:0002" as IpAddress;
    assert.deepEqual(
      [dead, alive, lan, expanded].map((address) => beginning(address).length),
      [100, 110, 50, 20],
    );

    const isDead = new Set<IpAddress>([dead, dead6]);
    const outcome = deleteMeant(({ replyDestination }) => isDead.has(replyDestination));
    assert.deepEqual(outcome, { removed: 170, gone: 0, refused: 0, detail: undefined });
    assert.deepEqual(
      [dead, alive, lan, expanded].map((address) => beginning(address).length),
      [0, 110, 0, 0],
    );

    assert.equal(deleteMeant(({ mark }) => (mark & 0xff00) === 0x100).removed, 10);
    assert.equal(beginning(alive).length, 100);
  });

  test("of a thousand mixed flows exactly the dead uplink's go, by mark or by address, and a count agrees before and after", async () => {
    deleteMeant(() => true);
    await flows(250, dead, "203.0.113.1", 9);
    await flows(250, alive, "203.0.113.1", 9);
    await flows(200, alive, "203.0.113.1", 8);
    await flows(100, lan, "203.0.113.1", 9);
    await flows(100, lan, "203.0.113.1", 7);
    await flows(50, dead6, "2001:db8:ffff::1", 9);
    await flows(50, dead6, "2001:db8:ffff::1", 8);
    assert.equal(listed().length, 1_000);
    const ways = families.map((family) => isFlowOf({ family, mark: 0x100, addresses: new Set([dead, dead6]) }));
    const isDead = (flow: Parameters<(typeof ways)[number]>[0]) => ways.some((isOf) => isOf(flow));
    assert.equal(countFlows(native, isDead), 650);
    assert.equal(
      countFlows(native, ({ protocol }) => protocol === 17),
      1_000,
    );
    assert.deepEqual(deleteMeant(isDead), { removed: 650, gone: 0, refused: 0, detail: undefined });
    assert.equal(listed().length, 350);
    assert.deepEqual(
      [alive, lan].map((address) => beginning(address).length),
      [250, 100],
    );
    assert.equal(countFlows(native, isDead), 0);
  });

  test("asked for marked flows the kernel tells no others, and what is meant among them goes", async () => {
    deleteMeant(() => true);
    await flows(30, alive, "203.0.113.1", 8);
    await flows(30, alive, "203.0.113.1", 9);
    await flows(10, dead6, "2001:db8:ffff::1", 8);
    const marked = { kind: "marked", mark: 0x100, mask: 0xff00 } as const;
    assert.equal(
      countFlows(native, () => true, marked),
      40,
    );
    assert.equal(
      countFlows(native, () => true, { ...marked, mark: 0x200 }),
      0,
    );
    assert.equal(deleteMeant(({ family }) => family === "ipv4", marked).removed, 30);
    assert.deepEqual([countFlows(native, () => true), countFlows(native, () => true, marked)], [40, 10]);
  });

  for (const innocent of [100, 8_000]) {
    test(`what began at some addresses goes, and ${innocent} others stay`, async () => {
      deleteMeant(() => true);
      await flows(innocent, alive, "203.0.113.1", 9);
      await flows(30, lan, "203.0.113.1", 9);
      await flows(20, dead, "203.0.113.1", 9);
      await flows(10, dead6, "2001:db8:ffff::1", 9);
      const told = (address: IpAddress) => countFlows(native, () => true, { kind: "begun", address });
      assert.deepEqual([alive, lan, dead].map(told), [innocent, 30, 20]);
      using source = new SourceFlows(native);
      assert.equal(source.deleteFrom(new Set([lan])).removed, 30);
      assert.deepEqual([alive, lan, dead].map(told), [innocent, 0, 20]);
      const { removed, refused } = source.deleteFrom(new Set([dead, dead6, lan]));
      assert.deepEqual([removed, refused, listed().length], [30, 0, innocent]);
      assert.equal(source.deleteFrom(new Set()).removed, 0);
    });
  }

  test("what began at some addresses is asked for over one socket, and over another behind a failure", async () => {
    deleteMeant(() => true);
    await flows(5, lan, "203.0.113.1", 9);
    const open = new Set<number>();
    let [opened, fails] = [0, false];
    const watched: Native = {
      ...native,
      socket(...asked) {
        const fd = native.socket(...asked);
        opened += 1;
        open.add(fd);
        return fd;
      },
      receive: (fd, into) => (fails ? -5 : native.receive(fd, into)),
      close(fd) {
        open.delete(fd);
        native.close(fd);
      },
    };
    const source = new SourceFlows(watched);
    const removed = () => source.deleteFrom(new Set([lan])).removed;
    assert.deepEqual([removed(), removed(), opened, open.size], [5, 0, 1, 1]);
    await flows(5, lan, "203.0.113.1", 9);
    fails = true;
    assert.throws(removed, { code: "HOST_NETLINK" });
    fails = false;
    assert.deepEqual([removed(), opened, open.size], [5, 2, 1]);
    source[Symbol.dispose]();
    assert.equal(open.size, 0);
  });

  test("a kernel that does not know how to delete by an address is asked for what began there", async () => {
    deleteMeant(() => true);
    await flows(5, lan, "203.0.113.1", 9);
    await flows(5, alive, "203.0.113.1", 9);
    const filters: number[] = [];
    /** Before 6.12: it passes over the filter (CTA_FILTER, 25) of what is to be deleted (IPCTNL_MSG_CT_DELETE, 2). */
    const former: Native = {
      ...native,
      send(fd, request) {
        if (request[4] !== 2 || request[22] !== 25) return native.send(fd, request);
        filters.push(request.length);
        return native.send(fd, request.with(22, 99));
      },
    };
    using source = new SourceFlows(former);
    const removed = () => source.deleteFrom(new Set([lan])).removed;
    assert.equal(removed(), 5);
    await flows(5, lan, "203.0.113.1", 9);
    assert.deepEqual([removed(), filters.length, countTracked(native)], [5, 1, 5]);
  });

  test("asked for those of a family, or whose answers go to an IPv4 address, the kernel tells no others", async () => {
    deleteMeant(() => true);
    await flows(30, lan, "203.0.113.1", 7);
    await flows(20, alive, "203.0.113.1", 9);
    await flows(10, dead6, "2001:db8:ffff::1", 9);
    const told = (address: IpAddress) => countFlows(native, () => true, { kind: "answered", address });
    assert.deepEqual([dead, alive, lan].map(told), [30, 20, 0]);
    assert.deepEqual(
      families.map((family) => countFlows(native, () => true, { kind: "family", family })),
      [50, 10],
    );
  });

  for (const innocent of [200, 2_500]) {
    test(`a dead uplink's flows go by mark and by address, and ${innocent} others stay`, async () => {
      deleteMeant(() => true);
      await flows(innocent, alive, "203.0.113.1", 9);
      await flows(40, alive, "203.0.113.1", 8);
      await flows(30, dead, "203.0.113.1", 9);
      await flows(20, dead6, "2001:db8:ffff::1", 9);
      assert.equal(countTracked(native), innocent + 90);
      const addresses = new Set([dead, dead6, ipAddress("fe80::1")]);
      const outcomes = deleteUplinkFlows(
        native,
        families.map((family) => ({ family, mark: 0x100, addresses })),
      );
      assert.deepEqual(
        outcomes.map(({ removed, refused }) => ({ removed, refused })),
        [
          { removed: 70, refused: 0 },
          { removed: 20, refused: 0 },
        ],
      );
      assert.equal(listed().length, innocent);
    });
  }

  test("flows with the mark of a dead uplink go by one order, of the families that are dead, and no others", async () => {
    for (const dead of [families, families.slice(0, 1)]) {
      deleteMeant(() => true);
      await flows(40, alive, "203.0.113.1", 8);
      await flows(30, alive, "203.0.113.1", 9);
      await flows(20, dead6, "2001:db8:ffff::1", 8);
      const outcomes = flushUplinkFlows(
        native,
        dead.map((family) => ({ family, mark: 0x100, addresses: new Set<IpAddress>() })),
      );
      assert.deepEqual(
        outcomes.map(({ removed, refused }) => [removed, refused]),
        dead.length === 2
          ? [
              [60, 0],
              [0, 0],
            ]
          : [[40, 0]],
      );
      assert.equal(listed().length, dead.length === 2 ? 30 : 50);
    }
  });

  test("several owners are served in one walk, each with its own count, and the first has what two claim", async () => {
    deleteMeant(() => true);
    await flows(30, dead, "203.0.113.1", 9);
    await flows(20, alive, "203.0.113.1", 9);
    await flows(10, dead6, "2001:db8:ffff::1", 9);
    let asked = 0;
    const outcomes = deleteFlows(native, [
      ({ replyDestination }) => {
        asked += 1;
        return replyDestination === dead;
      },
      ({ replyDestination }) => replyDestination === dead || replyDestination === dead6,
    ]);
    assert.deepEqual(
      outcomes.map(({ removed }) => removed),
      [30, 10],
    );
    assert.equal(asked, 60);
    assert.equal(listed().length, 20);
  });

  test("flows that end while they are deleted are told apart from those that were removed", async () => {
    deleteMeant(() => true);
    await flows(100, alive, "203.0.113.1", 9);
    let told = 0;
    const outcome = deleteMeant(() => {
      told += 1;
      if (told === 100) deleteMeant(everyThird());
      return true;
    });
    assert.deepEqual(outcome, { removed: 67, gone: 33, refused: 0, detail: undefined });
    assert.equal(listed().length, 0);
  });
});
