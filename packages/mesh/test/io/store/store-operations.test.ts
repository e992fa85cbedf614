/** Each thing that the store is told, on a real file: what is there afterwards, also when it was opened again. */
import assert from "node:assert/strict";
import { after, beforeEach, test } from "node:test";
import type { StoreOperation } from "@ropewalk/mesh/pure/messages/store-operations";
import {
  accept,
  address,
  allRows,
  chain,
  committed,
  custody,
  id,
  inboxTexts,
  octets,
  openStore,
  read,
  receive,
  StoreFolder,
  seal,
  text,
  time,
  until,
  whole,
} from "./stores.ts";

let folder = new StoreFolder();
after(() => folder[Symbol.dispose]());
beforeEach(() => {
  folder[Symbol.dispose]();
  folder = new StoreFolder();
});

/** What came of the operations, and the store that has them, opened again. */
async function reopened(...operations: readonly StoreOperation[]) {
  let kinds: readonly string[] = [];
  {
    await using store = await openStore(folder.path);
    kinds = (await committed(store, ...operations)).map(({ kind }) => kind);
  }
  return { kinds, store: await openStore(folder.path) };
}

test("a message that was accepted is there until its only envelope is proved", async () => {
  const { kinds, store: opened } = await reopened(accept(1), seal(1, 20), seal(1, 21), accept(1));
  await using store = opened;
  assert.deepEqual(kinds, ["done", "done", "done", "repeated"]);
  const [message] = await allRows(store, "outbox");
  assert.deepEqual(message, { ...accept(1).message, size: 9, proved: [] });
  assert.deepEqual(await allRows(store, "sealed"), [
    { ...seal(1, 20).sealed, size: 100 },
    { ...seal(1, 21).sealed, size: 100 },
  ]);
  const content = { kind: "content", id: id(1), offset: 3, length: 4 } as const;
  assert.deepEqual(await read(store, content), text("sage"));
  assert.deepEqual(await committed(store, { kind: "proved", id: id(1), chunk: 0 }), [{ kind: "done" }]);
  for (const table of ["outbox", "sealed"] as const) assert.deepEqual(await allRows(store, table), []);
  assert.equal(await read(store, content), undefined);
  assert.deepEqual(await committed(store, { kind: "proved", id: id(1), chunk: 0 }, seal(1, 22)), [
    { kind: "absent" },
    { kind: "absent" },
  ]);
});

test("a message of several chunks goes with the last that is proved, in whatever order they are", async () => {
  const proved = (chunk: number) => ({ kind: "proved", id: id(1), chunk }) as const;
  const { store: opened } = await reopened(
    ...[accept(1, { chunks: 3 }), seal(1, 30, 0), seal(1, 31, 1), seal(1, 32, 1), seal(1, 33, 2)],
    ...[proved(1), proved(1), proved(3)],
  );
  await using store = opened;
  assert.deepEqual(
    (await allRows(store, "sealed")).map(({ tag }) => tag),
    [id(30), id(33)],
  );
  assert.deepEqual((await allRows(store, "outbox"))[0]?.proved, [1]);
  assert.deepEqual(await committed(store, seal(1, 34, 1)), [{ kind: "absent" }], "it was proved already");
  await committed(store, proved(2));
  assert.equal((await allRows(store, "outbox")).length, 1);
  await committed(store, proved(0));
  for (const table of ["outbox", "sealed"] as const) assert.deepEqual(await allRows(store, table), []);
  await committed(store, accept(1, { chunks: 3 }));
  assert.deepEqual((await allRows(store, "outbox"))[0]?.proved, [], "nothing is left of the one before");
});

test("a message that is withdrawn goes with all that was sealed of it, and no other", async () => {
  const { store: opened } = await reopened(accept(1), seal(1, 20), accept(2), seal(2, 21));
  await using store = opened;
  assert.deepEqual(await committed(store, { kind: "withdraw", id: id(1) }, { kind: "withdraw", id: id(1) }), [
    { kind: "done" },
    { kind: "absent" },
  ]);
  assert.deepEqual(
    (await allRows(store, "sealed")).map(({ tag }) => tag),
    [id(21)],
  );
});

test("what was received is in the inbox once, while its chain and its proof go on with each copy", async () => {
  const { store: opened } = await reopened(receive(3, 1, whole("hello")));
  await using store = opened;
  const again = receive(3, 1, whole("hello"));
  const [outcome] = await committed(store, { ...again, chain: chain(3, 90), proof: { ...again.proof, tag: id(99) } });
  assert.deepEqual(outcome, { kind: "repeated" });
  assert.deepEqual(await inboxTexts(store), ["hello"]);
  assert.deepEqual(await allRows(store, "chains"), [chain(3, 90)]);
  assert.deepEqual(
    (await allRows(store, "proofs")).map(({ tag }) => tag),
    [id(16), id(99)],
  );
});

test("another sender's message of the same id is another message, and so is another chunk", async () => {
  const { kinds, store: opened } = await reopened(
    receive(3, 1, whole("one")),
    receive(4, 1, whole("other")),
    receive(3, 1, whole("third"), 1),
  );
  await using store = opened;
  assert.deepEqual(kinds, ["delivered", "delivered", "delivered"]);
  assert.deepEqual(await inboxTexts(store), ["one", "other", "third"]);
});

test("numbers of the inbox grow, and are not used again when rows were taken", async () => {
  await using store = await openStore(folder.path);
  const numbers: number[] = [];
  for (let index = 0; index < 4; index += 1) {
    const [outcome] = await committed(store, receive(3, index, whole(`text ${index}`)));
    const number = outcome?.kind === "delivered" ? outcome.number : 0;
    numbers.push(number);
    assert.deepEqual(await committed(store, { kind: "take", number }), [{ kind: "done" }]);
    assert.deepEqual(await committed(store, { kind: "take", number }), [{ kind: "absent" }]);
  }
  assert.deepEqual(
    numbers,
    [...new Set(numbers)].toSorted((one, other) => one - other),
  );
  assert.ok((numbers[0] ?? 0) > 0);
  assert.deepEqual(await inboxTexts(store), []);
  assert.deepEqual(await committed(store, receive(3, 1, whole("again"))), [{ kind: "repeated" }]);
});

test("a store that was lost goes on with numbers above those that it gave", async () => {
  await using store = await openStore(folder.path);
  const [first] = await committed(store, receive(3, 1, whole("before")));
  using elsewhere = new StoreFolder();
  await using other = await openStore(elsewhere.path);
  const [second] = await committed(other, receive(3, 1, whole("behind")));
  const numbers = [first, second].map((outcome) => (outcome?.kind === "delivered" ? outcome.number : 0));
  assert.ok((numbers[1] ?? 0) > (numbers[0] ?? 0), numbers.join());
});

test("parts become a message with the last of them, in whatever order and how often they come", async () => {
  const part = (chunk: number, content: string) =>
    receive(3, 8, { kind: "part", port: 6, sent: 5, at: 9, count: 3, octets: text(content) }, chunk);
  const { kinds, store: opened } = await reopened(part(2, "third"), part(0, "first "), part(2, "third"));
  await using store = opened;
  assert.deepEqual(kinds, ["done", "done", "repeated"]);
  assert.deepEqual(await inboxTexts(store), []);
  const [outcome] = await committed(store, part(1, "second "));
  assert.equal(outcome?.kind, "delivered");
  const { rows } = await read(store, { kind: "inbox", after: 0, most: 10, port: 6 });
  const [row] = rows;
  assert.deepEqual(row, {
    ...{ number: row?.number, sender: address(3), port: 6, id: id(8), sent: 5, at: 9 },
    content: text("first second third"),
  });
  assert.deepEqual(await committed(store, part(1, "second ")), [{ kind: "repeated" }]);
  assert.equal((await read(store, { kind: "figures" })).parts, 0);
});

test("parts that say another count are not taken for the message's, and those beyond it neither", async () => {
  const part = (chunk: number, count: number) =>
    receive(3, 8, { kind: "part", port: 6, sent: 5, at: 9, count, octets: text(`${chunk}`) }, chunk);
  const { kinds, store: opened } = await reopened(part(0, 2), part(1, 3), part(5, 2));
  await using store = opened;
  assert.deepEqual(kinds, ["done", "done", "done"]);
  assert.deepEqual(await inboxTexts(store), []);
});

test("the inbox is read behind a number, by port, and as much at a time as is wanted", async () => {
  const onPort = (index: number, port: number) =>
    receive(3, index, { kind: "whole", port, sent: 0, at: 0, octets: text(`${index}`) });
  const { store: opened } = await reopened(...[1, 2, 3, 4, 5, 6].map((index) => onPort(index, index % 2)));
  await using store = opened;
  const seen: string[] = [];
  for (let after: number | undefined = 0; after !== undefined; ) {
    const { rows, next }: Awaited<ReturnType<typeof readOdd>> = await readOdd(after);
    seen.push(rows.map(({ content }) => new TextDecoder().decode(content)).join());
    after = next;
  }
  function readOdd(after: number) {
    return read(store, { kind: "inbox", after, most: 2, port: 1 });
  }
  assert.deepEqual(seen, ["1,3", "5"]);
});

test("an answer holds no more octets than it may, but one row whatever its size", async () => {
  const large = (index: number) =>
    receive(3, index, { kind: "whole", port: 1, sent: 0, at: 0, octets: octets(700_000, index) });
  const { store: opened } = await reopened(large(1), large(2), large(3));
  await using store = opened;
  const { rows, next } = await read(store, { kind: "inbox", after: 0, most: 10, port: undefined });
  assert.deepEqual(
    rows.map(({ content }) => [content.length, content[0]]),
    [[700_000, 1]],
  );
  assert.equal(next, rows[0]?.number);
});

test("custody is put, changed and removed; its envelope comes by its tag", async () => {
  const { store: opened } = await reopened(custody(1), custody(2, { hint: 77 }), custody(3));
  await using store = opened;
  assert.deepEqual(await allRows(store, "custody"), [
    { ...custody(1).custody, size: 120 },
    { ...custody(2, { hint: 77 }).custody, size: 120 },
    { ...custody(3).custody, size: 120 },
  ]);
  const to = { kind: "address", address: address(40) } as const;
  const outcomes = await committed(
    store,
    { kind: "custody-change", tag: id(2), to, copies: 4 },
    { kind: "custody-remove", tag: id(1) },
    { kind: "custody-change", tag: id(1), to, copies: 4 },
    { kind: "custody-remove", tag: id(1) },
  );
  assert.deepEqual(
    outcomes.map(({ kind }) => kind),
    ["done", "done", "absent", "absent"],
  );
  const [second] = await allRows(store, "custody");
  assert.deepEqual(second, { ...custody(2).custody, to, copies: 4, size: 120 });
  await committed(store, accept(1), seal(1, 20));
  const tags = [id(1), id(3), id(20)];
  assert.deepEqual(await read(store, { kind: "envelopes", tags }), [
    { tag: id(3), envelope: octets(120, 3) },
    { tag: id(20), envelope: octets(100, 20) },
  ]);
});

test("contacts and prekeys are put, put again and removed, and chains forgotten", async () => {
  const contact = { address: address(1), key: octets(32, 1), name: "Ada" };
  const prekey = { id: 4, secret: octets(32, 4), made: time(5), until: time(900) };
  const nameless = { ...contact, address: address(2), name: undefined };
  const { store: opened } = await reopened(
    { kind: "contact-put", contact },
    { kind: "contact-put", contact: nameless },
    { kind: "contact-put", contact: { ...contact, name: "Eva" } },
    { kind: "prekey-put", prekey },
    { kind: "prekey-put", prekey: { ...prekey, id: 5 } },
    { kind: "prekey-put", prekey: { ...prekey, until: time(800) } },
    { kind: "chain-put", chain: chain(1, 1) },
    { kind: "chain-put", chain: chain(2, 1) },
    { kind: "chain-forget", sender: address(1), opening: octets(32, 1) },
  );
  await using store = opened;
  assert.deepEqual(await allRows(store, "contacts"), [{ ...contact, name: "Eva" }, nameless]);
  assert.deepEqual(await allRows(store, "prekeys"), [
    { ...prekey, until: time(800) },
    { ...prekey, id: 5 },
  ]);
  assert.deepEqual(await allRows(store, "chains"), [chain(2, 1)]);
  await committed(store, { kind: "contact-remove", address: address(2) }, { kind: "prekey-forget", id: 4 });
  assert.equal((await allRows(store, "contacts")).length, 1);
  assert.equal((await allRows(store, "prekeys")).length, 1);
});

test("a proof is kept until the later of the times that it was kept for", async () => {
  const proof = { tag: id(1), ackKey: octets(16, 9), until: time(900) };
  const keep = (at: number) => ({ kind: "proof-keep", proof: { ...proof, until: time(at) } }) as const;
  const { store: opened } = await reopened(keep(900), keep(950), keep(300));
  await using store = opened;
  assert.deepEqual(await allRows(store, "proofs"), [{ ...proof, until: time(950) }]);
});

test("what ended by now goes, and all else stays", async () => {
  const early = time(100);
  const { store: opened } = await reopened(
    ...[accept(1, { until: early }), seal(1, 20), accept(2), seal(2, 21)],
    ...[custody(1, { until: early }), custody(2)],
    { ...receive(3, 1, whole("kept")), until: early },
    receive(3, 2, whole("kept too")),
    { kind: "prekey-put", prekey: { id: 4, secret: octets(32, 4), made: time(5), until: early } },
    { kind: "chain-put", chain: { ...chain(9, 1), until: early } },
    { kind: "proof-keep", proof: { tag: id(500), ackKey: octets(16, 9), until: early } },
  );
  await using store = opened;
  const none = { outbox: 0, custody: 0, proofs: 0, parts: 0, seen: 0, chains: 0, prekeys: 0 };
  const [before] = await committed(store, { kind: "expire", now: time(99) });
  assert.deepEqual(before, { kind: "expired", rows: none, isMore: false });
  const [then] = await committed(store, { kind: "expire", now: early });
  const rows = { outbox: 1, custody: 1, proofs: 1, parts: 0, seen: 1, chains: 1, prekeys: 1 };
  assert.deepEqual(then, { kind: "expired", rows, isMore: false });
  assert.deepEqual(await inboxTexts(store), ["kept", "kept too"], "what an application was not given does not end");
  assert.deepEqual(
    (await allRows(store, "sealed")).map(({ tag }) => tag),
    [id(21)],
  );
  assert.equal((await allRows(store, "custody")).length, 1);
  assert.deepEqual(await committed(store, receive(3, 1, whole("a stranger's by now"))), [
    {
      kind: "delivered",
      number: (await read(store, { kind: "inbox", after: 0, most: 9, port: undefined })).rows[2]?.number ?? 0,
    },
  ]);
});

test("what was received is remembered until the last of the times that its copies said", async () => {
  const copy = (at: number) => ({ ...receive(3, 1, whole("once")), until: time(at) });
  const { store: opened } = await reopened(copy(500), copy(900), copy(400), { kind: "expire", now: time(899) });
  await using store = opened;
  assert.deepEqual(await committed(store, copy(950)), [{ kind: "repeated" }]);
  await committed(store, { kind: "expire", now: time(950) });
  assert.equal((await committed(store, copy(990)))[0]?.kind, "delivered");
});

test("custody that is put again is what was put last, in the place that it had", async () => {
  const again = custody(1, { hint: 9, size: 50, until: time(7) });
  const { store: opened } = await reopened(custody(1), custody(2), again);
  await using store = opened;
  assert.deepEqual(await allRows(store, "custody"), [
    { ...again.custody, size: 50 },
    { ...custody(2).custody, size: 120 },
  ]);
  const [stored] = await read(store, { kind: "envelopes", tags: [id(1)] });
  assert.deepEqual(stored?.envelope, again.envelope);
});

test("much that ends goes in portions, and the outcome says whether there is more", async () => {
  const { store: opened } = await reopened(
    ...Array.from({ length: 1_500 }, (_, index) => custody(index + 1, { until: time(index) })),
  );
  await using store = opened;
  const expire = { kind: "expire", now: until } as const;
  const outcomes = [await committed(store, expire), await committed(store, expire)].flat();
  const custodies = outcomes.map((outcome) =>
    outcome.kind === "expired" ? [outcome.rows.custody, outcome.isMore] : [],
  );
  assert.deepEqual(custodies, [
    [1_000, true],
    [500, false],
  ]);
});

test("the store's time goes on over restarts, and never back", async () => {
  const { store: opened } = await reopened({ kind: "expire", now: time(700) }, { kind: "expire", now: time(300) });
  await using store = opened;
  assert.equal(store.opened.lastTime, 700);
});

test("a start reads much page by page, and every row once", async () => {
  const { store: opened } = await reopened(...Array.from({ length: 1_001 }, (_, index) => custody(index)));
  await using store = opened;
  const pages: number[] = [];
  for await (const rows of store.pages("custody")) pages.push(rows.length);
  assert.deepEqual(pages, [256, 256, 256, 233]);
  assert.equal(new Set((await allRows(store, "custody")).map(({ tag }) => tag)).size, 1_001);
  const { custody: count, size } = await read(store, { kind: "figures" });
  assert.equal(count, 1_001);
  assert.ok(size > 100_000);
});
