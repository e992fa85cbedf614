/** What signals do to a daemon from the moment on in which it begins to start. */
import assert from "node:assert/strict";
import { EventEmitter } from "node:events";
import { test } from "node:test";
import { createSystemClock } from "@ropewalk/kernel/system-clock";
import type { CommandContext } from "../src/command-context.ts";
import { type Stoppable, untilStopped } from "../src/compose/until-stopped.ts";

/** A daemon that says when it was started, reloaded and stopped, and starts when it is let. */
function arranged() {
  const signals = new EventEmitter();
  const done: string[] = [];
  const start = Promise.withResolvers<void>();
  const daemon = {
    log: { error: () => {} },
    reload: async () => void done.push("reloaded"),
    stop: async (reason: string) => {
      done.push(`stopped by ${reason}`);
      return { failures: [] };
    },
  } as unknown as Stoppable;
  const exit = (code: number) => void done.push(`exit ${code}`);
  const context = { signals, clock: createSystemClock(), exit } as unknown as CommandContext;
  const code = untilStopped(context, "reload", async () => {
    await start.promise;
    done.push("started");
    return daemon;
  });
  return { signals, done, start, code };
}

test("a daemon that is stopped while it starts stops as soon as it has started", async () => {
  const { signals, done, start, code } = arranged();
  signals.emit("SIGTERM");
  assert.deepEqual(done, []);
  start.resolve();
  assert.equal(await code, 0);
  assert.deepEqual(done, ["started", "stopped by SIGTERM"]);
});

test("a daemon that is told to reload while it starts does so when it has started", async () => {
  const { signals, done, start, code } = arranged();
  signals.emit("SIGHUP");
  start.resolve();
  setImmediate(() => signals.emit("SIGINT"));
  assert.equal(await code, 0);
  assert.deepEqual(done, ["started", "reloaded", "stopped by SIGINT"]);
});

test("a daemon that cannot start leaves no listener, and says why", async () => {
  const { signals, start, code } = arranged();
  start.reject(new Error("no room"));
  await assert.rejects(code, /no room/);
  assert.equal(signals.listenerCount("SIGTERM"), 0);
});
