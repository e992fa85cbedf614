/**
 * Carriers beside the kernel's events: seen although linkwatch holds events back, not believed from a sysfs of another
 * namespace, and without leaving descriptors behind.
 */
import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { readdirSync, readlinkSync } from "node:fs";
import { test } from "node:test";
import { createNative } from "@ropewalk/host/linux/native";
import { createNetworkWatch } from "@ropewalk/host/linux/network-watch";
import type { NetworkWatch } from "@ropewalk/host/ports";
import { createSystemClock } from "@ropewalk/kernel/system-clock";
import { inOwnNamespace } from "../in-own-namespace.ts";
import { factsUntil } from "../ports/facts-until.ts";
import { linkNamed } from "../ports/world.ts";
import { ipBatch, removeAllLinks } from "./namespace-world.ts";

const openWatch = () => createNetworkWatch(createNative(), createSystemClock(), { keepRoute: () => true });

/** Descriptors of this process on files below /sys. */
function sysfsDescriptors(): number {
  return readdirSync("/proc/self/fd").filter((fd) => {
    try {
      return readlinkSync(`/proc/self/fd/${fd}`).startsWith("/sys/");
    } catch {
      return false;
    }
  }).length;
}

async function untilTrue(isReached: () => boolean, what: string): Promise<void> {
  const deadline = performance.now() + 5000;
  while (!isReached()) {
    if (performance.now() > deadline) assert.fail(`${what}: not reached within 5 s`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

/**
 * A veth pair whose ends have the same ifindex, one in a namespace of its own. To the kernel it looks like hardware
 * (ifindex equals iflink), so linkwatch delays its events to one a second.
 */
async function hardwareLike() {
  const shell = spawn("setpriv", ["--pdeathsig", "KILL", "--", "unshare", "--net", "sh"], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  shell.stdin.write("echo ready\n");
  await once(shell.stdout, "data");
  ipBatch([`link add name hw0 index 77 type veth peer name far0 index 77 netns ${shell.pid}`]);
  ipBatch(["link set hw0 up"]);
  return {
    /** Resolves when the far end is as asked: the time at which the carrier moved at the latest. */
    async setFarEnd(state: "up" | "down"): Promise<number> {
      shell.stdin.write(`ip link set far0 ${state}; echo done\n`);
      await once(shell.stdout, "data");
      return performance.now();
    },
    async [Symbol.asyncDispose]() {
      shell.stdin.end();
      await once(shell, "exit");
      removeAllLinks();
    },
  };
}

/** Carriers of the link as listeners heard of them, each with its time. */
function edgesOf(watch: NetworkWatch, name: string) {
  const edges: { readonly hasCarrier: boolean; readonly at: number; readonly kind: string }[] = [];
  let last = linkNamed(watch.facts, name)?.hasCarrier;
  watch.subscribe(({ facts, kind }) => {
    const now = linkNamed(facts, name)?.hasCarrier;
    if (now === undefined || now === last) return;
    last = now;
    edges.push({ hasCarrier: now, at: performance.now(), kind });
  });
  return edges;
}

inOwnNamespace(import.meta.filename, () => {
  test("a flapping carrier is seen edge by edge within the poll's time, although events come once a second", async () => {
    await using far = await hardwareLike();
    await far.setFarEnd("up");
    await using watch = await openWatch();
    await factsUntil(watch, (facts) => linkNamed(facts, "hw0")?.hasCarrier === true);
    watch.pollClosely(new Set([77]));
    const edges = edgesOf(watch, "hw0");
    for (let flap = 0; flap < 10; flap += 1) {
      const state = flap % 2 === 0 ? "down" : "up";
      const moved = await far.setFarEnd(state);
      await untilTrue(() => edges.length > flap, `edge ${flap}`);
      const edge = edges[flap] ?? assert.fail();
      assert.equal(edge.hasCarrier, state === "up");
      // One poll interval, the reading and the noise of a busy machine.
      assert.ok(edge.at - moved < 150, `edge ${flap} was heard ${(edge.at - moved).toFixed(1)} ms late`);
    }
    assert.equal(edges.length, 10);
    assert.ok(watch.counts.carrierEdgesByPoll > 0, "no edge came by poll: this rig does not hold events back");
  });

  test("a renamed link goes on being polled, a removed one leaves no descriptor", async () => {
    const before = sysfsDescriptors();
    await using watch = await openWatch();
    ipBatch(["link add name r0 type veth peer name r1", "link set r0 up", "link set r1 up"]);
    const { ifindex } =
      linkNamed(await factsUntil(watch, (facts) => linkNamed(facts, "r0")?.hasCarrier === true), "r0") ?? assert.fail();
    watch.pollClosely(new Set([ifindex]));
    await untilTrue(() => sysfsDescriptors() === before + 2, "descriptors of both ends");
    ipBatch(["link set dev r0 name renamed0"]);
    await factsUntil(watch, (facts) => linkNamed(facts, "renamed0") !== undefined);
    const polls = watch.counts.carrierPolls;
    await untilTrue(() => watch.counts.carrierPolls > polls + 4, "polls after the rename");
    assert.equal(sysfsDescriptors(), before + 2);
    assert.equal(watch.counts.unpolledLinks, 0);
    ipBatch(["link del dev renamed0"]);
    await factsUntil(watch, (facts) => !facts.links.has(ifindex));
    await untilTrue(() => sysfsDescriptors() === before, "descriptors after the removal");
  });

  test("two hundred renames at once end with the last name, still polled", async () => {
    await using watch = await openWatch();
    ipBatch(["link add name s0 type veth peer name s1", "link set s0 up", "link set s1 up"]);
    const { ifindex } =
      linkNamed(await factsUntil(watch, (facts) => linkNamed(facts, "s0")?.hasCarrier === true), "s0") ?? assert.fail();
    watch.pollClosely(new Set([ifindex]));
    ipBatch(
      Array.from({ length: 200 }, (_, index) => `link set dev s${index === 0 ? 0 : `x${index - 1}`} name sx${index}`),
    );
    await factsUntil(watch, (facts) => linkNamed(facts, "sx199")?.ifindex === ifindex);
    const polls = watch.counts.carrierPolls;
    await untilTrue(() => watch.counts.carrierPolls > polls + 4, "polls after the renames");
    assert.equal(watch.counts.unpolledLinks, 0);
    removeAllLinks();
  });

  test("a disposed watch leaves neither descriptor nor socket", async () => {
    const descriptors = () => readdirSync("/proc/self/fd").length;
    ipBatch(["link add name d0 type veth peer name d1", "link set d0 up", "link set d1 up"]);
    const before = descriptors();
    const watch = await openWatch();
    await untilTrue(() => watch.counts.carrierPolls > 0, "the first poll");
    assert.ok(descriptors() > before);
    await watch[Symbol.asyncDispose]();
    assert.equal(descriptors(), before);
    removeAllLinks();
  });

  test("the sysfs of another namespace is not believed: events alone tell", async () => {
    // As a container would see it whose /sys is the host's: the same names and indexes, another carrier.
    ipBatch(["link add name x0 index 90 type veth peer name x1 index 91", "link set x0 up", "link set x1 up"]);
    const foreign = spawn(
      "unshare",
      [
        "--net",
        "sh",
        "-c",
        "mount -t sysfs sysfs /sys && ip link add name x0 index 90 type veth peer name x1 index 91 && echo ready && exec cat",
      ],
      {
        stdio: ["pipe", "pipe", "inherit"],
      },
    );
    await once(foreign.stdout, "data");
    try {
      await using watch = await openWatch();
      watch.pollClosely(new Set([90]));
      await untilTrue(() => watch.counts.unpolledLinks === 2, "both links given up");
      assert.equal(linkNamed(watch.facts, "x0")?.hasCarrier, true);
      assert.equal(watch.counts.carrierEdgesByPoll, 0);
      ipBatch(["link set x1 down"]);
      await factsUntil(watch, (facts) => linkNamed(facts, "x0")?.hasCarrier === false);
    } finally {
      foreign.stdin.end();
      await once(foreign, "exit");
      execFileSync("umount", ["/sys"]);
      removeAllLinks();
    }
  });
});
