/** What was received, on a real file: in the inbox once, whole, with a number of its own, and as much at a time as is wanted. */
import assert from "node:assert/strict";
import { after, beforeEach, test } from "node:test";
import {
  address,
  allRows,
  chain,
  committed,
  id,
  inboxTexts,
  octets,
  openStore,
  read,
  receive,
  reopened,
  StoreFolder,
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

test("what was received is in the inbox once, while its chain and its proof go on with each copy", async () => {
  const { store: opened } = await reopened(folder, receive(3, 1, whole("hello")));
  await using store = opened;
  const again = receive(3, 1, whole("hello"));
  const [outcome] = await committed(store, { ...again, chain: chain(3, 90), proof: { ...again.proof, tag: id(99) } });
  assert.deepEqual(outcome, { kind: "repeated", what: "content" });
  const [same] = await committed(store, { ...again, chain: chain(3, 90) });
  assert.deepEqual(same, { kind: "repeated", what: "envelope" });
  assert.deepEqual(await inboxTexts(store), ["hello"]);
  assert.deepEqual(await allRows(store, "chains"), [chain(3, 90)]);
  assert.deepEqual(
    (await allRows(store, "proofs")).map(({ tag }) => tag),
    [id(16), id(99)],
  );
});

test("another sender's message of the same id is another message, and so is another chunk", async () => {
  const { kinds, store: opened } = await reopened(
    folder,
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
    assert.deepEqual(await committed(store, { kind: "take", number }), [
      { kind: "taken", sender: address(3), size: 6 },
    ]);
    assert.deepEqual(await committed(store, { kind: "take", number }), [{ kind: "absent" }]);
  }
  assert.deepEqual(
    numbers,
    [...new Set(numbers)].toSorted((one, other) => one - other),
  );
  assert.ok((numbers[0] ?? 0) > 0);
  assert.deepEqual(await inboxTexts(store), []);
  assert.deepEqual(await committed(store, receive(3, 1, whole("again"))), [{ kind: "repeated", what: "envelope" }]);
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
  const { kinds, store: opened } = await reopened(folder, part(2, "third"), part(0, "first "), part(2, "third"));
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
  assert.deepEqual(await committed(store, part(1, "second ")), [{ kind: "repeated", what: "envelope" }]);
  assert.equal((await read(store, { kind: "figures" })).parts, 0);
});

test("parts that say another count are not taken for the message's, and those beyond it neither", async () => {
  const part = (chunk: number, count: number) =>
    receive(3, 8, { kind: "part", port: 6, sent: 5, at: 9, count, octets: text(`${chunk}`) }, chunk);
  const { kinds, store: opened } = await reopened(folder, part(0, 2), part(1, 3), part(5, 2));
  await using store = opened;
  assert.deepEqual(kinds, ["done", "done", "done"]);
  assert.deepEqual(await inboxTexts(store), []);
});

test("of a message that was given up nothing is kept any more, and nothing that comes of it is taken for received", async () => {
  const part = (index: number, chunk: number) =>
    receive(3, index, { kind: "part", port: 6, sent: 5, at: 9, count: 2, octets: text("part") }, chunk);
  const giveUp = { kind: "give-up", sender: address(3), id: id(8), until } as const;
  const { store: opened } = await reopened(folder, part(8, 0), part(9, 0), giveUp, giveUp);
  await using store = opened;
  const parts = [{ sender: address(3), id: id(9), count: 2, until, size: 4 }];
  assert.deepEqual(await allRows(store, "parts"), parts);
  assert.deepEqual(await committed(store, part(8, 1), part(8, 0)), [{ kind: "given-up" }, { kind: "given-up" }]);
  assert.deepEqual(await allRows(store, "parts"), parts);
  const proofs = (await allRows(store, "proofs")).map(({ tag }) => tag);
  assert.deepEqual(proofs, [id(8 * 16), id(9 * 16)], "what was not kept is not proved");
  assert.equal((await committed(store, part(9, 1)))[0]?.kind, "delivered");
  await committed(store, { kind: "expire", now: until });
  assert.equal((await committed(store, part(8, 1)))[0]?.kind, "done", "it is not remembered for ever");
});

test("a start finds who has how much in the inbox", async () => {
  const { store: opened } = await reopened(folder, receive(3, 1, whole("four")), receive(4, 1, whole("seven!!")));
  await using store = opened;
  const rows = [
    { sender: address(3), size: 4 },
    { sender: address(4), size: 7 },
  ];
  assert.deepEqual(await allRows(store, "inbox"), rows);
});

test("the inbox is read behind a number, by port, and as much at a time as is wanted", async () => {
  const onPort = (index: number, port: number) =>
    receive(3, index, { kind: "whole", port, sent: 0, at: 0, octets: text(`${index}`) });
  const { store: opened } = await reopened(folder, ...[1, 2, 3, 4, 5, 6].map((index) => onPort(index, index % 2)));
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
  const { store: opened } = await reopened(folder, large(1), large(2), large(3));
  await using store = opened;
  const { rows, next } = await read(store, { kind: "inbox", after: 0, most: 10, port: undefined });
  assert.deepEqual(
    rows.map(({ content }) => [content.length, content[0]]),
    [[700_000, 1]],
  );
  assert.equal(next, rows[0]?.number);
});

test("what was received is remembered until the last of the times that its copies said", async () => {
  const copy = (at: number) => ({ ...receive(3, 1, whole("once")), until: time(at) });
  const { store: opened } = await reopened(folder, copy(500), copy(900), copy(400), { kind: "expire", now: time(899) });
  await using store = opened;
  assert.deepEqual(await committed(store, copy(950)), [{ kind: "repeated", what: "envelope" }]);
  await committed(store, { kind: "expire", now: time(950) });
  assert.equal((await committed(store, copy(990)))[0]?.kind, "delivered");
});
