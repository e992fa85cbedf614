/** A status record on its way over real links: handed to a node that cannot read it, and opened by who has the entry's key. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { seconds } from "@ropewalk/kernel/units";
import { openStatus, statusPort } from "@ropewalk/mesh/pure/status/status-sealing";
import { isNewer } from "@ropewalk/mesh/pure/wire/announce";
import { createOwner, dialling, disposables, knows, startNode, until } from "./nodes-on-loopback.ts";
import { crypto, entry, keyFrom } from "./pure/status/status-makers.ts";

test("what a node says of itself comes to the entry's node, and the entry alone reads it, each newer than the last", async () => {
  using owners = disposables(createOwner(), createOwner());
  const [first, second] = owners.all;
  const store = (folder: string) => ({ store: join(folder, "messages") });
  await using holder = await startNode(second, {}, store(second.folder));
  await using node = await startNode(first, dialling(holder.place), store(first.folder));
  await until("there is a way", () => knows(node, holder));
  const order = {
    to: holder.address,
    entry: entry.publicKey,
    version: "0.1.0",
    priority: 1,
    life: seconds(60),
  } as const;
  for (let count = 0; count < 2; count += 1) assert.equal((await node.service.sendStatus(order)).kind, "accepted");
  const reading = async () => {
    const read = await holder.service.messages?.inbox(0, 10, statusPort);
    return read?.kind === "read" ? read.value : [];
  };
  await until("both are there", async () => (await reading()).length === 2);
  const records = (await reading()).map(({ content }) => {
    assert.deepEqual(openStatus(crypto, keyFrom(0x40), content), { kind: "refused", why: "unsealed" });
    const opened = openStatus(crypto, entry, content);
    return opened.kind === "opened" ? opened.record : assert.fail(opened.why);
  });
  const [one, other] = records.toSorted((a, b) => (isNewer(a, b) ? 1 : -1));
  assert.ok(one !== undefined && other !== undefined && isNewer(other, one));
  assert.equal(one.key.toHex(), first.key.verifyingKey.raw().toHex());
  assert.deepEqual([one.kind, one.online, one.neighbours, one.version], ["standard", "unknown", 1, "0.1.0"]);
  const weak = await node.service.sendStatus({ ...order, entry: new Uint8Array(32) });
  assert.deepEqual(weak, { kind: "refused", why: { kind: "entry-key" } });
});

test("a node that carries no messages says so", async () => {
  using owner = createOwner();
  await using node = await startNode(owner);
  const order = { to: node.address, entry: entry.publicKey, version: "", priority: 1, life: seconds(60) } as const;
  assert.deepEqual(await node.service.sendStatus(order), { kind: "refused", why: { kind: "no-messages" } });
});
