/**
 * What every Prometheus client says of its process, under the names that dashboards expect
 * (https://prometheus.io/docs/instrumenting/writing_clientlibs/#process-metrics). All are read when asked and cost nothing between:
 * the client's own default metrics keep a timer of 10 ms running.
 */
import { readdirSync } from "node:fs";
import type { Registry } from "@prometheus-io/client";
import Counter from "@prometheus-io/client/lib/counter.js";
import Gauge from "@prometheus-io/client/lib/gauge.js";

export function registerProcessMetrics(registry: Registry): void {
  const registers = [registry];
  new Counter({
    name: "process_cpu_seconds_total",
    help: "Total user and system CPU time spent in seconds.",
    registers,
    collect() {
      const { user, system } = process.cpuUsage();
      this.reset();
      this.inc((user + system) / 1e6);
    },
  });
  gauge("process_resident_memory_bytes", "Resident memory size in bytes.", () => process.memoryUsage.rss());
  gauge("process_open_fds", "Number of open file descriptors.", countDescriptors);
  gauge(
    "process_start_time_seconds",
    "Start time of the process since unix epoch in seconds.",
    () => performance.timeOrigin / 1000,
  );
  gauge("nodejs_eventloop_lag_seconds", "How long the event loop kept this scrape waiting, in seconds.", measureLag);

  function gauge(name: string, help: string, read: () => number | Promise<number>): void {
    const made: Gauge = new Gauge({ name, help, registers, collect: async () => made.set(await read()) });
  }
}

/** The descriptor that reads the folder is not counted. */
function countDescriptors(): number {
  return readdirSync("/proc/self/fd").length - 1;
}

function measureLag(): Promise<number> {
  const asked = performance.now();
  return new Promise((resolve) => setTimeout(() => resolve(Math.max(0, performance.now() - asked - 1) / 1000), 1));
}
