/** 500 interfaces that appear and vanish: the picture comes to be right, and nothing is left behind. */
import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { readdirSync, writeFileSync } from "node:fs";
import { test } from "node:test";
import { createNative } from "@ropewalk/host/linux/native";
import { createNetworkWatch } from "@ropewalk/host/linux/network-watch";
import type { NetworkWatch } from "@ropewalk/host/ports";
import { createSystemClock } from "@ropewalk/kernel/system-clock";
import { inOwnNamespace } from "../in-own-namespace.ts";
import { assertAgreement } from "./agreement.ts";

const many = 500;
/** Of waiting; how soon it is, is told. */
const longestMillis = 30_000;

/** 200 veth pairs, 50 bridges and 50 macvlans are 500 links. */
const appear = [
  ...Array.from({ length: 200 }, (_, i) => [
    `link add name m${i} type veth peer name p${i}`,
    `link set m${i} up`,
    `link set p${i} up`,
    `address add 10.${i >> 7}.${(i & 127) * 2}.1/24 dev m${i}`,
  ]).flat(),
  ...Array.from({ length: 50 }, (_, i) => [
    `link add name b${i} type bridge`,
    `link set m${100 + i} master b${i}`,
  ]).flat(),
  ...Array.from({ length: 50 }, (_, i) => [`link add name c${i} link m${i} type macvlan`, `link set c${i} up`]).flat(),
];
/** Removed as a group, which the kernel does in one go: the hardest burst there is. */
const vanish = [
  ...Array.from({ length: 50 }, (_, i) => [`link set c${i} group 7`, `link set b${i} group 7`]).flat(),
  ...Array.from({ length: 200 }, (_, i) => `link set m${i} group 7`),
  "link del group 7",
];

/** Runs the batch beside the event loop; resolves with the time at which it ended. */
async function batch(lines: readonly string[]): Promise<number> {
  const ip = spawn("ip", ["-batch", "-"], { stdio: ["pipe", "ignore", "inherit"] });
  ip.stdin.end(`${lines.join("\n")}\n`);
  const [code] = await once(ip, "exit");
  assert.equal(code, 0);
  return performance.now();
}

async function untilLinks(watch: NetworkWatch, count: number, since: number): Promise<number> {
  while (watch.facts.links.size !== count) {
    assert.ok(
      performance.now() - since < longestMillis,
      `${watch.facts.links.size} links ${longestMillis} ms after the last command`,
    );
    await new Promise((resolve) => setImmediate(resolve));
  }
  return performance.now() - since;
}

function collectGarbage(): void {
  if (globalThis.gc === undefined) throw new Error("this test needs --expose-gc");
  globalThis.gc();
}

inOwnNamespace(import.meta.filename, () => {
  test(`${many} interfaces that appear and vanish are seen and leave nothing`, async (context) => {
    // No duplicate address detection: its seconds would be all that this test waits for.
    writeFileSync("/proc/sys/net/ipv6/conf/default/accept_dad", "0");
    await using watch = await createNetworkWatch(createNative(), createSystemClock(), { keepRoute: () => true });
    let calls = 0;
    watch.subscribe(() => {
      calls += 1;
    });
    const descriptors = () => readdirSync("/proc/self/fd").length;
    const round = async () => {
      const appeared = await untilLinks(watch, many + 1, await batch(appear));
      await assertAgreement(() => watch.facts, "after the links appeared");
      const vanished = await untilLinks(watch, 1, await batch(vanish));
      await assertAgreement(() => watch.facts, "after the links vanished");
      context.diagnostic(
        `seen ${appeared.toFixed(1)} and ${vanished.toFixed(1)} ms after the last command; ${calls} calls`,
      );
    };
    const before = descriptors();
    await round();
    collectGarbage();
    const heap = process.memoryUsage().heapUsed;
    for (let more = 0; more < 2; more += 1) await round();
    collectGarbage();
    // What a command was spoken to by is closed a moment after its end.
    for (const end = performance.now() + longestMillis; descriptors() !== before; ) {
      assert.ok(performance.now() < end, `${descriptors()} descriptors, and ${before} before`);
      await new Promise((resolve) => setImmediate(resolve));
    }
    const growth = process.memoryUsage().heapUsed - heap;
    assert.ok(growth < 1024 * 1024, `the heap grew by ${growth} octets in two rounds`);
    assert.equal(watch.facts.links.size, 1);
    assert.equal(execFileSync("ip", ["-o", "link"], { encoding: "utf8" }).trim().split("\n").length, 1);
  });
}, ["--expose-gc"]);
