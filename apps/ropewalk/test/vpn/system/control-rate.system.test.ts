/** How many sessions go through one node, which the test tells and does not judge: the machine has other work. */
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { admin, ControlScene, requestOf } from "./control-scene.ts";

test("hundreds of sessions are started and ended through one node", async (t) => {
  await using scene = await ControlScene.open();
  const replica = await scene.replica();
  const { exit } = await scene.exit(replica, "busy");
  const count = 600;
  const left = [...(await scene.customers(count))];
  const took: number[] = [];
  const signal = AbortSignal.timeout(60_000);
  const worker = async () => {
    for (let customer = left.pop(); customer !== undefined; customer = left.pop()) {
      const began = performance.now();
      const started = await replica.control.start(requestOf(customer));
      took.push(performance.now() - began);
      assert.ok(started.kind === "active", JSON.stringify(started));
      const ended = await replica.control.end(started.session.id, customer.id, admin, signal);
      assert.ok(ended.kind === "terminated" && ended.isConfirmed);
    }
  };
  const [began, cpu, ofServer] = [performance.now(), process.cpuUsage(), cpuOf(scene.server.pid ?? 0)];
  await Promise.all(Array.from({ length: 32 }, worker));
  const seconds = (performance.now() - began) / 1000;
  const { user, system } = process.cpuUsage(cpu);
  took.sort((a, b) => a - b);
  const at = (share: number) => took[Math.floor(share * (took.length - 1))]?.toFixed(1);
  t.diagnostic(
    `${(count / seconds).toFixed(0)} starts and as many ends a second, 32 at a time; a start took ${at(0.5)} ms, 99 % up to ${at(0.99)} ms`,
  );
  t.diagnostic(
    `${((user + system) / 1e6 / seconds).toFixed(2)} cores in this process, the exit among it; ${exit.calls.length} calls`,
  );
  t.diagnostic(`${((cpuOf(scene.server.pid ?? 0) - ofServer) / seconds).toFixed(2)} cores in the database`);
  assert.deepEqual(exit.peers(), []);
});

/** Seconds of a processor that a server and its children have had (proc(5), in hundredths). */
function cpuOf(server: number): number {
  const stats = readdirSync("/proc").flatMap((name) => (/^\d+$/.test(name) ? fieldsOf(name) : []));
  const own = stats.filter(({ pid, parent }) => pid === server || parent === server);
  return own.reduce((sum, { ticks }) => sum + ticks, 0) / 100;
}

function fieldsOf(pid: string) {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ").at(-1)?.split(" ") ?? [];
    return [{ pid: Number(pid), parent: Number(fields[1]), ticks: Number(fields[11]) + Number(fields[12]) }];
  } catch {
    return [];
  }
}
