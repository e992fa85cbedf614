/** The service that measures, on a network in memory and a prober that answers as the test says. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { OnOutcome, ProbeRunner } from "@ropewalk/backhaul/io/probes/probe-runner";
import type { ProbePath, ProbeRequest } from "@ropewalk/backhaul/pure/health/probe";
import { type BackhaulService, createBackhaul } from "@ropewalk/backhaul/service";
import { millis } from "@ropewalk/kernel/units";
import { BackhaulBench, uplinkNamed } from "./backhaul-bench.ts";
import { dead, good, type Line } from "./pure/health/rig.ts";
import { machineConfig } from "./pure/machine-fixture.ts";

/** Answers by interface, on the bench's clock. */
class ScriptedProber implements ProbeRunner {
  readonly lines = new Map<string, Line>();
  readonly asked: ProbeRequest[] = [];
  paths: readonly ProbePath[] = [];
  isDisposed = false;
  onOutcome: OnOutcome = () => {};
  readonly #bench: BackhaulBench;

  constructor(bench: BackhaulBench) {
    this.#bench = bench;
  }

  run(request: ProbeRequest): void {
    this.asked.push(request);
    const { clock } = this.#bench;
    const answer = (this.lines.get(request.path.name) ?? good())(request.question, clock.now());
    if (answer === undefined) return;
    const { id } = request;
    const traffic = { sent: 36, received: 36 };
    clock.after("answer", millis(answer.after), () => this.onOutcome({ id, result: answer.result, traffic }));
  }

  follow(paths: readonly ProbePath[]): void {
    this.paths = paths;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.isDisposed = true;
  }
}

const measuring = machineConfig({ probe: { enabled: true } });

async function started(bench: BackhaulBench, config = measuring) {
  const prober = new ScriptedProber(bench);
  const probes = (onOutcome: OnOutcome) => {
    prober.onOutcome = onOutcome;
    return prober;
  };
  const service: BackhaulService = await createBackhaul(config, { ...bench.deps(), probes });
  service.subscribe((event) => bench.events.push(event));
  return { service, prober };
}

/** In steps as an event loop has them. */
function pass(bench: BackhaulBench, duration: number): void {
  for (let passed = 0; passed < duration; passed += 10) bench.clock.advance(millis(10));
}

test("an uplink that answers is up and the node online; one that falls silent is left for one that does not", async () => {
  const bench = new BackhaulBench();
  bench.addUplink("eth0", 2);
  bench.addUplink("eth1", 3, { metric: 200 });
  const { service, prober } = await started(bench);
  await using _service = service;
  pass(bench, 12_000);
  assert.equal(uplinkNamed(service, "eth0").state, "up");
  assert.equal(service.connectivity.current.ipv4, "online");
  assert.equal(service.status().decisions.overall.name, "eth0");
  prober.lines.set("eth0", dead);
  pass(bench, 4_000);
  assert.equal(uplinkNamed(service, "eth0").state, "down");
  assert.equal(service.status().decisions.overall.name, "eth1");
  prober.lines.set("eth1", dead);
  pass(bench, 8_000);
  assert.equal(service.connectivity.current.ipv4, "offline");
  assert.equal(
    service.status().decisions.overall.name,
    "eth1",
    "the last that worked is not left for one that is as dead",
  );
});

test("carrier loss is told at once, whatever is being measured, and the prober lets go of the path", async () => {
  const bench = new BackhaulBench();
  const { ifindex } = bench.addUplink("eth0", 2);
  const { service, prober } = await started(bench);
  await using _service = service;
  pass(bench, 12_000);
  assert.equal(prober.paths.length, 1);
  bench.network.setCarrier(ifindex, false);
  assert.deepEqual([uplinkNamed(service, "eth0").reason.code, prober.paths.length], ["no-carrier", 0]);
  bench.network.setCarrier(ifindex, true);
  pass(bench, 2_000);
  assert.equal(uplinkNamed(service, "eth0").state, "probing", "it returns slowly");
  pass(bench, 12_000);
  assert.equal(uplinkNamed(service, "eth0").state, "up");
});

test("with probing off nothing is asked; switched on it is measured; switched off again it is unknown", async () => {
  const bench = new BackhaulBench();
  bench.addUplink("eth0", 2);
  const { service, prober } = await started(bench, machineConfig());
  await using _service = service;
  pass(bench, 5_000);
  assert.equal(prober.asked.length, 0);
  service.reconfigure(measuring);
  pass(bench, 5_000);
  assert.equal(uplinkNamed(service, "eth0").state, "up");
  service.reconfigure(machineConfig());
  const before = prober.asked.length;
  pass(bench, 5_000);
  assert.deepEqual([uplinkNamed(service, "eth0").reason.code, prober.asked.length], ["not-measured", before]);
});

test("a strict reverse-path filter makes a standby unknown with the sysctl to change, and not the uplink in use", async () => {
  const bench = new BackhaulBench();
  bench.addUplink("eth0", 2);
  bench.addUplink("eth1", 3, { metric: 200 });
  bench.network.setReversePathFilter("all", "strict");
  const { service, prober } = await started(bench);
  await using _service = service;
  pass(bench, 12_000);
  const standby = uplinkNamed(service, "eth1");
  assert.deepEqual([standby.state, standby.reason.code], ["unknown", "strict-rp-filter"]);
  assert.match(standby.reason.text, /rp_filter/);
  assert.equal(uplinkNamed(service, "eth0").state, "up");
  assert.ok(prober.asked.every((request) => request.path.name === "eth0"));
  bench.network.setReversePathFilter("all", "loose");
  pass(bench, 12_000);
  assert.equal(uplinkNamed(service, "eth1").state, "up");
});

test("the explanation holds the evidence, what probes cost, the rejected alternatives and what happened", async () => {
  const bench = new BackhaulBench();
  bench.addUplink("eth0", 2);
  bench.addUplink("eth1", 3, { metric: 200 });
  const { service, prober } = await started(bench);
  await using _service = service;
  prober.lines.set("eth1", (question, at) =>
    question.kind === "http"
      ? { after: 5, result: { kind: "intercepted", detail: "302 to /sign-in" } }
      : good()(question, at),
  );
  bench.sources.set("eth1", {});
  pass(bench, 40_000);
  const { uplinks, decisions, history, faultyTargets } = service.explain();
  const [path] = uplinks[0]?.paths ?? [];
  assert.equal(path?.state, "up");
  assert.ok(path.evidence.some(({ kind, text, isGood }) => kind === "echo" && isGood && /answered in/.test(text)));
  assert.ok((path.silence?.forMs ?? 0) < 1_200 && (path.silence?.boundMs ?? 0) >= 3_000);
  assert.ok((uplinks[0]?.probeBytes.sent ?? 0) > 1_000);
  assert.equal(decisions.ipv4.rejected[0]?.name, "eth1");
  assert.deepEqual(faultyTargets, []);
  assert.ok(history.some(({ text }) => text.startsWith("eth0 IPv4 up")));
  assert.deepEqual(
    history.map(({ agoMs }) => agoMs).toSorted((a, b) => a - b),
    history.map(({ agoMs }) => agoMs),
  );
});

test("a target that answers on no uplink is called faulty, and no uplink is blamed", async () => {
  const bench = new BackhaulBench();
  bench.addUplink("eth0", 2);
  bench.addUplink("eth1", 3, { metric: 200 });
  const config = machineConfig({
    probe: {
      target: [
        { name: "well", address: "203.0.113.10" },
        { name: "gone", address: "203.0.113.11" },
      ],
    },
  });
  const { service, prober } = await started(bench, config);
  await using _service = service;
  const line: Line = (question, at) =>
    "target" in question && question.target === "203.0.113.11" ? dead(question, at) : good()(question, at);
  prober.lines.set("eth0", line).set("eth1", line);
  pass(bench, 90_000);
  assert.deepEqual(service.explain().faultyTargets, ["gone 203.0.113.11"]);
  for (const uplink of service.status().uplinks) assert.deepEqual([uplink.state, uplink.loss], ["up", 0], uplink.name);
});

test("after the end nothing is asked and nothing is heard", async () => {
  const bench = new BackhaulBench();
  bench.addUplink("eth0", 2);
  const { service, prober } = await started(bench);
  pass(bench, 1_000);
  await service[Symbol.asyncDispose]();
  const { length } = prober.asked;
  pass(bench, 5_000);
  assert.deepEqual([prober.isDisposed, prober.asked.length], [true, length]);
});
