/** The daemon around an end: what it tells, answers, reloads and how it stops. The end itself is a fake. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import { millis } from "@ropewalk/kernel/units";
import { startTunnel } from "../../src/compose/tunnel/tunnel-service.ts";
import { destinationStatus, FakeEnd, hub, sourceStatus, stream } from "./fake-end.ts";
import { exposing, offering, runAround, silent, TunnelFolder } from "./tunnel-fixture.ts";

const given = { configFile: undefined, log: silent };
const signal = new AbortController().signal;
const seeking = { kind: "seeking", since: 1.7e12, dials: 4, nextAt: null, lastFailure: "ECONNREFUSED" } as const;

async function until(what: string, isSo: () => boolean): Promise<void> {
  const end = performance.now() + 30_000;
  while (!isSo()) {
    assert(performance.now() < end, `${what}: not seen`);
    await delay(10);
  }
}

test("its status and its streams are the end's, with who answers and how well it is", async () => {
  const end = new FakeEnd(sourceStatus);
  end.open = [stream];
  await using running = await runAround(end);
  const status = await running.client.status(signal);
  assert.deepEqual([status.schema, status.pid, status.end], [1, process.pid, sourceStatus]);
  const { streams } = await running.client.streams(signal);
  const waiting = { toPeerBytes: 3, toApplicationBytes: 4 };
  assert.deepEqual(streams, [{ ...stream, waiting }]);
});

test("it is ready while there is a lane, and lives without one", async () => {
  const end = new FakeEnd(sourceStatus);
  await using running = await runAround(end);
  const isReady = async () => (await running.client.status(signal)).health.ready;
  assert.equal(await isReady(), true);
  end.shown = { ...sourceStatus, reach: seeking };
  assert.equal(await isReady(), false);
  const { subsystems } = (await running.client.status(signal)).health;
  const lane = subsystems.find(({ name }) => name === "lane");
  assert.equal(lane?.reason, "there is no lane to a destination: ECONNREFUSED");
  end.shown = sourceStatus;
  assert.equal(await isReady(), true);
});

test("a destination that listens nowhere is not ready", async () => {
  const end = new FakeEnd(destinationStatus);
  await using running = await runAround(end);
  assert.equal((await running.client.status(signal)).health.ready, true);
  end.shown = { ...destinationStatus, listeners: [] };
  assert.equal((await running.client.status(signal)).health.ready, false);
});

test("what the end tells is in the log and in the stream of events, and what it told before anybody listened too", async () => {
  const end = new FakeEnd(sourceStatus);
  await using running = await runAround(end);
  assert.ok(running.records.some(({ text, level }) => text === "told before anybody listened" && level === "warn"));
  const stop = new AbortController();
  const seen: string[] = [];
  for await (const { event } of running.client.events(stop.signal)) {
    seen.push(event.kind);
    if (event.kind === "snapshot") {
      const way = { destination: hub, path: null };
      end.tell({ kind: "heartbeat-dead", ...way, silence: millis(20_000), missed: 3 });
      end.tell({ kind: "resumed", ...way, after: "loss", took: millis(80), streams: 4, resent: 4096 });
    }
    if (event.kind !== "resumed") continue;
    assert.deepEqual([event.tookMs, event.resentBytes], [80, 4096]);
    break;
  }
  assert.deepEqual(seen, ["snapshot", "heartbeat-dead", "resumed"]);
  assert.ok(running.records.some(({ event, silence }) => event === "heartbeat-dead" && silence === 20_000));
});

test("an identity that cannot be read again makes it degraded until one can", async () => {
  const end = new FakeEnd(sourceStatus);
  await using running = await runAround(end);
  const reason = async () => {
    const { subsystems } = (await running.client.status(signal)).health;
    return subsystems.find(({ name }) => name === "identity")?.reason;
  };
  end.tell({ kind: "identity-kept", reason: "end.crt: it is empty" });
  assert.equal(await reason(), "end.crt: it is empty");
  end.tell({ kind: "identity-changed", names: ["site.example"], until: 1.9e12 });
  assert.equal(await reason(), null);
});

test("a changed file is applied by itself, once it is whole; a faulty one changes nothing and is told", async () => {
  const end = new FakeEnd(sourceStatus);
  await using running = await runAround(end);
  running.folder.write(exposing.replace("hub.example", "hub2.example"));
  await until("the new configuration", () => end.reloaded.length > 0);
  assert.equal(end.reloaded[0]?.source?.destinations[0]?.host, "hub2.example");
  running.folder.write(exposing.replace(":8443", ""));
  await assert.rejects(
    running.client.reloadConfig(signal),
    ({ problem }: { problem: { faults: { path: string }[] } }) => {
      assert.deepEqual(
        problem.faults.map(({ path }) => path),
        ["tunnel.source.destinations[0]"],
      );
      return true;
    },
  );
  assert.equal((await running.client.status(signal)).health.state, "degraded");
});

test("what the end cannot have is refused with its reason, and asked for again at the next reload", async () => {
  const end = new FakeEnd(sourceStatus);
  await using running = await runAround(end);
  end.answer = { kind: "refused", reason: "127.0.0.1 port 80 is taken" };
  running.folder.write(exposing.replace("hub.example", "hub2.example"));
  await assert.rejects(running.client.reloadConfig(signal), { message: /127\.0\.0\.1 port 80 is taken/ });
  end.answer = { kind: "applied" };
  const applied = ["tunnel.source.destinations[0]"];
  assert.deepEqual(await running.client.reloadConfig(signal), { applied, needsRestart: [] });
});

test("without its part of the configuration it does not start, and says all that is missing", async () => {
  const end = new FakeEnd(sourceStatus);
  using folder = new TunnelFolder("");
  await assert.rejects(startTunnel(folder.context, "source", { ...given, startEnd: end.start }), {
    code: "APP_CONFIG",
    message: /lacks \[tunnel\.source\]/,
  });
});

test("a second one of a role has no place beside the first", async () => {
  await using running = await runAround(new FakeEnd(sourceStatus));
  const again = { ...given, startEnd: new FakeEnd(sourceStatus).start };
  await assert.rejects(startTunnel(running.folder.context, "source", again), { code: "APP_ALREADY_RUNNING" });
  // It has left the first one's socket alone.
  assert.equal((await running.client.status(signal)).end.role, "source");
});

test("nor has one that would share its state by another socket; an end of the other role has a place of its own", async () => {
  await using running = await runAround(new FakeEnd(sourceStatus));
  const elsewhere = { ...running.folder.context };
  const environment = { ...elsewhere.environment, ROPEWALK_RUNTIME_DIR: join(running.folder.path, "elsewhere") };
  const again = { ...given, startEnd: new FakeEnd(sourceStatus).start };
  await assert.rejects(startTunnel({ ...elsewhere, environment }, "source", again), {
    code: "APP_ALREADY_RUNNING",
    message: /uses the state directory .*tunnel-source/,
  });
  running.folder.write(`${exposing}${offering}`);
  const other = new FakeEnd(destinationStatus);
  const destination = await startTunnel(elsewhere, "destination", { ...given, startEnd: other.start });
  await destination.stop("the test is over");
  assert.equal(other.isDisposed, true);
});

test("a drain is answered at once, told, and the daemon wants to end; it has ended when the streams have", async () => {
  const end = new FakeEnd(sourceStatus);
  end.open = [stream];
  await using running = await runAround(end);
  assert.deepEqual(await running.client.drain(signal), { streams: 1, withinMs: 30_000 });
  assert.deepEqual(await running.tunnel.ending, { reason: "it was told to drain", code: 0 });
  const stopped = running.tunnel.stop("it was told to drain");
  await until("a line about what is left", () => running.records.some(({ streams }) => streams === 1));
  assert.equal((await running.client.status(signal)).health.ready, false);
  end.endStreams("empty");
  assert.deepEqual((await stopped).failures, []);
  assert.equal(end.isDisposed, true);
});

test("a destination refuses to refresh, a source does it", async () => {
  const source = new FakeEnd(sourceStatus);
  await using one = await runAround(source);
  assert.deepEqual(await one.client.refresh(signal), { streams: 0, withinMs: null });
  assert.equal(source.refreshed, 1);
  await using other = await runAround(new FakeEnd(destinationStatus));
  await assert.rejects(other.client.refresh(signal), { message: /only a source refreshes/ });
});

test("an end that cannot go on makes the daemon end, with a code that a service manager starts again after", async () => {
  const end = new FakeEnd(destinationStatus);
  await using running = await runAround(end);
  end.tell({ kind: "failed", reason: "the handshake thread has died" });
  assert.deepEqual(await running.tunnel.ending, { reason: "the handshake thread has died", code: 1 });
});
