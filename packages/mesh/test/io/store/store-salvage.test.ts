/** A store whose file was damaged: what is left of it goes on, nothing is taken for what it is not, and the damaged one is kept. */
import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { after, before, beforeEach, test } from "node:test";
import { bytes } from "@ropewalk/kernel/units";
import type { StoreEvent } from "@ropewalk/mesh/io/store/store-messages";
import { MessageStore } from "@ropewalk/mesh/io/store/store-thread";
import { Random } from "@ropewalk/simnet/random";
import { rowsOfEach, wholeStore } from "./damaged-stores.ts";
import { allRows, clock, committed, inboxTexts, openStore, read, receive, StoreFolder, whole } from "./stores.ts";

const pageLength = 4096;
const tables = ["custody", "outbox", "sealed", "contacts", "chains", "prekeys", "proofs"] as const;
const original = new StoreFolder();
let octets = new Uint8Array();
let expected = new Map<string, ReadonlySet<string>>();
before(async () => {
  await wholeStore(original);
  octets = readFileSync(original.path);
  await using store = await openStore(original.path);
  expected = new Map(Object.entries(await everything(store)).map(([name, rows]) => [name, new Set(rows)]));
});
let folder = new StoreFolder();
beforeEach(() => {
  folder[Symbol.dispose]();
  folder = new StoreFolder();
});
after(() => {
  for (const each of [original, folder]) each[Symbol.dispose]();
});

/** All that can be read of it, as text. */
async function everything(store: MessageStore): Promise<Readonly<Record<string, readonly string[]>>> {
  const rows: Record<string, readonly string[]> = { inbox: await inboxTexts(store) };
  for (const table of tables)
    rows[table] = (await allRows(store, table)).map((row) => JSON.stringify(row, (_, value) => asText(value)));
  return rows;
}

const asText = (value: unknown) => (value instanceof Uint8Array ? value.toHex() : value);
const files = () => readdirSync(dirname(folder.path)).toSorted();

/** Opens what was made of the original, and says how many rows are not there any more; what is there must be what was put. */
async function lostOf(
  damaged: Uint8Array,
): Promise<{ readonly lost: ReadonlyMap<string, number>; readonly start: string }> {
  writeFileSync(folder.path, damaged);
  await using store = await openStore(folder.path);
  const { start, salvaged } = store.opened;
  const lost = new Map<string, number>();
  for (const [name, rows] of Object.entries(await everything(store))) {
    const all = expected.get(name) ?? new Set();
    for (const row of rows) assert.ok(all.has(row), `${name}: ${row} was never put`);
    if (rows.length < all.size) lost.set(name, all.size - rows.length);
    const told = salvaged?.tables.find((table) => table.name === name);
    if (told !== undefined) assert.equal(told.saved, rows.length, name);
  }
  if (salvaged !== undefined)
    assert.deepEqual(new Uint8Array(readFileSync(salvaged.aside)), new Uint8Array(damaged), "it is kept as it was");
  return { lost, start };
}

test("a page of random octets costs the rows that were on it, of one table, and each other row is there", async () => {
  const seed = Date.now() % 2 ** 31;
  const chance = new Random(seed);
  for (let round = 0; round < 6; round += 1) {
    const damaged = new Uint8Array(octets);
    const page = Math.floor(chance.unit() * (octets.length / pageLength));
    for (let at = 0; at < pageLength; at += 1) damaged[page * pageLength + at] = Math.floor(chance.unit() * 256);
    const { lost, start } = await lostOf(damaged);
    assert.equal(start, "salvaged", `seed ${seed}, page ${page}`);
    assert.ok(lost.size <= 1, `seed ${seed}, page ${page}: ${[...lost]}`);
  }
});

test("of a table whose page is broken in its middle, just the rows on that page are lost", async () => {
  const damaged = Buffer.from(octets);
  const page = Math.floor(damaged.indexOf("300 ....") / pageLength) * pageLength;
  const lostRows = damaged.toString("latin1", page, page + pageLength).match(/\d+ \.{100}/g)?.length ?? 0;
  damaged.fill(0xa5, page, page + pageLength);
  assert.ok(lostRows > 5 && lostRows < 30, `${lostRows}`);
  assert.deepEqual(await lostOf(damaged), { lost: new Map([["inbox", lostRows]]), start: "salvaged" });
});

test("where the header is gone, or any page of what tables there are, nothing is lost but that", async () => {
  // Every store has those of its tables on its first page, and two that follow its tables' own.
  const places = [
    [0, 100],
    [0, pageLength],
    [34 * pageLength, 35 * pageLength],
    [35 * pageLength, 36 * pageLength],
  ] as const;
  for (const [from, to] of places) {
    const damaged = new Uint8Array(octets).fill(0xa5, from, to);
    assert.deepEqual(await lostOf(damaged), { lost: new Map(), start: "salvaged" }, `${from}`);
  }
});

test("of a file that was cut off, what is in front of the cut is there", async () => {
  for (const share of [0.3, 0.6, 0.9]) {
    const { lost, start } = await lostOf(octets.slice(0, Math.floor(octets.length * share)));
    assert.equal(start, "salvaged");
    const sum = [...lost.values()].reduce((total, one) => total + one, 0);
    assert.ok(sum > 0 && sum < tables.length * rowsOfEach, `${share}: ${sum}`);
  }
});

test("octets that were changed where SQLite does not look are never given out: that row goes, and is told", async () => {
  const damaged = Buffer.from(octets);
  const at = damaged.indexOf("321 ....");
  damaged[at] = "9".charCodeAt(0);
  writeFileSync(folder.path, damaged);
  const events: StoreEvent[] = [];
  await using store = await openStore(folder.path, events);
  assert.equal(store.opened.start, "kept");
  const texts = await inboxTexts(store);
  assert.equal(texts.length, rowsOfEach - 1);
  assert.ok(texts.every((text) => expected.get("inbox")?.has(text)));
  const [event] = events;
  const told = event?.kind === "salvaged" ? event.salvaged.tables.find(({ name }) => name === "inbox") : undefined;
  assert.deepEqual(told, { name: "inbox", saved: rowsOfEach - 1, refused: 1, breaks: 0 });
  await committed(store, receive(3, 9_999, whole("goes on")));
  assert.equal((await inboxTexts(store)).at(-1), "goes on");
});

/** The original, of which a row of `table` ends at another time than its index says. */
function withWrongIndex(table: string): void {
  writeFileSync(folder.path, octets);
  const name = `${table}_until`;
  const change = (sql: string) => {
    // What tables and indexes there are, a connection reads once.
    using database = new DatabaseSync(folder.path, { defensive: false });
    database.exec(`PRAGMA writable_schema = ON; ${sql}`);
  };
  change(`CREATE TABLE kept AS SELECT * FROM sqlite_schema WHERE name = '${name}'`);
  change(`DELETE FROM sqlite_schema WHERE name = '${name}'`);
  change(`UPDATE ${table} SET until = until + 1 WHERE row = 5`);
  change("INSERT INTO sqlite_schema SELECT * FROM kept");
  change("DROP TABLE kept");
}

test("an index that does not say what is in its table is found behind the start, and costs no row", async () => {
  withWrongIndex("proofs");
  const found = Promise.withResolvers<StoreEvent>();
  const deps = { clock, onEvent: found.resolve, onDeath: found.reject };
  await using store = await MessageStore.open({ path: folder.path, reserve: bytes(4_096) }, deps);
  assert.equal(store.opened.start, "kept");
  assert.equal((await found.promise).kind, "salvaged");
  const rows = await everything(store);
  assert.deepEqual(
    Object.entries(rows).map(([name, { length }]) => [name, length]),
    [...expected].map(([name, { size }]) => [name, size]),
  );
});

test("that of what was received is looked at before anything is: by it alone nothing is delivered twice", async () => {
  withWrongIndex("seen");
  await using store = await openStore(folder.path);
  assert.equal(store.opened.start, "salvaged");
});

test("what is no database at all is kept, and a new store begins with numbers above the old one's", async () => {
  const number = async (store: MessageStore) => {
    const [outcome] = await committed(store, receive(3, 9_999, whole("one")));
    return outcome?.kind === "delivered" ? outcome.number : 0;
  };
  let first = 0;
  {
    await using store = await openStore(folder.path);
    first = await number(store);
  }
  for (const damaged of ["no database ".repeat(1_000), "x"]) {
    writeFileSync(folder.path, damaged);
    await using store = await openStore(folder.path);
    assert.equal(store.opened.start, "salvaged");
    assert.equal(readFileSync(store.opened.salvaged?.aside ?? "", "utf8"), damaged);
    assert.ok((await number(store)) > first);
  }
});

test("a number that was given is not given again, though its row was taken and its count lost", async () => {
  const numbers = async (...contents: readonly string[]) => {
    await using store = await openStore(folder.path);
    const operations = contents.map((content) => receive(3, content.charCodeAt(0), whole(content)));
    const outcomes = await committed(store, ...operations);
    const given = outcomes.map((outcome) => (outcome.kind === "delivered" ? outcome.number : 0));
    const last = given.at(-1) ?? 0;
    await committed(store, { kind: "take", number: last });
    return { last, texts: await inboxTexts(store) };
  };
  const before = await numbers("a", "b", "c");
  const damaged = readFileSync(folder.path).fill(0xa5, 0, 100);
  writeFileSync(folder.path, damaged);
  const behind = await numbers("d");
  assert.ok(behind.last > before.last);
  assert.deepEqual(behind.texts, ["a", "b"]);
});

test("a store that is gone or empty is told as lost, and a new one as new", async () => {
  const started = async () => {
    await using store = await openStore(folder.path);
    return store.opened.start;
  };
  assert.deepEqual([await started(), await started()], ["new", "kept"]);
  writeFileSync(folder.path, "");
  assert.deepEqual([await started(), await started()], ["lost", "kept"]);
  rmSync(folder.path);
  assert.deepEqual([await started(), await started()], ["lost", "kept"]);
});

test("a machine that stops while a store is saved finds the old one at its next start, or the saved one", async () => {
  writeFileSync(folder.path, octets);
  writeFileSync(`${folder.path}.saved`, "half");
  {
    await using store = await openStore(folder.path);
    assert.equal(store.opened.start, "kept");
    assert.equal((await inboxTexts(store)).length, rowsOfEach);
  }
  // As if it had stopped when the damaged one was set aside, and its journal not yet.
  renameSync(folder.path, `${folder.path}.saved`);
  writeFileSync(`${folder.path}-wal`, "a journal of the one that was damaged");
  await using store = await openStore(folder.path);
  assert.equal((await inboxTexts(store)).length, rowsOfEach);
  assert.ok(files().some((name) => /corrupt-.*-wal$/.test(name)));
  assert.ok(!existsSync(`${folder.path}.saved`));
});

test("of damaged stores the last three are kept", async () => {
  for (let round = 0; round < 5; round += 1) {
    writeFileSync(folder.path, `no database ${round} `.repeat(1_000));
    await using store = await openStore(folder.path);
    assert.equal((await read(store, { kind: "figures" })).inbox, 0);
  }
  const kept = files().filter((name) => /corrupt-.*Z$/.test(name));
  assert.deepEqual(
    kept.map((name) => readFileSync(`${dirname(folder.path)}/${name}`, "utf8").slice(0, 13)),
    [2, 3, 4].map((round) => `no database ${round}`),
  );
});
