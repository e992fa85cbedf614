/** Metrics: what a scrape shows, and what is refused. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { createMetrics, type Metrics } from "@ropewalk/ops/metrics";

/** The values of a scrape by series, as Prometheus would store them. */
async function scrape(metrics: Metrics): Promise<ReadonlyMap<string, number>> {
  const { body } = await metrics.render();
  const series = body.split("\n").filter((line) => line !== "" && !line.startsWith("#"));
  return new Map(
    series.map((line) => [line.slice(0, line.lastIndexOf(" ")), Number(line.slice(line.lastIndexOf(" ") + 1))]),
  );
}

test("counters count, gauges hold, histograms sort into buckets", async () => {
  const metrics = createMetrics();
  const events = metrics.counter({ name: "ropewalk_events_total", help: "Events.", labels: ["kind"] });
  const rtt = metrics.gauge({ name: "ropewalk_rtt_seconds", help: "Round trip.", labels: ["uplink"] });
  const delay = metrics.histogram({
    name: "ropewalk_delay_seconds",
    help: "Delay.",
    labels: [],
    buckets: [0.001, 0.01],
  });
  events.add({ kind: "lost" });
  events.add({ kind: "lost" }, 2);
  rtt.set({ uplink: "a" }, 0.02);
  rtt.set({ uplink: "b" }, 0.03);
  rtt.remove({ uplink: "b" });
  delay.observe({}, 0.005);
  const values = await scrape(metrics);
  assert.equal(values.get('ropewalk_events_total{kind="lost"}'), 3);
  assert.equal(values.get('ropewalk_rtt_seconds{uplink="a"}'), 0.02);
  assert.equal(values.has('ropewalk_rtt_seconds{uplink="b"}'), false);
  assert.equal(values.get('ropewalk_delay_seconds_bucket{le="0.001"}'), 0);
  assert.equal(values.get('ropewalk_delay_seconds_bucket{le="0.01"}'), 1);
});

test("a gauge that nobody has set shows no value", async () => {
  const metrics = createMetrics();
  metrics.gauge({ name: "ropewalk_rtt_seconds", help: "Round trip.", labels: [] });
  assert.equal((await scrape(metrics)).has("ropewalk_rtt_seconds"), false);
});

test("a collected metric has what its last collection set, and nothing older", async () => {
  const metrics = createMetrics();
  const uplinks = new Map([
    ["a", 1],
    ["b", 2],
  ]);
  metrics.gauge({
    name: "ropewalk_mtu_bytes",
    help: "MTU.",
    labels: ["uplink"],
    collect: (set) => {
      for (const [uplink, value] of uplinks) set({ uplink }, value);
    },
  });
  metrics.counter({
    name: "ropewalk_received_bytes_total",
    help: "Octets.",
    labels: [],
    collect: (set) => set({}, 42),
  });
  await scrape(metrics);
  uplinks.delete("a");
  const values = await scrape(metrics);
  assert.equal(values.has('ropewalk_mtu_bytes{uplink="a"}'), false);
  assert.equal(values.get('ropewalk_mtu_bytes{uplink="b"}'), 2);
  assert.equal(values.get("ropewalk_received_bytes_total"), 42);
});

test("a collection that fails loses its metric and no other, and is counted", async () => {
  const metrics = createMetrics();
  const collect = (set: (labels: Record<never, string>, value: number) => void) => {
    set({}, 1);
    throw new Error("sysfs is gone");
  };
  metrics.gauge({ name: "ropewalk_broken_bytes", help: "Broken.", labels: [], collect });
  metrics.gauge({ name: "ropewalk_good_bytes", help: "Good.", labels: [], collect: (set) => set({}, 1) });
  const values = await scrape(metrics);
  assert.equal(values.has("ropewalk_broken_bytes"), false);
  assert.equal(values.get("ropewalk_good_bytes"), 1);
  assert.equal(
    (await scrape(metrics)).get('ropewalk_metrics_collect_failures_total{metric="ropewalk_broken_bytes"}'),
    2,
  );
});

test("a metric has at most 1,000 series; values of further ones are dropped and counted", async () => {
  const metrics = createMetrics();
  const gauge = metrics.gauge({ name: "ropewalk_x", help: "X.", labels: ["id"] });
  for (let id = 0; id < 1_005; id += 1) gauge.set({ id: String(id) }, 1);
  gauge.set({ id: "5" }, 2);
  gauge.remove({ id: "6" });
  gauge.set({ id: "new" }, 1);
  const values = await scrape(metrics);
  assert.equal([...values.keys()].filter((key) => key.startsWith("ropewalk_x{")).length, 1_000);
  assert.equal(values.get('ropewalk_x{id="5"}'), 2);
  assert.equal(values.get('ropewalk_x{id="new"}'), 1);
  assert.equal(values.get('ropewalk_metrics_dropped_series_total{metric="ropewalk_x"}'), 5);
});

test("a name against the conventions, a name twice and a missing help are refused where they are made", () => {
  const metrics = createMetrics();
  const make = (name: string, help = "Help.") => metrics.gauge({ name, help, labels: [] });
  assert.throws(() => make("ropewalk_rtt_ms"), /base unit/);
  assert.throws(() => make("ropewalk_rtt_seconds", ""), /no help/);
  make("ropewalk_rtt_seconds");
  assert.throws(() => make("ropewalk_rtt_seconds"), /exists already/);
});

test("what every process tells is told, and true", async () => {
  const values = await scrape(createMetrics());
  const now = Date.now() / 1000;
  const start = values.get("process_start_time_seconds") ?? 0;
  assert.ok(start > now - 600 && start <= now);
  assert.ok((values.get("process_resident_memory_bytes") ?? 0) > 10e6);
  assert.ok((values.get("process_open_fds") ?? 0) > 2);
  assert.ok((values.get("process_cpu_seconds_total") ?? 0) > 0);
  assert.ok((values.get("nodejs_eventloop_lag_seconds") ?? -1) >= 0);
});

test("label values keep quotes, backslashes and line ends apart from the format", async () => {
  const metrics = createMetrics();
  metrics.gauge({ name: "ropewalk_x", help: "X.", labels: ["name"] }).set({ name: 'a"b\\c\nd' }, 1);
  assert.equal((await scrape(metrics)).get('ropewalk_x{name="a\\"b\\\\c\\nd"}'), 1);
});
