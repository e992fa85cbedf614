/** The signals of answers under way: each ends by itself, and all of them when entry stops. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { AnswersUnderWay } from "@ropewalk/entry/http/answers-under-way";

const [late, stopped] = [new Error("too late"), new Error("entry stops")];

test("an answer that takes too long is told so alone", () => {
  const answers = new AnswersUnderWay();
  const [one, other] = [answers.begin(), answers.begin()];
  one.abort(late);
  assert.deepEqual([one.signal.reason, other.signal.aborted], [late, false]);
});

test("a stop ends what is under way, and what begins behind it; what was answered before does not hear of it", () => {
  const answers = new AnswersUnderWay();
  const [answered, open, overdue] = [answers.begin(), answers.begin(), answers.begin()];
  answered[Symbol.dispose]();
  overdue.abort(late);
  answers.stop(stopped);
  const behind = answers.begin();
  assert.deepEqual(
    [answered.signal.aborted, open.signal.reason, overdue.signal.reason, behind.signal.reason],
    [false, stopped, late, stopped],
  );
});
