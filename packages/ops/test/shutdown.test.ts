/** Stopping: in order, with deadlines, to an end in every case. */
import assert from "node:assert/strict";
import { EventEmitter } from "node:events";
import { test } from "node:test";
import { FakeClock } from "@ropewalk/kernel/fake-clock";
import { seconds } from "@ropewalk/kernel/units";
import { Shutdown } from "@ropewalk/ops/shutdown";
import { installSignals } from "@ropewalk/ops/signals";

/** Lets promises that are already settled take their course. */
const settle = () => new Promise<void>((resolve) => setImmediate(resolve));

test("phases run in order, the tasks of one side by side", async () => {
  const seen: string[] = [];
  const shutdown = new Shutdown({
    clock: new FakeClock(),
    onState: (state, reason) => seen.push(`${state}: ${reason}`),
  });
  shutdown.register("clean-up", { name: "routes", run: () => void seen.push("routes") });
  shutdown.register("persisting", { name: "store", run: () => void seen.push("store") });
  shutdown.register("draining", { name: "api", run: () => void seen.push("api") });
  const report = await shutdown.begin("SIGTERM");
  assert.deepEqual(seen, [
    "draining: SIGTERM",
    "api",
    "persisting: SIGTERM",
    "store",
    "clean-up: SIGTERM",
    "routes",
    "complete: SIGTERM",
  ]);
  assert.deepEqual(report, { reason: "SIGTERM", failures: [] });
  assert.equal(shutdown.state, "complete");
});

test("a task that overruns its deadline is told to stop, abandoned and named; the rest goes on", async () => {
  const clock = new FakeClock();
  const shutdown = new Shutdown({ clock });
  let abortReason: unknown;
  const cleaned: string[] = [];
  shutdown.register("draining", {
    name: "stuck",
    deadline: seconds(2),
    run: (signal) => {
      signal.addEventListener("abort", () => {
        abortReason = signal.reason;
      });
      return new Promise(() => {});
    },
  });
  shutdown.register("clean-up", { name: "routes", run: () => void cleaned.push("routes") });
  const done = shutdown.begin("test");
  clock.advance(seconds(1));
  await settle();
  assert.equal(shutdown.state, "draining");
  clock.advance(seconds(1));
  const report = await done;
  assert.deepEqual(cleaned, ["routes"]);
  assert.deepEqual(
    report.failures.map(({ phase, task }) => [phase, task]),
    [["draining", "stuck"]],
  );
  assert.match(String(abortReason), /stuck did not end within 2000 ms and was abandoned/);
  assert.deepEqual(clock.pendingTimers(), []);
});

test("no task has longer than its phase", async () => {
  const clock = new FakeClock();
  const deadlines = { draining: seconds(1), persisting: seconds(1), "clean-up": seconds(1) };
  const shutdown = new Shutdown({ clock, deadlines });
  shutdown.register("draining", { name: "greedy", deadline: seconds(60), run: () => new Promise(() => {}) });
  const done = shutdown.begin("test");
  clock.advance(seconds(1));
  assert.equal((await done).failures.length, 1);
});

test("a task that throws is reported and stops nothing", async () => {
  const shutdown = new Shutdown({ clock: new FakeClock() });
  const error = new Error("disk full");
  shutdown.register("persisting", {
    name: "store",
    run: () => {
      throw error;
    },
  });
  assert.deepEqual((await shutdown.begin("test")).failures, [{ phase: "persisting", task: "store", error }]);
});

test("it runs once; what was taken out does not run; what comes too late is a defect", async () => {
  const runs: string[] = [];
  const shutdown = new Shutdown({ clock: new FakeClock() });
  shutdown.register("draining", { name: "counted", run: () => void runs.push("counted") });
  shutdown.register("draining", { name: "withdrawn", run: () => void runs.push("withdrawn") })[Symbol.dispose]();
  assert.equal(shutdown.begin("first"), shutdown.begin("second"));
  assert.throws(() => shutdown.register("clean-up", { name: "late", run: () => {} }), /came too late/);
  await shutdown.begin("third");
  assert.deepEqual(runs, ["counted"]);
});

test("the first signal stops, a second ends at once with the shell's code, SIGHUP reloads", () => {
  const source = new EventEmitter();
  const seen: unknown[] = [];
  const installed = installSignals(source, {
    stop: (signal) => seen.push(signal),
    reload: () => seen.push("reload"),
    exit: (code) => seen.push(code),
  });
  source.emit("SIGHUP");
  source.emit("SIGTERM");
  source.emit("SIGINT");
  source.emit("SIGTERM");
  assert.deepEqual(seen, ["reload", "SIGTERM", 130, 143]);
  installed[Symbol.dispose]();
  assert.deepEqual(source.eventNames(), []);
});
