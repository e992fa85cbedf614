/** Broadcasts among three real nodes over real links: all hear them, once, and who has a channel's key reads what is said in it. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { seconds } from "@ropewalk/kernel/units";
import type { BroadcastOrder } from "@ropewalk/mesh/pure/messages/broadcasts/broadcast-terms";
import { createOwner, dialling, disposables, type Owner, type StartedNode, startNode } from "./nodes-on-loopback.ts";

const words = (octets: Uint8Array) => new TextDecoder().decode(octets);
const order = (content: string, channel?: string): BroadcastOrder => ({
  ...{ channel, port: 3, priority: 1, life: seconds(60) },
  content: new TextEncoder().encode(content),
});

function start(owner: Owner, ...peers: readonly string[]): Promise<StartedNode> {
  return startNode(owner, dialling(...peers), { store: join(owner.folder, "messages") });
}

const broadcastsOf = ({ service }: StartedNode) =>
  service.messages?.broadcasts ?? assert.fail("it carries no messages");

async function heard(node: StartedNode) {
  const reading = await broadcastsOf(node).list(0, 100);
  return reading.kind === "read" ? reading.value : assert.fail(reading.why);
}

/** The next that is heard. */
function hearing(node: StartedNode): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const subscription = node.service.messages?.subscribe(({ kind }) => {
    if (kind !== "heard") return;
    subscription?.[Symbol.dispose]();
    resolve();
  });
  return promise;
}

test("what one node says two others hear once, over a restart, and the rest of the mesh in between cannot read a channel", async () => {
  using owners = disposables(createOwner(), createOwner(), createOwner());
  const [first, between, last] = owners.all;
  await using relay = await start(between);
  await using speaker = await start(first, relay.place);
  let end = await start(last, relay.place);
  try {
    const all = [hearing(relay), hearing(end)];
    const sent = broadcastsOf(speaker).send(order("to all"));
    assert.equal(sent.kind, "sent");
    await Promise.all(all);
    for (const node of [relay, end]) {
      const [row] = await heard(node);
      const source = { kind: "origin", address: speaker.address };
      assert.deepEqual([words(row?.octets ?? new Uint8Array()), row?.source, row?.port], ["to all", source, 3]);
    }
    assert.deepEqual(await broadcastsOf(speaker).putChannel("ours"), { kind: "done" });
    const key = broadcastsOf(speaker).channels().get("ours") ?? assert.fail("it has a key");
    assert.deepEqual(await broadcastsOf(end).putChannel("theirs", key), { kind: "done" });
    const one = hearing(end);
    broadcastsOf(speaker).send(order("to us", "ours"));
    await one;
    assert.equal((await heard(relay)).length, 1);
    await end[Symbol.asyncDispose]();
    end = await start(last, relay.place);
    const again = hearing(end);
    // What is still alive is told to who comes up, and he has heard it.
    broadcastsOf(speaker).send(order("again", "ours"));
    await again;
    const rows = await heard(end);
    assert.deepEqual(
      rows.map(({ octets }) => words(octets)),
      ["to all", "to us", "again"],
    );
    assert.deepEqual(rows[1]?.source, { kind: "channel", name: "theirs" });
    assert.deepEqual(await broadcastsOf(end).take(rows[0]?.number ?? 0), { kind: "done" });
    assert.deepEqual(await broadcastsOf(end).take(rows[0]?.number ?? 0), { kind: "absent" });
    assert.equal((await heard(end)).length, 2);
  } finally {
    await end[Symbol.asyncDispose]();
  }
});
