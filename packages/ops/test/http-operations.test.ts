/** The answers to those who run a daemon: health, readiness, metrics. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { FakeClock } from "@ropewalk/kernel/fake-clock";
import { createSystemClock } from "@ropewalk/kernel/system-clock";
import { GuardedServer } from "@ropewalk/ops/guarded-server";
import { HealthRegistry } from "@ropewalk/ops/health";
import { createOperationsHandler } from "@ropewalk/ops/http-operations";
import { createMetrics, type Metrics } from "@ropewalk/ops/metrics";
import { exchange, request } from "./http-client.ts";

async function serve(metrics: Pick<Metrics, "render"> = createMetrics()) {
  const health = new HealthRegistry({ clock: new FakeClock() });
  const operations = createOperationsHandler({ health, metrics });
  const server = new GuardedServer({
    handler: (incoming, response) => {
      if (!operations(incoming, response)) response.writeHead(404).end();
    },
    clock: createSystemClock(),
    guard: "loopback",
    onDefect: (error) => assert.fail(String(error)),
  });
  const { port = 0 } = await server.listen({ host: "127.0.0.1", port: 0 });
  const ask = (method: string, target: string) => exchange(port, request(method, target));
  return { health, ask, [Symbol.asyncDispose]: () => server[Symbol.asyncDispose]() };
}

test("healthz is 200 while healthy or degraded and 503 while draining or unhealthy", async () => {
  await using served = await serve();
  const one = served.health.subsystem("one");
  one.healthy();
  assert.equal((await served.ask("GET", "/healthz")).status, 200);
  one.report("degraded", "slow");
  const degraded = await served.ask("GET", "/healthz?verbose=1");
  assert.equal(degraded.status, 200);
  assert.match(
    degraded.body,
    /"state":"degraded","ready":true,"subsystems":\[\{"name":"one","state":"degraded","reason":"slow"/,
  );
  one.report("draining", "stopping");
  assert.equal((await served.ask("GET", "/healthz")).status, 503);
  one.report("unhealthy", "broken");
  assert.equal((await served.ask("GET", "/healthz")).status, 503);
});

test("readyz is 503 until every subsystem has reported, naming those that have not, and while draining", async () => {
  await using served = await serve();
  const one = served.health.subsystem("one");
  const waiting = await served.ask("GET", "/readyz");
  assert.equal(waiting.status, 503);
  assert.deepEqual(JSON.parse(waiting.body), { ready: false, state: "healthy", waiting: ["one"] });
  one.healthy();
  assert.equal((await served.ask("GET", "/readyz")).status, 200);
  one.report("draining", "stopping");
  assert.equal((await served.ask("GET", "/readyz")).status, 503);
});

test("live is 200 whatever is amiss, so that a restart mends nothing that waiting would; ready is as readyz", async () => {
  await using served = await serve();
  const one = served.health.subsystem("one");
  one.report("unhealthy", "the other end is away");
  assert.deepEqual([(await served.ask("GET", "/live")).status, (await served.ask("GET", "/ready")).status], [200, 503]);
  one.healthy();
  assert.equal((await served.ask("GET", "/ready")).status, 200);
});

test("metrics are the same on both paths, in Prometheus' text format", async () => {
  await using served = await serve();
  for (const target of ["/metrics", "/metricsz"]) {
    const answer = await served.ask("GET", target);
    assert.equal(answer.status, 200);
    assert.match(answer.head, /Content-Type: text\/plain; version=0\.0\.4/);
    assert.match(answer.body, /^process_open_fds \d+$/m);
  }
});

test("HEAD has the headers without the body; other methods are refused; other paths are left alone", async () => {
  await using served = await serve();
  const head = await served.ask("HEAD", "/healthz");
  assert.equal(head.status, 200);
  assert.match(head.head, /Content-Length: [1-9]/);
  assert.equal(head.body, "");
  assert.equal((await served.ask("POST", "/healthz")).status, 405);
  for (const target of ["/", "/healthz/", "/toString", "/__proto__"])
    assert.equal((await served.ask("GET", target)).status, 404, target);
});

test("a scrape that fails is answered with 500 and the reason", async () => {
  await using served = await serve({ render: () => Promise.reject(new Error("no metrics")) });
  const answer = await served.ask("GET", "/metrics");
  assert.equal(answer.status, 500);
  assert.match(answer.body, /no metrics/);
});
