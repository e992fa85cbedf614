/** The wheel on a machine in memory: how it is taken, confirmed and given back, and what becomes of it when things fail. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Kept } from "@ropewalk/backhaul/pure/steering/standing";
import type { SteeringConfig } from "@ropewalk/backhaul/pure/steering/steering-config";
import type { SteeringService } from "@ropewalk/backhaul/steering/steering";
import type { FlowMarksOutcome } from "@ropewalk/host/linux/flow-marks";
import { millis, seconds } from "@ropewalk/kernel/units";
import { deciding, uplink } from "../pure/steering/uplink-fixture.ts";
import { errnos, refused } from "./fake-machine.ts";
import { onTrial, SteeringBench, unasked } from "./steering-bench.ts";

const watching: SteeringConfig = { ...onTrial, monitorOnly: true };
const dryRun: SteeringConfig = { ...onTrial, executeCommands: false };
const both = [uplink(1, "healthy", "healthy"), uplink(2, "healthy", "healthy")];

/** Two good uplinks, of which the first is in use. */
function createBench() {
  const bench = new SteeringBench();
  for (const slot of [1, 2]) bench.machine.addUplink(slot);
  bench.show(both, deciding(1));
  return { bench, untouched: bench.machine.all };
}

const standingOf = ({ status: { standing } }: SteeringService) =>
  standing.kind === "waiting" ? `waiting: ${standing.because}` : standing.kind;

/** What is awaited without a timer has happened. */
const settle = () => new Promise<void>((resolve) => setImmediate(resolve));

test("a trial that is confirmed is for good, also after a restart", async () => {
  const { bench, untouched } = createBench();
  const steering = await bench.start(onTrial);
  assert.equal(standingOf(steering), "waiting: not-taken");
  assert.deepEqual(bench.machine.all, untouched);
  assert.deepEqual(await steering.take(), { kind: "done" });
  assert.equal(standingOf(steering), "trial");
  assert.equal(steering.status.confirmBy, bench.machine.clock.wall() + 60_000);
  assert.match(bench.health, /degraded: .*on trial/);
  assert.notDeepEqual(bench.machine.all, untouched);
  assert.deepEqual(await steering.confirm(), { kind: "done" });
  assert.deepEqual([standingOf(steering), steering.status.confirmBy], ["steering", null]);
  assert.equal(bench.health, "healthy: all is well");
  bench.machine.clock.advance(seconds(3_600));
  assert.equal(standingOf(steering), "steering");
  await settle();
  const { all } = bench.machine;
  await steering[Symbol.asyncDispose]();
  assert.deepEqual(bench.machine.all, all, "it goes on without us");
  await using again = await bench.start(onTrial);
  assert.equal(standingOf(again), "steering");
  await settle();
  assert.deepEqual(bench.machine.all, all);
});

test("a trial that nobody confirms in time is given back, and the wheel can be taken again", async () => {
  const { bench, untouched } = createBench();
  await using steering = await bench.start(onTrial);
  await steering.take();
  bench.machine.clock.advance(millis(59_999));
  assert.equal(standingOf(steering), "trial");
  bench.taken();
  bench.machine.clock.advance(millis(1));
  await settle();
  assert.equal(standingOf(steering), "waiting: unconfirmed");
  assert.deepEqual(bench.machine.all, untouched);
  assert.equal(bench.taken().at(-1), "given-back");
  assert.equal(bench.memory.load(), "unconfirmed");
  assert.equal(bench.health, "healthy: all is well");
  assert.equal((await steering.confirm()).kind, "refused");
  assert.deepEqual(await steering.take(), { kind: "done" });
});

test("where nobody is asked it steers from the beginning, until somebody purges", async () => {
  const { bench, untouched } = createBench();
  const steering = await bench.start(unasked);
  assert.equal(standingOf(steering), "steering");
  assert.equal((await steering.take()).kind, "refused");
  assert.deepEqual(await steering.purge(), { kind: "done" });
  assert.deepEqual(bench.machine.all, untouched);
  await steering[Symbol.asyncDispose]();
  await using again = await bench.start(unasked);
  assert.equal(standingOf(again), "waiting: purged");
  assert.deepEqual(bench.machine.all, untouched);
  assert.deepEqual(await again.take(), { kind: "done" });
  assert.equal(standingOf(again), "steering");
});

test("every start begins as was kept, and what was left half done is taken out of the kernel", async () => {
  const kept = ["nothing", "trial", "purging", "unconfirmed", "purged", "confirmed"] as const satisfies readonly Kept[];
  for (const config of [onTrial, unasked, watching, dryRun]) {
    for (const one of kept) {
      const { bench, untouched } = createBench();
      const before = await bench.start(unasked);
      await settle();
      const { all } = bench.machine;
      await before[Symbol.asyncDispose]();
      bench.memory.save(one);
      await using steering = await bench.start(config);
      await settle();
      const isPurged = one === "trial" || one === "purging";
      assert.deepEqual(bench.machine.all, isPurged ? untouched : all, `${one}, ${JSON.stringify(config)}`);
      if (isPurged) assert.equal(bench.memory.load(), one === "trial" ? "unconfirmed" : "purged");
      const isLeftAlone = !isPurged && standingOf(steering) !== "steering";
      assert.equal(bench.health.startsWith("degraded"), isLeftAlone, bench.health);
    }
  }
});

test("a purge of which a write is refused says so and stays begun, and the next start ends it", async () => {
  const { bench, untouched } = createBench();
  const probe = await bench.start(unasked);
  await settle();
  const before = bench.machine.writes.length;
  await probe.purge();
  const changes = bench.machine.writes.slice(before).filter((write) => !("value" in write)).length;
  await probe[Symbol.asyncDispose]();
  for (let failing = 1; failing <= changes; failing += 1) {
    bench.memory.save("confirmed");
    const steering = await bench.start(unasked);
    let written = 0;
    bench.machine.onWrite = () => {
      written += 1;
      return written === failing ? refused(errnos.EPERM) : undefined;
    };
    const outcome = await steering.purge();
    assert.match(outcome.kind === "refused" ? outcome.reason : "", /not everything/, `write ${failing}`);
    assert.deepEqual([standingOf(steering), bench.memory.load()], ["waiting: purged", "purging"]);
    bench.machine.onWrite = () => undefined;
    await steering[Symbol.asyncDispose]();
    await using _next = await bench.start(unasked);
    assert.deepEqual([bench.memory.load(), bench.machine.all], ["purged", untouched], `write ${failing}`);
  }
});

test("a purge that nft refuses stays begun too", async () => {
  const { bench } = createBench();
  await using steering = await bench.start(unasked);
  bench.machine.nft = async () => ({ kind: "refused", detail: "no" });
  assert.equal((await steering.purge()).kind, "refused");
  assert.equal(bench.memory.load(), "purging");
});

test("while everything is given back nobody takes the wheel, and nobody confirms what is going away", async () => {
  const { bench, untouched } = createBench();
  await using steering = await bench.start(onTrial);
  await steering.take();
  await settle();
  const nft = Promise.withResolvers<FlowMarksOutcome>();
  bench.machine.nft = () => nft.promise;
  const purging = steering.purge();
  assert.equal((await steering.confirm()).kind, "refused");
  assert.equal((await steering.take()).kind, "refused");
  bench.machine.nft = async () => ({ kind: "done" });
  nft.resolve({ kind: "done" });
  assert.deepEqual(await purging, { kind: "done" });
  assert.deepEqual([standingOf(steering), bench.memory.load()], ["waiting: purged", "purged"]);
  assert.deepEqual(bench.machine.all, untouched);
});

test("refused writes make the node degraded until they are done, though nothing else happens", async () => {
  const { bench } = createBench();
  bench.machine.onWrite = () => refused(errnos.ENOBUFS);
  await using steering = await bench.start(unasked);
  assert.ok(steering.status.unmet.length > 0);
  assert.match(bench.health, /degraded: \d+ things are not as they should be, among them /);
  bench.machine.onWrite = () => undefined;
  bench.machine.clock.advance(seconds(1));
  assert.deepEqual(steering.status.unmet, []);
  assert.equal(bench.health, "healthy: all is well");
});

test("a node that may not change the machine refuses the wheel and says what it lacks", async () => {
  const { bench, untouched } = createBench();
  bench.lack = "it needs CAP_NET_ADMIN, which root has";
  await using steering = await bench.start(onTrial);
  assert.deepEqual(await steering.take(), { kind: "refused", reason: bench.lack });
  assert.deepEqual(bench.machine.all, untouched);
  bench.memory.save("confirmed");
  await using _held = await bench.start(onTrial);
  assert.match(bench.health, /degraded: traffic cannot be moved: it needs CAP_NET_ADMIN/);
  assert.deepEqual(bench.machine.all, untouched, "what it might still write would be half of a whole");
});

test("who cannot get hold of the machine has not taken the wheel, and may try again", async () => {
  const { bench, untouched } = createBench();
  await using steering = await bench.start(onTrial);
  bench.handsFault = "no more descriptors";
  assert.deepEqual(await steering.take(), { kind: "refused", reason: "no more descriptors" });
  assert.deepEqual([standingOf(steering), bench.memory.load()], ["waiting: not-taken", "nothing"]);
  assert.deepEqual(bench.machine.all, untouched);
  bench.handsFault = undefined;
  assert.deepEqual(await steering.take(), { kind: "done" });
});

test("who cannot write down that he takes the wheel does not take it", async () => {
  const { bench, untouched } = createBench();
  await using steering = await bench.start(onTrial);
  bench.onStatement = fullDisk;
  assert.deepEqual(await steering.take(), { kind: "refused", reason: "disk full" });
  assert.equal(standingOf(steering), "waiting: not-taken");
  assert.deepEqual(bench.machine.all, untouched);
});

test("a disk that fails does not keep a trial from being given back", async () => {
  const { bench, untouched } = createBench();
  await using steering = await bench.start(onTrial);
  await steering.take();
  await settle();
  bench.onStatement = fullDisk;
  bench.machine.clock.advance(seconds(60));
  await settle();
  assert.deepEqual(bench.machine.all, untouched);
  assert.equal(standingOf(steering), "waiting: unconfirmed");
});

test("a disk that fails does not keep traffic from being moved, nor a purge from emptying the kernel", async () => {
  const { bench } = createBench();
  await using steering = await bench.start(unasked);
  await settle();
  bench.onStatement = fullDisk;
  bench.machine.network.removeLink(11);
  bench.show([uplink(2, "healthy", "healthy")], deciding(2));
  const { rules } = bench.machine.present;
  assert.ok(rules.length > 0 && rules.every(({ mark }) => mark === undefined || mark.value === 0x200));
  const outcome = await steering.purge();
  assert.equal(outcome.kind, "refused", "it is not written down");
  assert.deepEqual([bench.machine.present.rules, standingOf(steering)], [[], "waiting: purged"]);
});

const fullDisk = () => {
  throw new Error("disk full");
};

test("a configuration that lets it act no more leaves the kernel as it is, and is told of", async () => {
  const { bench } = createBench();
  await using steering = await bench.start(unasked);
  await settle();
  const { all } = bench.machine;
  steering.reconfigure({ ...unasked, monitorOnly: true });
  assert.equal(standingOf(steering), "watching");
  bench.show([uplink(1, "silent"), uplink(2, "healthy")], deciding(2));
  assert.deepEqual(bench.machine.all, all);
  assert.match(bench.health, /degraded: \d+ routes of Ropewalk's are in force and nobody keeps them up to date/);
  steering.reconfigure(unasked);
  assert.equal(standingOf(steering), "steering");
  assert.notDeepEqual(bench.machine.all, all);
  assert.equal(bench.health, "healthy: all is well");
});

test("a trial goes on when the configuration changes, and is given back when that ends it", async () => {
  for (const ending of [watching, dryRun]) {
    const { bench, untouched } = createBench();
    await using steering = await bench.start(onTrial);
    await steering.take();
    steering.reconfigure({ ...onTrial, confirmWithin: seconds(5) });
    assert.equal(standingOf(steering), "trial");
    steering.reconfigure(ending);
    await settle();
    assert.deepEqual(bench.machine.all, untouched);
    assert.equal(bench.memory.load(), "unconfirmed");
    steering.reconfigure(onTrial);
    assert.equal(standingOf(steering), "waiting: unconfirmed");
  }
});

test("a listener that throws is logged, and everybody else hears", async () => {
  const { bench } = createBench();
  await using steering = await bench.start(onTrial);
  steering.subscribe(() => {
    throw new Error("listener broke");
  });
  const heard: string[] = [];
  using _hearing = steering.subscribe(({ action }) => heard.push(action));
  assert.deepEqual(await steering.take(), { kind: "done" });
  assert.deepEqual(heard, ["moved", "moved", "changed", "taken"]);
  assert.ok(bench.lines.some((line) => line.includes("listener broke")));
});

test("once it has ended it follows nothing and repairs nothing", async () => {
  const { bench } = createBench();
  const steering = await bench.start(unasked);
  await settle();
  await steering[Symbol.asyncDispose]();
  const { all, writes } = bench.machine;
  const before = writes.length;
  bench.show([uplink(1, "silent"), uplink(2, "healthy")], deciding(2));
  bench.machine.network.removeLink(12);
  bench.machine.clock.advance(seconds(3_600));
  assert.equal(writes.length, before);
  assert.notDeepEqual(bench.machine.all, all);
  assert.deepEqual(bench.machine.clock.pendingTimers(), []);
});
