import assert from "node:assert/strict";
import { afterEach, beforeEach, test } from "node:test";
import type { StoreOperation } from "@ropewalk/mesh/pure/messages/store-operations";
import {
  address,
  allRows,
  committed,
  hearing,
  id,
  octets,
  openStore,
  read,
  reopened,
  StoreFolder,
  time,
} from "./stores.ts";

let folder: StoreFolder;
beforeEach(() => {
  folder = new StoreFolder();
});
afterEach(() => folder[Symbol.dispose]());

const channel = octets(16, 1);
const inChannel = (index: number, until = 900): Extract<StoreOperation, { readonly kind: "hear" }> => ({
  ...hearing(index),
  broadcast: { ...hearing(index).broadcast, source: { kind: "channel", name: "here" } },
  once: { kind: "channel", channel, until: time(until) },
});
const all = { kind: "broadcasts", after: 0, most: 100, port: undefined } as const;

test("what was heard is there after a restart, with what says so, until it is taken", async () => {
  const { store: opened, kinds } = await reopened(folder, hearing(1), hearing(2), inChannel(3));
  await using store = opened;
  assert.deepEqual(kinds, ["delivered", "delivered", "delivered"]);
  const { rows } = await read(store, all);
  assert.deepEqual(
    rows.map(({ number: _, ...row }) => row),
    [hearing(1), hearing(2), inChannel(3)].map(({ broadcast }) => broadcast),
  );
  const [first, second, third] = rows.map(({ number }) => number);
  assert.ok(first !== undefined && second !== undefined && third !== undefined && first < second && second < third);
  assert.deepEqual(await allRows(store, "origins"), [
    { address: address(1), heard: octets(16, 1) },
    { address: address(2), heard: octets(16, 2) },
  ]);
  const take = { kind: "broadcast-take", number: second } as const;
  assert.deepEqual(
    (await committed(store, take, take)).map(({ kind }) => kind),
    ["done", "absent"],
  );
  assert.deepEqual(
    (await read(store, { ...all, after: first })).rows.map(({ number }) => number),
    [third],
  );
  assert.deepEqual((await read(store, { ...all, port: 6 })).rows, []);
  assert.equal((await read(store, { kind: "figures" })).broadcasts, 2);
});

test("in a channel an id is heard once, for as long as it is remembered", async () => {
  await using store = await openStore(folder.path);
  const kinds = async (...operations: readonly StoreOperation[]) =>
    (await committed(store, ...operations)).map(({ kind }) => kind);
  assert.deepEqual(await kinds(inChannel(1), inChannel(1), inChannel(2)), ["delivered", "repeated", "delivered"]);
  assert.deepEqual(await kinds({ kind: "expire", now: time(901) }, inChannel(1)), ["expired", "delivered"]);
});

test("the oldest give way where there are more than may be, and numbers go on", async () => {
  await using store = await openStore(folder.path);
  const few = (index: number) => ({ ...hearing(index), most: 3 });
  await committed(store, ...[1, 2, 3, 4, 5].map(few));
  const { rows } = await read(store, all);
  assert.deepEqual(
    rows.map((row) => row.id),
    [3, 4, 5].map(id),
  );
});

test("what was heard last of an origin takes the place of what was, and is read last", async () => {
  const again = { ...hearing(1), once: { kind: "origin", address: address(1), heard: octets(16, 9) } } as const;
  const { store: opened } = await reopened(folder, hearing(1), hearing(2), hearing(3), again, {
    ...{ kind: "origin-forget", address: address(2) },
  });
  await using store = opened;
  assert.deepEqual(
    (await allRows(store, "origins")).map(({ address: whose, heard }) => [whose, heard[0]]),
    [
      [address(3), 3],
      [address(1), 9],
    ],
  );
});

test("channels are put, put again and removed; what is no key of one is refused", async () => {
  const put = (name: string, key: Uint8Array) => ({ kind: "channel-put", channel: { name, key } }) as const;
  const { store: opened } = await reopened(
    folder,
    put("here", octets(32, 1)),
    put("there", octets(32, 2)),
    put("here", octets(32, 3)),
    { kind: "channel-remove", name: "there" },
  );
  await using store = opened;
  assert.deepEqual(await allRows(store, "channels"), [{ name: "here", key: octets(32, 3) }]);
  const answer = await store.write([put("short", octets(31, 1))]);
  assert.equal(answer.kind, "refused");
});
