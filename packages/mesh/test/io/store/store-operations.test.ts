/** Each thing that the store is told, on a real file: what is there afterwards, also when it was opened again. */
import assert from "node:assert/strict";
import { after, beforeEach, test } from "node:test";
import {
  accept,
  address,
  allRows,
  chain,
  committed,
  custody,
  id,
  inboxTexts,
  keptName,
  octets,
  read,
  receive,
  reopened,
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

test("a message that was accepted is there until its only envelope is proved", async () => {
  const { kinds, store: opened } = await reopened(folder, accept(1), seal(1, 20), seal(1, 21), accept(1));
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
    folder,
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
  const { store: opened } = await reopened(folder, accept(1), seal(1, 20), accept(2), seal(2, 21));
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

test("custody is put, changed and removed; its envelope comes by its name, and of own messages by the tag in it", async () => {
  const { store: opened } = await reopened(folder, custody(1), custody(2, { hint: 77 }), custody(3));
  await using store = opened;
  assert.deepEqual(await allRows(store, "custody"), [
    { ...custody(1).custody, size: 120 },
    { ...custody(2, { hint: 77 }).custody, size: 120 },
    { ...custody(3).custody, size: 120 },
  ]);
  const to = { kind: "address", address: address(40) } as const;
  const outcomes = await committed(
    store,
    { kind: "custody-change", name: keptName(2), to, copies: 4 },
    { kind: "custody-remove", name: keptName(1) },
    { kind: "custody-change", name: keptName(1), to, copies: 4 },
    { kind: "custody-remove", name: keptName(1) },
  );
  assert.deepEqual(
    outcomes.map(({ kind }) => kind),
    ["done", "done", "absent", "absent"],
  );
  const [second] = await allRows(store, "custody");
  assert.deepEqual(second, { ...custody(2).custody, to, copies: 4, size: 120 });
  await committed(store, accept(1), seal(1, 20));
  const names = [keptName(1), keptName(3), keptName(20)];
  assert.deepEqual(await read(store, { kind: "envelopes", names }), [
    { name: keptName(3), envelope: octets(120, 3) },
    { name: keptName(20), envelope: octets(100, 20) },
  ]);
});

test("contacts and prekeys are put, put again and removed, and chains forgotten", async () => {
  const contact = { address: address(1), key: octets(32, 1), name: "Ada" };
  const prekey = { id: 4, secret: octets(32, 4), made: time(5), until: time(900) };
  const nameless = { ...contact, address: address(2), name: undefined };
  const { store: opened } = await reopened(
    folder,
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
  const { store: opened } = await reopened(folder, keep(900), keep(950), keep(300));
  await using store = opened;
  assert.deepEqual(await allRows(store, "proofs"), [{ ...proof, until: time(950) }]);
});

test("what ended by now goes, and all else stays", async () => {
  const early = time(100);
  const { store: opened } = await reopened(
    folder,
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

test("custody that is put again is what was put last, in the place that it had", async () => {
  const again = custody(1, { hint: 9, size: 50, until: time(7) });
  const { store: opened } = await reopened(folder, custody(1), custody(2), again);
  await using store = opened;
  assert.deepEqual(await allRows(store, "custody"), [
    { ...again.custody, size: 50 },
    { ...custody(2).custody, size: 120 },
  ]);
  const [stored] = await read(store, { kind: "envelopes", names: [keptName(1)] });
  assert.deepEqual(stored?.envelope, again.envelope);
});

test("much that ends goes in portions, and the outcome says whether there is more", async () => {
  const { store: opened } = await reopened(
    folder,
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
  const { store: opened } = await reopened(
    folder,
    { kind: "expire", now: time(700) },
    { kind: "expire", now: time(300) },
  );
  await using store = opened;
  assert.equal(store.opened.lastTime, 700);
});

test("a start reads much page by page, and every row once", async () => {
  const { store: opened } = await reopened(folder, ...Array.from({ length: 2_500 }, (_, index) => custody(index)));
  await using store = opened;
  const pages: number[] = [];
  for await (const rows of store.pages("custody")) pages.push(rows.length);
  assert.deepEqual(pages, [1_024, 1_024, 452]);
  assert.equal(new Set((await allRows(store, "custody")).map(({ name }) => name)).size, 2_500);
  const { custody: count, size } = await read(store, { kind: "figures" });
  assert.equal(count, 2_500);
  assert.ok(size > 100_000);
});
