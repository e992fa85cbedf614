/** The store: durable, private, migrated, and unharmed by what goes wrong around it. */
import assert from "node:assert/strict";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { FakeClock } from "@ropewalk/kernel/fake-clock";
import { millis } from "@ropewalk/kernel/units";
import { openStore, type Store } from "@ropewalk/ops/store";

const folder = mkdtempSync(join(tmpdir(), "ropewalk-store-"));
after(() => rmSync(folder, { recursive: true }));

const clock = new FakeClock(Date.UTC(2026, 10, 20));
const migrations = ["CREATE TABLE uplink (id TEXT PRIMARY KEY, name TEXT NOT NULL) STRICT"];
const open = (path: string, more: readonly string[] = []): Store =>
  openStore(path, { migrations: [...migrations, ...more], clock }).store;
const fresh = (name: string) => join(mkdtempSync(join(folder, "case-")), name);
const names = (store: Store) => store.all("SELECT name FROM uplink ORDER BY name").map((row) => row["name"]);

test("what was stored is there after the store is opened again", () => {
  const path = fresh("state.db");
  {
    using store = open(path);
    assert.equal(store.run("INSERT INTO uplink VALUES (?, ?)", "a", "eth0"), 1);
  }
  using store = open(path);
  assert.deepEqual(names(store), ["eth0"]);
});

test("the file and its journals are readable by their user alone, and so is the folder that is made for them", () => {
  const path = join(fresh("made"), "state.db");
  using store = open(path);
  store.run("INSERT INTO uplink VALUES ('a', 'eth0')");
  assert.equal(statSync(join(path, "..")).mode & 0o777, 0o700);
  const files = readdirSync(join(path, ".."));
  assert.deepEqual(files, ["state.db", "state.db-shm", "state.db-wal"]);
  for (const file of files) assert.equal(statSync(join(path, "..", file)).mode & 0o777, 0o600, file);
});

test("every write is on the disk when it returns", () => {
  using store = open(fresh("state.db"));
  assert.equal(store.all("PRAGMA journal_mode")[0]?.["journal_mode"], "wal");
  // 2 is FULL (https://sqlite.org/pragma.html#pragma_synchronous).
  assert.equal(store.all("PRAGMA synchronous")[0]?.["synchronous"], 2);
});

test("a transaction is done whole or not at all", () => {
  using store = open(":memory:");
  const failure = new Error("changed my mind");
  assert.throws(
    () =>
      store.transaction(() => {
        store.run("INSERT INTO uplink VALUES ('a', 'eth0')");
        throw failure;
      }),
    failure,
  );
  assert.deepEqual(names(store), []);
  assert.equal(
    store.transaction(() => store.run("INSERT INTO uplink VALUES ('b', 'eth1')")),
    1,
  );
  assert.deepEqual(names(store), ["eth1"]);
});

test("migrations run once each, in order", () => {
  const path = fresh("state.db");
  open(path)[Symbol.dispose]();
  const more = ["ALTER TABLE uplink ADD COLUMN metered INTEGER", "INSERT INTO uplink VALUES ('a', 'eth0', 1)"];
  for (let round = 0; round < 2; round += 1) {
    using store = open(path, more);
    assert.deepEqual(names(store), ["eth0"]);
    assert.equal(store.all("PRAGMA user_version")[0]?.["user_version"], 3);
  }
});

test("a migration that fails leaves the version before it, and what it held", () => {
  const path = fresh("state.db");
  open(path)[Symbol.dispose]();
  assert.throws(() => open(path, ["INSERT INTO uplink VALUES ('a', 'eth0'); INSERT INTO nowhere VALUES (1)"]), {
    code: "OPS_STORE_FAILED",
  });
  using store = open(path);
  assert.deepEqual(names(store), []);
});

test("a store of a newer Ropewalk is refused and left as it is", () => {
  const path = fresh("state.db");
  open(path, ["CREATE TABLE later (x) "])[Symbol.dispose]();
  assert.throws(() => open(path), { code: "OPS_STORE_NEWER" });
  assert.equal(
    readdirSync(join(path, "..")).some((file) => file.includes("corrupt")),
    false,
  );
});

test("a damaged file is set aside under a dated name, told, and replaced by an empty store", () => {
  for (const damage of ["header", "page"] as const) {
    const path = fresh("state.db");
    {
      using store = open(path);
      store.transaction(() => {
        for (let row = 0; row < 500; row += 1)
          store.run("INSERT INTO uplink VALUES (?, ?)", `id${row}`, "x".repeat(100));
      });
    }
    const octets = readFileSync(path);
    octets.fill(0xa5, damage === "header" ? 0 : 8_192, damage === "header" ? 100 : 16_384);
    writeFileSync(path, octets);
    const opened = openStore(path, { migrations, clock });
    using store = opened.store;
    assert.equal(opened.setAside?.path, `${path}.corrupt-2026-11-20T00-00-00-000Z`, damage);
    assert.deepEqual(readFileSync(opened.setAside.path), octets);
    assert.deepEqual(names(store), []);
  }
});

test("a full store says so with a code, and keeps what it had", () => {
  using store = open(fresh("state.db"));
  store.run("INSERT INTO uplink VALUES ('a', 'eth0')");
  store.all("PRAGMA max_page_count = 10");
  const fill = () =>
    store.transaction(() => {
      for (let row = 0; row < 1_000; row += 1)
        store.run("INSERT INTO uplink VALUES (?, ?)", `id${row}`, "x".repeat(1_000));
    });
  assert.throws(fill, { code: "OPS_STORE_FULL", message: /no room left/ });
  assert.deepEqual(names(store), ["eth0"]);
  store.run("INSERT INTO uplink VALUES ('b', 'eth1')");
});

test("a store that another process holds is told as busy after the wait", () => {
  const path = fresh("state.db");
  using first = open(path);
  using second = openStore(path, { migrations, clock, busyTimeout: millis(20) }).store;
  first.transaction(() => {
    assert.throws(() => second.run("INSERT INTO uplink VALUES ('a', 'eth0')"), { code: "OPS_STORE_BUSY" });
  });
});

test("a missing parent, a file for a folder and a folder for a file are told with what to do", () => {
  const code = "OPS_STORE_DIRECTORY";
  assert.throws(() => open(join(folder, "none", "none", "state.db")), { code, message: /its folder must exist/ });
  writeFileSync(join(folder, "file"), "");
  assert.throws(() => open(join(folder, "file", "state.db")), { code });
  mkdirSync(join(folder, "folder.db"));
  assert.throws(() => open(join(folder, "folder.db")), { code });
});

test("a place where nobody can write is told as read-only", () => {
  // Not even root can write to this file of the kernel's.
  const link = join(folder, "readonly.db");
  symlinkSync("/sys/kernel/uevent_seqnum", link);
  assert.throws(() => open(link), { code: "OPS_STORE_READ_ONLY", message: /make the file.*writable/ });
});

test("an error of the caller's own comes out of a transaction as it is", () => {
  using store = open(":memory:");
  assert.throws(() => store.transaction(() => readFileSync(join(folder, "nowhere"))), { code: "ENOENT" });
  assert.equal(existsSync(join(folder, ":memory:")), false);
});
