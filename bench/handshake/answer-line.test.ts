import assert from "node:assert/strict";
import { test } from "node:test";
import { parseAnswerLine } from "./answer-line.ts";

test("a refusal that is told by itself counts one, and those that are told together count all", () => {
  const one = parseAnswerLine('{"remote":"a 1","outcome":"refused","by":"us","reason":"shed","detail":"","text":"no"}');
  assert.deepEqual(one, { kind: "refused", numbers: { shed: 1 }, text: "no" });
  const more = parseAnswerLine('{"outcome":"refused","more":{"shed":3,"rate-limited":960}}');
  assert.deepEqual(more, { kind: "refused", numbers: { shed: 3, "rate-limited": 960 }, text: "" });
});

test("who listens says where, and a session says how long it took", () => {
  const listening = parseAnswerLine('{"listening":{"address":"127.0.0.1","port":7}}');
  assert.deepEqual(listening, { kind: "listening", port: 7 });
  const times = { connectMs: 1, tlsMs: 4, establishedMs: 9 };
  assert.deepEqual(parseAnswerLine(JSON.stringify({ outcome: "established", times })), { kind: "established", times });
});

test("a line of another kind is not passed over", () => {
  assert.throws(() => parseAnswerLine('{"outcome":"postponed"}'), /not known here: .*postponed/);
});
