/** Two daemons of the real program: how they are asked, reloaded, cut off and stopped while a connection goes through them. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import type { Socket } from "node:net";
import { join } from "node:path";
import { after, before, test } from "node:test";
import type { RunningProcess } from "../started-programs.ts";
import { echoed, TunnelSite } from "./tunnel-site.ts";

let site: TunnelSite;
let source: RunningProcess;
let destination: RunningProcess;
/** Open through all that the tests do. */
let held: Socket;

before(async () => {
  site = await TunnelSite.open();
  destination = site.start("destination");
  source = site.start("source");
  await site.untilReady("destination");
  await site.untilReady("source");
  held = await site.connect();
  assert.equal(await echoed(held, "hello"), "hello");
});
after(async () => {
  held.destroy();
  await site[Symbol.asyncDispose]();
});

test("each end shows itself; where both run a command wants to know which is meant", async () => {
  const [unsaid, shown, json] = await Promise.all([
    site.run("status"),
    site.run("status", "--role", "source"),
    site.run("status", "--role", "destination", "--json"),
  ]);
  assert.equal(unsaid.code, 2);
  assert.match(unsaid.stderr, /a source and a destination run here: .*--role/);
  assert.equal(shown.code, 0, shown.stderr);
  assert.match(shown.stdout, /^Source site\.example: connected to 127\.0\.0\.1:\d+\.$/m);
  const { end } = JSON.parse(json.stdout);
  assert.deepEqual(
    [end.role, end.sessions.length, end.sessions[0].streams.open, end.services[0].connections],
    ["destination", 1, 1, 1],
  );
});

test("its streams are listed, with who asked for what", async () => {
  const { code, stdout } = await site.run("streams", "--role", "source", "--json");
  assert.equal(code, 0);
  const { streams } = JSON.parse(stdout);
  assert.deepEqual(
    streams.map(({ request, state }: { request: string; state: string }) => [request, state]),
    [["service echo", "open"]],
  );
});

test("metrics tell of lane, streams and octets", async () => {
  const { body } = await site.ask("source", "/metrics");
  assert.match(body, /^ropewalk_tunnel_lane_up 1$/m);
  assert.match(body, /^ropewalk_tunnel_streams 1$/m);
  assert.match(body, /^ropewalk_tunnel_stream_bytes_total\{direction="sent"\} [1-9]/m);
  assert.match(body, /^ropewalk_tunnel_certificate_expiry_timestamp_seconds\{certificate="own"\} /m);
  assert.match((await site.ask("destination", "/metrics")).body, /^ropewalk_tunnel_sessions\{state="up"\} 1$/m);
});

test("promtool finds nothing to say about the metrics of either end", async () => {
  const promtool = join(import.meta.dirname, "../../../../build/borrowed/prometheus/usr/bin/promtool");
  for (const role of ["source", "destination"] as const) {
    const { body: input } = await site.ask(role, "/metrics");
    const { status, stderr, error } = spawnSync(promtool, ["check", "metrics"], { input, encoding: "utf8" });
    assert.equal(error, undefined, "npm test brings promtool (Debian: prometheus)");
    assert.equal(status, 0, stderr);
  }
});

test("over loopback HTTP nothing can be changed, and what is read there is what the socket tells", async () => {
  for (const act of ["drain", "refresh"]) {
    const { status, body } = await site.ask("source", `/v1/tunnel/${act}`, "POST");
    assert.equal(status, 403);
    assert.match(body, /This server only reads\. Over the Unix socket it can be done: ropewalk tunnel refresh/);
  }
  const { end } = JSON.parse((await site.ask("source", "/v1/tunnel")).body);
  assert.deepEqual([end.role, end.isDraining], ["source", false]);
});

test("a refresh is a new lane, and the connection goes on; events tell it", async () => {
  const events = site.follow("events", "--role", "source");
  await events.until("it follows", () => events.stdout.includes("the source has 1 session"));
  const { code, stderr } = await site.run("refresh", "--role", "source");
  assert.equal(code, 0, stderr);
  await events.until("the new lane", () => /is a new one, in .*; 1 stream moved to it/.test(events.stdout));
  assert.equal(await echoed(held, "after the refresh"), "after the refresh");
  events.child.kill("SIGINT");
  assert.equal((await events.ended).code, 0);
  assert.equal((await site.run("refresh", "--role", "destination")).code, 1);
});

test("a port that is exposed by a reload is there, and the connection goes on; a faulty file changes nothing", async () => {
  const more = `[[tunnel.source.expose]]\nport = ${site.freePort}\nservice = "echo"`;
  site.configure("source", `${more}\nprot = 5`);
  const refused = await site.run("reload", "--role", "source");
  assert.equal(refused.code, 3);
  assert.match(refused.stderr, /tunnel\.source\.expose\[1\]\.prot/);
  site.configure("source", more);
  const applied = await site.run("reload", "--role", "source");
  assert.equal(applied.code, 0, applied.stderr);
  const added = await site.connect(site.freePort);
  assert.equal(await echoed(added, "by the other port"), "by the other port");
  added.destroy();
  assert.equal(await echoed(held, "after the reload"), "after the reload");
});

test("an end whose other end does not answer is not ready and lives; when it answers again the connection goes on", async () => {
  destination.child.kill("SIGSTOP");
  try {
    await site.untilReady("source", false);
    assert.equal((await site.ask("source", "/live")).status, 200);
  } finally {
    destination.child.kill("SIGCONT");
  }
  await site.untilReady("source");
  assert.equal(await echoed(held, "after the silence"), "after the silence");
});

test("a second source in the same place is told that there is one", async () => {
  const second = site.start("source");
  const { code, stderr } = await second.ended;
  assert.equal(code, 6, stderr);
});

test("a source that is told to stop waits for its streams, says each second what is left, and ends well", async () => {
  source.child.kill("SIGTERM");
  await source.until("a line of what is left", () => /"streams are left"|streams are left/.test(source.stderr));
  await site.untilReady("source", false);
  assert.equal(await echoed(held, "while it drains"), "while it drains");
  held.end();
  assert.equal((await source.ended).code, 0, source.stderr);
});

test("a destination that is told twice to stop ends at once", async () => {
  source = site.start("source");
  await site.untilReady("source");
  held = await site.connect();
  assert.equal(await echoed(held, "once more"), "once more");
  destination.child.kill("SIGTERM");
  await destination.until("that it drains", () => destination.stderr.includes("streams are left"));
  // Within half a second it would be the same wish: npm passes a Ctrl-C on that came to both.
  await destination.until("another second", () => destination.stderr.split("streams are left").length > 2);
  destination.child.kill("SIGTERM");
  assert.equal((await destination.ended).code, 143);
});
