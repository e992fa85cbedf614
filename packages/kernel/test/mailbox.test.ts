import assert from "node:assert/strict";
import { test } from "node:test";
import { Mailbox } from "@ropewalk/kernel/mailbox";

test("a mailbox hands over everything queued, in order, and refuses what does not fit", async () => {
  const mailbox = new Mailbox<number>(3);
  assert.deepEqual(
    [1, 2, 3, 4].map((item) => mailbox.offer(item)),
    [true, true, true, false],
  );
  assert.equal(mailbox.refused, 1);
  const batches = mailbox.batches();
  assert.deepEqual((await batches.next()).value, [1, 2, 3]);
  const pending = batches.next();
  mailbox.offer(5);
  assert.deepEqual((await pending).value, [5]);
});

test("a closed mailbox gives what it holds and then ends", async () => {
  const mailbox = new Mailbox<string>(2);
  mailbox.offer("last");
  mailbox.close();
  assert.equal(mailbox.offer("too late"), false);
  assert.deepEqual(await Array.fromAsync(mailbox.batches()), [["last"]]);
});
