/** What is counted of HTTP: requests by route and status, and how long they took. Nothing of who asked. */
import type { Metrics } from "@ropewalk/ops/metrics";

export interface HttpMetrics {
  readonly answered: (operation: string, status: number, millis: number) => void;
}

export function createHttpMetrics(metrics: Pick<Metrics, "counter" | "histogram">): HttpMetrics {
  const requests = metrics.counter({
    name: "ropewalk_entry_http_requests_total",
    help: "Requests that were answered.",
    labels: ["operation", "status"],
  });
  const time = metrics.histogram({
    name: "ropewalk_entry_http_request_seconds",
    help: "From the end of a request's headers to the end of its answer.",
    labels: ["operation"],
    buckets: [0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20],
  });
  return {
    answered: (operation, status, millis) => {
      requests.add({ operation, status: String(status) });
      time.observe({ operation }, millis / 1000);
    },
  };
}
