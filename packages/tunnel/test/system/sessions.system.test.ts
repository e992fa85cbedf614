/** What ends a session, and what does not: a peer that was killed, one that is away for too long, another source beside it. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { churn, EchoTarget } from "../faults/churn.ts";
import { monotonic } from "../faults/fault.ts";
import { LoadProcesses } from "../faults/load-processes.ts";
import { ScriptedEnd } from "../faults/scripted-end.ts";
import { TunnelPair } from "../faults/tunnel-pair.ts";

const seed = Date.now() % 2 ** 31;

/** One connection through `port` that both ends have used. */
async function connected(client: ScriptedEnd, target: ScriptedEnd, port: number): Promise<void> {
  assert.deepEqual(await Promise.all([client.tell(`connect 127.0.0.1 ${port}`), target.tell("accept")]), [
    "connected",
    "accepted",
  ]);
  await client.tell("send 1000");
  assert.equal(await target.tell("receive 1000"), "received 1000");
}

test("a destination that was killed and runs again resets the streams that it has lost, and takes new ones at once", async () => {
  await using client = new ScriptedEnd();
  await using target = new ScriptedEnd();
  await using echo = new EchoTarget();
  const targets = { end: await target.listen(), echo: await echo.listen() };
  await using pair = await TunnelPair.start({ targets });
  await connected(client, target, pair.port("end"));
  await pair.destination.stop("SIGKILL");
  await pair.restart("destination");
  assert.equal(await client.tell("receive 1"), "received 0 by ECONNRESET", pair.logs);
  await pair.source.until("new ones are taken", async () => (await churn(pair.port("echo"), 1, 1)).length === 0);
  assert.deepEqual(await churn(pair.port("echo"), 20, 5), [], pair.logs);
});

test("a source that was killed leaves nothing at its destination once it is given up", async () => {
  await using client = new ScriptedEnd();
  await using target = new ScriptedEnd();
  await using pair = await TunnelPair.start({
    targets: { end: await target.listen() },
    tunnel: { session_hold: '"1s"' },
  });
  await connected(client, target, pair.port("end"));
  await pair.source.stop("SIGKILL");
  assert.equal(await target.tell("receive 1"), "received 0 by ECONNRESET", pair.logs);
  await target.tell("close");
  await pair.restart("source");
  await client.tell("close");
  await connected(client, target, pair.port("end"));
});

test("a peer that is away for longer than the session is held costs the streams, and only those that were there", async () => {
  await using client = new ScriptedEnd();
  await using target = new ScriptedEnd();
  await using pair = await TunnelPair.start({
    targets: { end: await target.listen() },
    tunnel: { session_hold: '"1s"' },
  });
  await connected(client, target, pair.port("end"));
  await pair.proxy.act({ kind: "blackhole", ms: 4_000 });
  assert.equal(await target.tell("receive 1"), "received 0 by ECONNRESET", pair.logs);
  assert.equal(await client.tell("receive 1"), "received 0 by ECONNRESET", pair.logs);
  for (const end of [client, target]) await end.tell("close");
  await pair.proxy.seen("returned", () => true);
  await connected(client, target, pair.port("end"));
});

test("a source that is told to stop while its lane is away stays until the target has what was written before a RST", async () => {
  await using client = new ScriptedEnd();
  await using target = new ScriptedEnd();
  await using pair = await TunnelPair.start({ targets: { end: await target.listen() } });
  await connected(client, target, pair.port("end"));
  await pair.proxy.act({ kind: "blackhole", ms: 1_500 });
  await client.tell("send 500");
  await client.tell("reset");
  await pair.source.until("its application has gone", async () => {
    const streams = Object.entries(await pair.source.gauges()).filter(([name]) => /_streams\b/.test(name));
    return streams.length > 0 && streams.every(([, count]) => count === 0);
  });
  assert.equal(await pair.source.stop(), 0);
  assert.equal(await target.tell("receive 501"), "received 500 by ECONNRESET", pair.logs);
});

test("two sources of one destination share nothing: what one suffers is nothing to the other, and no octet goes astray", async () => {
  await using first = await LoadProcesses.start(seed);
  await using second = await LoadProcesses.start(seed + 1);
  await using pair = await TunnelPair.start({ targets: { first: first.port, second: second.port } });
  const other = await pair.addSource();
  await first.pulse(pair.port("first"));
  await second.pulse(other.ports["second"] ?? 0);
  first.begin({ port: pair.port("first"), streams: 20 });
  second.begin({ port: other.ports["second"] ?? 0, streams: 20 });
  const lanes = () => other.proxy.reports.filter((report) => report.kind === "came" && report.of === "lane").length;
  const before = lanes();
  for (let cuts = 0; cuts < 5; cuts += 1) {
    const at = await pair.proxy.act({ kind: "reset" });
    await first.beat(at, at);
  }
  await pair.source.stop("SIGKILL");
  await second.beat(monotonic(), 0);
  assert.equal(lanes(), before, "the second source lost its lane");
  assert.deepEqual((await second.finish(60_000)).faults, [], `seed ${seed}\n${pair.logs}`);
});
