/** That discovery is off is seen on the wire: the kernel counts what a node says there, and knows which groups it has joined. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import { createLab, type Lab } from "@ropewalk/lab/lab";
import { SayingNode } from "./said.ts";

let lab: Lab;

before(async () => {
  lab = await createLab({ uplinks: 1 });
  const table = `table inet discovery {
    counter said {}
    counter heard {}
    chain output { type filter hook output priority 0; udp dport 7411 counter name said; }
    chain prerouting { type filter hook prerouting priority 0; udp dport 7411 counter name heard; }
  }`;
  await edge("nft", ["--file", "-"], table);
});
after(() => lab?.[Symbol.asyncDispose]());

test("a node whose discovery is off says nothing there and hears nothing, from its start and from when it is put off", async () => {
  const off = { discovery: { enabled: false } };
  for (const isDiscovering of [true, false]) {
    await using node = new SayingNode(lab.host("edge"), { isDiscovering });
    await node.said("address");
    if (isDiscovering) {
      await until("it speaks", async () => (await packets("said")) > 0);
      assert.deepEqual(await joined(), ["ff1200000000000000000000", "0b4affef"]);
      node.tellTable(off);
      await node.said("goes on");
    }
    await edge("nft", ["reset", "counters"]);
    assert.deepEqual(await joined(), []);
    // By IPv4 and IPv6 he asks, who would be answered within a tenth of a second, and says a second later that he is there.
    await using client = new SayingNode(lab.host("client"));
    await client.said("address");
    await until("a neighbour has asked, and is there", async () => (await packets("heard")) > 2);
    assert.equal(await packets("said"), 0);
    assert.ok(!node.lines.some((line) => line.startsWith("up")), node.lines.join("; "));
  }
});

async function edge(command: string, args: readonly string[], input?: string): Promise<string> {
  return (await lab.host("edge").exec(command, args, input === undefined ? {} : { input })).stdout;
}

async function packets(counter: "said" | "heard"): Promise<number> {
  const { nftables } = JSON.parse(await edge("nft", ["-j", "list", "counter", "inet", "discovery", counter]));
  return nftables.at(-1).counter.packets;
}

/** Of the two groups of discovery those that somebody here is in, as the kernel writes them. */
async function joined(): Promise<readonly string[]> {
  const groups = await edge("cat", ["/proc/net/igmp6", "/proc/net/igmp"]);
  return ["ff1200000000000000000000", "0b4affef"].filter((group) => groups.toLowerCase().includes(group));
}

async function until(what: string, isTrue: () => Promise<boolean>): Promise<void> {
  const limit = performance.now() + 40_000;
  while (!(await isTrue())) {
    assert.ok(performance.now() < limit, `not in 40 s: ${what}`);
    await delay(20);
  }
}
