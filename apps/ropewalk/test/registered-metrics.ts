/** The metrics that a node, an end of the tunnel, an exit and entry register, by the functions with which it does: names and labels, and no values. */
import { registerHealthMetrics } from "@ropewalk/backhaul/health-metrics";
import { openDecisionLog } from "@ropewalk/backhaul/io/decision-log";
import { registerBackhaulMetrics } from "@ropewalk/backhaul/service-metrics";
import { registerSteeringMetrics } from "@ropewalk/backhaul/steering/steering-metrics";
import { SteeringRecord } from "@ropewalk/backhaul/steering/steering-record";
import { createHttpMetrics } from "@ropewalk/entry/http/http-metrics";
import { ControlFigures } from "@ropewalk/entry/io/control-figures";
import { FakeClock } from "@ropewalk/kernel/fake-clock";
import { HealthRegistry } from "@ropewalk/ops/health";
import { createLog } from "@ropewalk/ops/log";
import type { CollectedOptions, HistogramOptions, MetricOptions, Metrics } from "@ropewalk/ops/metrics";
import { registerCertificateMetrics } from "../src/compose/certificate-metrics.ts";
import { registerCoreMetrics } from "../src/compose/core/core-metrics.ts";
import { registerMeshMetrics } from "../src/compose/mesh/mesh-metrics.ts";
import { registerMessageMetrics } from "../src/compose/mesh/message-metrics.ts";
import { registerNodeMetrics } from "../src/compose/node-metrics.ts";
import { registerEndMetrics } from "../src/compose/tunnel/end-metrics.ts";
import { counts as noCounts } from "./tunnel/fake-end.ts";

/** Remembers what is registered and never collects. */
class RecordedMetrics implements Metrics {
  readonly labels = new Map<string, readonly string[]>();

  counter<Label extends string>(options: CollectedOptions<Label>) {
    this.#take(options);
    return { add: () => {} };
  }

  gauge<Label extends string>(options: CollectedOptions<Label>) {
    this.#take(options);
    return { set: () => {}, remove: () => {} };
  }

  histogram<Label extends string>(options: HistogramOptions<Label>) {
    this.#take(options);
    return { observe: () => {} };
  }

  render(): never {
    return unread();
  }

  #take({ name, labels }: MetricOptions<string>): void {
    this.labels.set(name, labels);
  }
}

function unread(): never {
  throw new Error("nothing is collected here");
}

/** By name, the labels of each. */
export async function registeredMetrics(): Promise<ReadonlyMap<string, readonly string[]>> {
  const metrics = new RecordedMetrics();
  const clock = new FakeClock();
  const health = new HealthRegistry({ clock });
  const log = createLog({ level: "error", format: "json", destination: { write: () => {} }, clock });
  registerBackhaulMetrics(metrics, { state: unread, counters: unread, networkCounts: unread });
  registerHealthMetrics(metrics, { picture: unread, explain: unread, now: unread });
  registerSteeringMetrics(metrics, { status: { standing: { kind: "watching" }, confirmBy: null, unmet: [] } });
  new SteeringRecord({ log, metrics });
  const unrecorded = { enabled: false, segmentBytes: 65_536, segments: 2 };
  const reporter = health.subsystem("decision log");
  await using _decisions = await openDecisionLog(unrecorded, {
    folder: "/nonexistent",
    version: "0.1.0",
    clock,
    health: reporter,
    log,
    metrics,
  });
  registerNodeMetrics(metrics, { version: "0.1.0", stream: { readers: 0, cutOff: 0 }, servers: {}, log, health });
  registerCertificateMetrics(metrics, unread);
  registerMeshMetrics(metrics, unread);
  registerMessageMetrics(metrics, unread);
  registerCoreMetrics(metrics, { status: unread, drift: unread });
  new ControlFigures().register(metrics, unread);
  createHttpMetrics(metrics);
  registerEndMetrics(metrics, { counts: noCounts, status: unread });
  return metrics.labels;
}
