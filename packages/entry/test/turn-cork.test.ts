/** What goes to the database in one turn goes out together. */
import assert from "node:assert/strict";
import { Writable } from "node:stream";
import { test } from "node:test";
import { TurnCork } from "@ropewalk/entry/io/turn-cork";

test("what is written in one turn goes out at its end, together and in its order, and what comes later by itself", async () => {
  const out: string[] = [];
  const stream = new Writable({
    write: (chunk, _encoding, done) => {
      out.push(String(chunk));
      done();
    },
    writev: (chunks, done) => {
      out.push(chunks.map(({ chunk }) => String(chunk)).join(""));
      done();
    },
  });
  const cork = new TurnCork(stream);
  const statement = (...parts: readonly string[]) => {
    cork.hold();
    // As pg does it for each.
    stream.cork();
    for (const part of parts) stream.write(part);
    stream.uncork();
  };
  statement("one ", "two ");
  statement("three");
  assert.deepEqual(out, []);
  await new Promise(setImmediate);
  assert.deepEqual(out, ["one two three"]);
  statement("four");
  await new Promise(setImmediate);
  assert.deepEqual(out, ["one two three", "four"]);
  assert.equal(stream.writableCorked, 0);
});
