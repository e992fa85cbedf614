/** Messages between real nodes over real links: delivered, proved, and kept while whoever they are for is away. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { millis, seconds } from "@ropewalk/kernel/units";
import { addressOfKey } from "@ropewalk/mesh/pure/mesh-address";
import { MessagePlace } from "./message-place.ts";
import { until } from "./nodes-on-loopback.ts";

test("a message crosses a node that cannot read it, and its sender has the proof", async () => {
  await using one = new MessagePlace();
  await using between = new MessagePlace();
  await using other = new MessagePlace();
  await between.start();
  await one.start(between.at);
  const to = await other.start(between.at);
  await until("there is a way", () => one.hasWay(to));
  const ids = [];
  for (let number = 0; number < 50; number += 1) ids.push(await one.send(to, `message ${number}`));
  for (const id of ids) await one.delivered(id);
  assert.deepEqual([...(await other.inbox())].toSorted(), ids.map((_, number) => `message ${number}`).toSorted());
  assert.deepEqual(one.messages.outbox(), []);
  assert.deepEqual(await between.inbox(), []);
  const [first] = await other.messages.inbox(0, 1).then((reading) => (reading.kind === "read" ? reading.value : []));
  assert.equal(first?.sender, one.service.address);
  assert.deepEqual(await other.messages.take(first?.number ?? 0), { kind: "done" });
  assert.deepEqual(await other.messages.take(first?.number ?? 0), { kind: "absent" });
  assert.equal((await other.inbox()).length, 49);
});

test("what is for somebody who is away is kept, over restarts of all, and arrives once when he is there", async () => {
  await using one = new MessagePlace();
  await using between = new MessagePlace();
  await using other = new MessagePlace();
  await between.start();
  await one.start(between.at);
  const to = await other.start(between.at);
  await until("there is a way", () => one.hasWay(to));
  await other.stop();
  await until("there is none", () => !one.hasWay(to));
  const id = await one.send(to, "for later");
  await until("a neighbour keeps it", () => between.kept > 0);
  await between.stop();
  await one.stop();
  await between.start();
  await other.start(between.at);
  await until("the keeper brings it", async () => (await other.inbox()).length > 0);
  assert.deepEqual(await other.inbox(), ["for later"]);
  await one.start(between.at);
  assert.deepEqual(
    one.messages.outbox().map((message) => message.id),
    [id],
  );
  await until("its sender hears of it", () => one.messages.outbox().length === 0);
  assert.deepEqual(await other.inbox(), ["for later"]);
});

test("what is withdrawn and whom this node knows is on the disk when that is told, and a node that is over changes nothing", async () => {
  await using one = new MessagePlace();
  await one.start();
  const key = new Uint8Array(32).fill(7);
  const someone = addressOfKey(key);
  const contact = { address: someone, key, name: "anna" };
  assert.deepEqual(await one.messages.putContact(contact), { kind: "done" });
  const [kept, given] = [await one.send(someone, "stays"), await one.send(someone, "goes")];
  const told = one.messages.delivery(given, seconds(20));
  assert.deepEqual(await one.messages.withdraw(given), { kind: "done" });
  assert.deepEqual(await told, { kind: "withdrawn" });
  assert.deepEqual(await one.messages.withdraw(given), { kind: "absent" });
  const before = one.messages;
  await one.stop();
  assert.deepEqual(await before.withdraw(kept), { kind: "refused", reason: "closed" });
  await one.start();
  assert.deepEqual(
    one.messages.outbox().map(({ id }) => id),
    [kept],
  );
  assert.deepEqual(one.messages.contacts(), [contact]);
  assert.deepEqual(await one.messages.removeContact(someone), { kind: "done" });
  assert.deepEqual(await one.messages.removeContact(someone), { kind: "absent" });
});

test("what is asked for while a node ends is done and told so, or is refused and was not done", async () => {
  await using one = new MessagePlace();
  await one.start();
  const someone = addressOfKey(new Uint8Array(32).fill(7));
  const content = new TextEncoder().encode("at last");
  const [early, { messages }] = [await one.send(someone, "early"), one];
  const order = { to: someone, port: 7, priority: 1, life: seconds(3_600), content } as const;
  const accepted: string[] = [];
  const sendUntilRefused = async () => {
    for (;;) {
      const outcome = await messages.send(order);
      if (outcome.kind === "refused") return outcome.why;
      accepted.push(outcome.id);
    }
  };
  const [withdrawn, refused] = [messages.withdraw(early), sendUntilRefused()];
  await one.stop();
  assert.deepEqual([await withdrawn, await refused], [{ kind: "done" }, { kind: "closed" }]);
  await one.start();
  assert.deepEqual(
    one.messages.outbox().map(({ id }) => id),
    accepted,
  );
});

test("a long message arrives whole, and one that is too long is refused with the limit", async () => {
  await using one = new MessagePlace();
  await using other = new MessagePlace();
  await one.start();
  const to = await other.start(one.at);
  await until("there is a way", () => one.hasWay(to));
  const text = "0123456789abcdef".repeat(12_000);
  await one.delivered(await one.send(to, text));
  assert.deepEqual(await other.inbox(), [text]);
  const content = new Uint8Array(100_000_000);
  const refused = await one.messages.send({ to, port: 7, priority: 1, life: millis(60_000), content });
  assert.deepEqual(refused, { kind: "refused", why: { kind: "too-long", octets: 100_000_000, limit: 262_144 } });
});
