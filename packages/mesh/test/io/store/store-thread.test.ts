/** The store as its owner has it: who may open it, what is refused when, and how it ends. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { chmodSync, readdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterEach, beforeEach, test } from "node:test";
import { FakeClock } from "@ropewalk/kernel/fake-clock";
import { millis } from "@ropewalk/kernel/units";
import { MessageStore } from "@ropewalk/mesh/io/store/store-thread";
import {
  accept,
  address,
  allRows,
  committed,
  custody,
  inboxTexts,
  keptName,
  octets,
  openStore,
  read,
  receive,
  reserve,
  StoreFolder,
  whole,
} from "./stores.ts";

let folder: StoreFolder;
beforeEach(() => {
  folder = new StoreFolder();
});
afterEach(() => folder[Symbol.dispose]());

test("its files are their owner's alone, and what was removed is not in them any more", async () => {
  const secret = octets(32, 0x5a);
  {
    await using store = await openStore(folder.path);
    await committed(store, { kind: "prekey-put", prekey: { id: 1, secret, made: 0, until: 9 } as never });
    for (const name of readdirSync(dirname(folder.path)))
      assert.equal(statSync(join(dirname(folder.path), name)).mode & 0o777, 0o600, name);
    await committed(store, { kind: "prekey-forget", id: 1 });
  }
  assert.deepEqual(readdirSync(dirname(folder.path)).toSorted(), ["messages", "messages.reserve"]);
  assert.equal(readFileSync(folder.path).indexOf(secret), -1);
});

test("another that would open the same file is told who holds it, also another process, and again", async () => {
  await using _store = await openStore(folder.path);
  await assert.rejects(openStore(folder.path), { code: "MESH_STORE_HELD", message: /another process holds it/ });
  const program = `new (require("node:sqlite").DatabaseSync)(process.argv[1]).exec("BEGIN IMMEDIATE")`;
  const { stderr } = spawnSync(process.execPath, ["-e", program, folder.path], { encoding: "utf8" });
  assert.match(stderr, /database is locked/);
});

test("a file that others may read becomes its owner's alone, and a link or a folder is no store", async () => {
  writeFileSync(folder.path, "");
  chmodSync(folder.path, 0o644);
  await using _store = await openStore(folder.path);
  assert.equal(statSync(folder.path).mode & 0o777, 0o600);
  const link = `${folder.path}.link`;
  symlinkSync(folder.path, link);
  for (const wrong of [link, dirname(folder.path)])
    await assert.rejects(openStore(wrong), { code: "MESH_STORE", message: /no regular file/ });
});

test("a store of a newer Ropewalk is refused and left as it is, and a place that cannot be one is told", async () => {
  {
    await using store = await openStore(folder.path);
    await committed(store, receive(3, 1, whole("hello")));
  }
  const database = new DatabaseSync(folder.path);
  database.exec("PRAGMA user_version = 99");
  database.close();
  await assert.rejects(openStore(folder.path), { code: "MESH_STORE", message: /install the newer Ropewalk/ });
  assert.deepEqual(readdirSync(dirname(folder.path)).toSorted(), ["messages", "messages.reserve"]);
  await assert.rejects(openStore(join(folder.path, "messages")), {
    code: "MESH_STORE",
    message: /its folder must exist/,
  });
});

test("what was written is committed in the order of the calls, and a read sees what was committed before it", async () => {
  await using store = await openStore(folder.path);
  const answers = Array.from({ length: 2_000 }, (_, index) => store.write([receive(3, index, whole(`${index}`))]));
  assert.equal((await inboxTexts(store)).length > 0, false, "nothing waits for the disk that was not sent");
  const numbers = (await Promise.all(answers)).map((answer) =>
    answer.kind === "committed" && answer.outcomes[0]?.kind === "delivered" ? answer.outcomes[0].number : 0,
  );
  assert.deepEqual(
    numbers,
    numbers.toSorted((one, other) => one - other),
  );
  assert.deepEqual(
    await inboxTexts(store),
    Array.from({ length: 2_000 }, (_, index) => `${index}`),
  );
});

test("each group is answered with what came of it, however many are written while others are under way", async () => {
  await using store = await openStore(folder.path);
  const answered: Promise<void>[] = [];
  for (let index = 0; index < 300; index += 1) {
    const isPut = index % 3 !== 0;
    const operation = isPut ? custody(index) : ({ kind: "custody-remove", name: keptName(9_999) } as const);
    const written = committed(store, operation);
    answered.push(written.then(([outcome]) => assert.equal(outcome?.kind, isPut ? "done" : "absent")));
    await Promise.resolve();
  }
  await Promise.all(answered);
});

test("octets may be used again as soon as they were written", async () => {
  await using store = await openStore(folder.path);
  const large = octets(65_536, 1);
  const envelope = large.subarray(100, 200);
  const written = committed(store, { ...custody(5), envelope });
  large.fill(2);
  await written;
  assert.deepEqual(await read(store, { kind: "envelopes", names: [keptName(5)] }), [
    { name: keptName(5), envelope: octets(100, 1) },
  ]);
});

test("a group is done whole or not at all, and one that is unfit takes no other along", async () => {
  await using store = await openStore(folder.path);
  const unfit = { kind: "contact-put", contact: { address: address(1), key: octets(31, 1), name: undefined } } as const;
  const [first, second, third] = await Promise.all([
    store.write([custody(1)]),
    store.write([custody(2), unfit]),
    store.write([custody(3)]),
  ]);
  assert.equal(first.kind, "committed");
  assert.equal(second.kind === "refused" && second.reason, "failed");
  assert.equal(third.kind, "committed");
  assert.deepEqual(
    (await allRows(store, "custody")).map(({ name }) => name),
    [keptName(1), keptName(3)],
  );
});

test("more than may wait is refused as busy, and what waits is written", async () => {
  await using store = await openStore(folder.path);
  const envelope = octets(1_000_000, 1);
  const answers = await Promise.all(
    Array.from({ length: 20 }, (_, index) => store.write([{ ...custody(index), envelope }])),
  );
  const kinds = answers.map((answer) => (answer.kind === "refused" ? answer.reason : answer.kind));
  assert.deepEqual(new Set(kinds), new Set(["committed", "busy"]));
  const written = kinds.filter((kind) => kind === "committed").length;
  assert.ok(written >= 16 && written < 20, `${written}`);
  assert.equal((await read(store, { kind: "figures" })).custody, written);
});

test("a read that takes too long is given up, and so is one too many", async () => {
  const clock = new FakeClock(Date.UTC(2026, 10, 22));
  const deps = { clock, onEvent: () => {}, onDeath: assert.fail };
  await using store = await MessageStore.open({ path: folder.path, reserve }, deps);
  const late = store.read({ kind: "figures" }, millis(100));
  clock.advance(millis(100));
  assert.deepEqual(await late, { kind: "unread", reason: "late", why: "no answer within 100 ms" });
  const readings = await Promise.all(Array.from({ length: 300 }, () => store.read({ kind: "figures" })));
  const busy = readings.filter((reading) => reading.kind === "unread" && reading.reason === "busy").length;
  assert.equal(busy, 300 - 256);
  assert.equal((await store.read({ kind: "figures" })).kind, "read");
});

test("what waits when it is disposed of is written, and all that comes later refused", async () => {
  const store = await openStore(folder.path);
  const before = store.write([accept(1)]);
  const end = store[Symbol.asyncDispose]();
  const behind = await store.write([accept(2)]);
  assert.deepEqual([(await before).kind, behind.kind === "refused" && behind.reason], ["committed", "closed"]);
  await end;
  const reading = await store.read({ kind: "figures" });
  assert.equal(reading.kind === "unread" && reading.reason, "closed");
  await using again = await openStore(folder.path);
  assert.equal((await allRows(again, "outbox")).length, 1);
});
