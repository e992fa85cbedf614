/** The store on a disk that cannot be written: it says so once, goes on reading, and writes again when it can. */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { after, test } from "node:test";
import type { StoreEvent } from "@ropewalk/mesh/io/store/store-messages";
import type { MessageStore } from "@ropewalk/mesh/io/store/store-thread";
import { committed, custody, inboxTexts, openStore, read, receive, StoreFolder, whole } from "../io/store/stores.ts";

/** This process alone; what is written beyond fails (setrlimit(2), RLIMIT_FSIZE), as it does on a disk that fails. */
const mayWrite = (octets: string) => execFileSync("prlimit", [`--fsize=${octets}:`, "--pid", String(process.pid)]);
after(() => mayWrite("unlimited"));

test("what cannot be written is refused, and nothing of it is there; reads go on, and so does all once it can", async () => {
  using folder = new StoreFolder();
  const events: StoreEvent[] = [];
  await using store = await openStore(folder.path, events);
  await committed(store, receive(3, 1, whole("before")));
  mayWrite("0");
  for (let index = 2; index < 5; index += 1) {
    const answer = await store.write([receive(3, index, whole("lost"))]);
    assert.equal(answer.kind === "refused" && answer.reason, "failed");
    assert.deepEqual(await inboxTexts(store), ["before"]);
  }
  mayWrite("unlimited");
  await isCommittedAgain(store);
  assert.deepEqual(
    events.map(({ kind }) => kind),
    ["failing", "working"],
  );
  await committed(store, receive(3, 2, whole("behind")));
  assert.deepEqual(await inboxTexts(store), ["before", "behind"]);
  assert.equal((await read(store, { kind: "figures" })).seen, 2);
});

async function isCommittedAgain(store: MessageStore): Promise<void> {
  while ((await store.write([custody(1)])).kind !== "committed");
}
