/** Logs: what a record holds, what it never shows, and what a failing destination costs. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { FakeClock } from "@ropewalk/kernel/fake-clock";
import { OpsError } from "@ropewalk/ops/errors";
import { createLog, type LogLevel, type RootLog } from "@ropewalk/ops/log";
import { logFormat } from "@ropewalk/ops/log-section";
import { Secret } from "@ropewalk/ops/secret";
import fc from "fast-check";
import { formatLogLine } from "../src/pure/log-line.ts";

function capture(
  level: LogLevel = "info",
  format: "json" | "text" = "json",
): { readonly log: RootLog; readonly lines: string[] } {
  const lines: string[] = [];
  const destination = { write: (line: string) => void lines.push(line) };
  return {
    log: createLog({ level, format, destination, clock: new FakeClock(Date.UTC(2026, 10, 20, 12, 0, 1, 234)) }),
    lines,
  };
}

const record = (line: string | undefined): Record<string, unknown> => JSON.parse(line ?? "");

test("a JSON record is one line with level, time, fields and message", () => {
  const { log, lines } = capture();
  log.info({ uplink: "eth0", count: 2 }, "uplink lost");
  assert.deepEqual(lines, [
    '{"level":"info","time":"2026-11-20T12:00:01.234Z","uplink":"eth0","count":2,"message":"uplink lost"}\n',
  ]);
});

test("a message is never taken for a format", () => {
  const { log, lines } = capture();
  log.warn({ a: 1 }, "100 %s of %d %j");
  assert.equal(record(lines[0])["message"], "100 %s of %d %j");
});

test("records below the level are not written, and the level can change while running, for children too", () => {
  const { log, lines } = capture("warn");
  const child = log.child({ part: "probe" });
  child.info({}, "unseen");
  log.setLevel("debug");
  child.debug({}, "seen");
  assert.deepEqual(
    lines.map((line) => record(line)["message"]),
    ["seen"],
  );
  assert.equal(record(lines[0])["part"], "probe");
});

test("a secret shows as [secret] at the top, nested, in lists, in errors and in children's fields", () => {
  const { log, lines } = capture("debug");
  const secret = new Secret("hunter2");
  const error = Object.assign(
    new Error(`no entry with ${secret}`, { cause: Object.assign(new Error("inner"), { secret }) }),
    { secret },
  );
  log.child({ own: secret }).error(
    {
      secret,
      deep: { deeper: [secret, { secret }] },
      error,
      errors: [error],
      map: new Map([["k", secret]]),
      set: new Set([secret]),
    },
    "told",
  );
  assert.equal(lines.length, 1);
  assert.doesNotMatch(lines[0] ?? "", /hunter2/);
  assert.equal(lines[0]?.match(/\[secret\]/g)?.length, 14);
});

test("an error is its name, code, message and causes; its stack only at level debug", () => {
  const error = new OpsError("OPS_STORE_FULL", "no room", { cause: new Error("ENOSPC") });
  const { log, lines } = capture();
  log.error({ error }, "not stored");
  assert.deepEqual(record(lines[0])["error"], {
    name: "OpsError",
    message: "no room",
    code: "OPS_STORE_FULL",
    cause: { name: "Error", message: "ENOSPC" },
  });
  log.setLevel("debug");
  log.error({ error }, "not stored");
  assert.match(lines[1] ?? "", /"stack":"/);
});

test("a field cannot take the place of a part of the record", () => {
  const { log, lines } = capture();
  log.info({ level: "error", time: 0, message: "x" }, "real");
  const { level, time, message, ...fields } = record(lines[0]);
  assert.deepEqual([level, time, message], ["info", "2026-11-20T12:00:01.234Z", "real"]);
  assert.deepEqual(fields, { level_: "error", time_: 0, message_: "x" });
});

test("huge, cyclic, hostile and odd values make a bounded record and no error", () => {
  const { log, lines } = capture();
  const cycle: Record<string, unknown> = {};
  cycle["self"] = cycle;
  const wide = Object.fromEntries(Array.from({ length: 60 }, (_, index) => [`k${index}`, cycle]));
  const hostile = {
    get trap(): never {
      throw new Error("trap");
    },
  };
  log.info(
    {
      cycle,
      wide,
      hostile,
      big: 1n,
      bytes: new Uint8Array(5),
      text: "x".repeat(100_000),
      list: Array(10_000).fill(wide),
      fn: () => 1,
    },
    "odd",
  );
  assert.equal(lines.length, 1);
  assert.ok((lines[0]?.length ?? 0) < 100_000);
  assert.match(JSON.stringify(record(lines[0])["cycle"]), /^(\{"self":){5,7}"\[more\]"\}+$/);
  assert.equal(record(lines[0])["hostile"], "[unreadable]");
  assert.equal(record(lines[0])["big"], "1");
});

test("any fields make one line of valid JSON", () => {
  const { log, lines } = capture();
  fc.assert(
    fc.property(fc.dictionary(fc.string(), fc.anything()), fc.string(), (fields, message) => {
      lines.length = 0;
      log.info(fields, message);
      assert.equal(lines.length, 1);
      assert.match(lines[0] ?? "", /^[^\n]*\n$/);
      assert.equal(record(lines[0])["message"], message);
    }),
  );
});

test("a destination that fails costs lines, which are counted, and the log goes on when it recovers", () => {
  const written: string[] = [];
  let isBroken = true;
  const destination = {
    write: (line: string) => {
      if (isBroken) throw Object.assign(new Error("write EPIPE"), { code: "EPIPE" });
      written.push(line);
    },
  };
  const log = createLog({ level: "info", format: "json", destination, clock: new FakeClock() });
  log.info({}, "lost");
  log.child({}).info({}, "lost too");
  isBroken = false;
  log.info({}, "kept");
  assert.equal(log.lostLines, 2);
  assert.equal(written.length, 1);
});

test("the text form is one readable line; control characters cannot move a terminal's cursor", () => {
  const { log, lines } = capture("info", "text");
  log.warn(
    {
      name: "eth0",
      note: "two words",
      "e\u001b[2J": "x\u001b[2Jy\nz",
      error: new Error("a", { cause: new Error("b") }),
      list: [1],
    },
    "uplink\nlost",
  );
  assert.deepEqual(lines, [
    '12:00:01.234 warn  uplink\\u000alost  name=eth0 note="two words" e\\u001b[2J="x\\u001b[2Jy\\nz" error="a: b" list=[1]\n',
  ]);
});

test("the text form takes any text and gives one line", () => {
  fc.assert(
    fc.property(fc.oneof(fc.string({ unit: "binary" }), fc.json()), (text) => {
      assert.match(formatLogLine(text), /^[^\p{Cc}]*\n$/u);
    }),
  );
});

test("format auto is text on a terminal and JSON elsewhere", () => {
  assert.equal(logFormat("auto", true), "text");
  assert.equal(logFormat("auto", false), "json");
  assert.equal(logFormat("json", true), "json");
});
