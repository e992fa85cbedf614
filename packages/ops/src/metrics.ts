/**
 * Metrics for Prometheus. Names follow its conventions or are refused where they are made; the number of series of a
 * metric is bounded, because every series is kept for the life of the process.
 * Of the client its parts are loaded: the whole brings HTTP and OpenTelemetry along, a tenth of a node's start, for what is not used.
 */

import type * as prometheus from "@prometheus-io/client";
import ClientCounter from "@prometheus-io/client/lib/counter.js";
import ClientGauge from "@prometheus-io/client/lib/gauge.js";
import ClientHistogram from "@prometheus-io/client/lib/histogram.js";
import Registry from "@prometheus-io/client/lib/registry.js";
import { InternalError } from "@ropewalk/kernel/errors";
import { registerProcessMetrics } from "./process-metrics.ts";
import { type MetricType, metricNameFault } from "./pure/metric-name.ts";
import { SeriesBound } from "./pure/series-bound.ts";

export type Labels<Name extends string> = Readonly<Record<Name, string>>;

export interface Counter<Label extends string> {
  add(labels: Labels<Label>, amount?: number): void;
}

export interface Gauge<Label extends string> {
  set(labels: Labels<Label>, value: number): void;
  remove(labels: Labels<Label>): void;
}

export interface Histogram<Label extends string> {
  observe(labels: Labels<Label>, value: number): void;
}

export interface MetricOptions<Label extends string> {
  /** Begins with ropewalk_ and ends in its base unit: "ropewalk_uplink_rtt_seconds". */
  readonly name: string;
  /** One sentence that says what is counted or measured. */
  readonly help: string;
  readonly labels: readonly Label[];
}

export interface CollectedOptions<Label extends string> extends MetricOptions<Label> {
  /** Called at each scrape with the metric emptied: what it does not set again is gone. */
  readonly collect?: (set: (labels: Labels<Label>, value: number) => void) => void;
}

export interface HistogramOptions<Label extends string> extends MetricOptions<Label> {
  /** Upper bounds, ascending, in the metric's unit. */
  readonly buckets: readonly number[];
}

export interface Metrics {
  counter<Label extends string>(options: CollectedOptions<Label>): Counter<Label>;
  gauge<Label extends string>(options: CollectedOptions<Label>): Gauge<Label>;
  histogram<Label extends string>(options: HistogramOptions<Label>): Histogram<Label>;
  /** The text of one scrape. */
  render(): Promise<Scrape>;
}

/** One answer to Prometheus. */
export interface Scrape {
  readonly contentType: string;
  readonly body: string;
}

/** Series that one metric may have; values of further ones are dropped and counted. */
const mostSeries = 1_000;

/** A registry of its own, so that two daemons in one process (tests) do not meet. */
export function createMetrics(): Metrics {
  return new MetricRegistry();
}

class MetricRegistry implements Metrics {
  readonly #registry = new Registry();
  readonly #dropped: prometheus.Counter<"metric">;
  readonly #failed: prometheus.Counter<"metric">;

  constructor() {
    registerProcessMetrics(this.#registry);
    this.#dropped = new ClientCounter({
      name: "ropewalk_metrics_dropped_series_total",
      help: "Values dropped because their metric has as many series as it may have.",
      labelNames: ["metric"],
      registers: [this.#registry],
    });
    this.#failed = new ClientCounter({
      name: "ropewalk_metrics_collect_failures_total",
      help: "Scrapes at which a metric could not be collected.",
      labelNames: ["metric"],
      registers: [this.#registry],
    });
  }

  counter<Label extends string>(options: CollectedOptions<Label>): Counter<Label> {
    const series = new SeriesBound(options.labels, mostSeries);
    const counter: prometheus.Counter<string> = new ClientCounter({
      ...this.#settings("counter", options),
      ...this.#collector(
        options,
        () => counter,
        series,
        (labels, value) => counter.inc(labels, value),
      ),
    });
    return { add: (labels, amount = 1) => this.#admit(options, series, labels, (own) => counter.inc(own, amount)) };
  }

  gauge<Label extends string>(options: CollectedOptions<Label>): Gauge<Label> {
    const series = new SeriesBound(options.labels, mostSeries);
    const gauge: prometheus.Gauge<string> = new ClientGauge({
      ...this.#settings("gauge", options),
      ...this.#collector(
        options,
        () => gauge,
        series,
        (labels, value) => gauge.set(labels, value),
      ),
    });
    // The library starts a gauge without labels at 0, which nobody has measured.
    if (options.labels.length === 0) gauge.remove();
    return {
      set: (labels, value) => this.#admit(options, series, labels, (own) => gauge.set(own, value)),
      remove: (labels) => gauge.remove(series.release(labels)),
    };
  }

  histogram<Label extends string>(options: HistogramOptions<Label>): Histogram<Label> {
    const series = new SeriesBound(options.labels, mostSeries);
    const histogram = new ClientHistogram<string>({
      ...this.#settings("histogram", options),
      buckets: [...options.buckets],
    });
    return { observe: (labels, value) => this.#admit(options, series, labels, (own) => histogram.observe(own, value)) };
  }

  async render(): Promise<Scrape> {
    return { contentType: this.#registry.contentType, body: await this.#registry.metrics() };
  }

  #settings<Label extends string>(type: MetricType, options: MetricOptions<Label>): MetricSettings {
    const fault = options.help === "" ? "has no help" : metricNameFault(type, options.name, options.labels);
    if (fault !== undefined) throw new InternalError(`the metric ${options.name} ${fault}`);
    if (this.#registry.getSingleMetric(options.name) !== undefined) {
      throw new InternalError(`the metric ${options.name} exists already`);
    }
    return { name: options.name, help: options.help, labelNames: [...options.labels], registers: [this.#registry] };
  }

  #admit<Label extends string>(
    options: MetricOptions<Label>,
    series: SeriesBound<Label>,
    labels: Labels<Label>,
    act: (own: Record<string, string>) => void,
  ): void {
    const own = series.admit(labels);
    if (own === undefined) this.#dropped.inc({ metric: options.name });
    else act(own);
  }

  /** A metric that cannot be collected is left out of the scrape; the others must still be seen. */
  #collector<Label extends string>(
    options: CollectedOptions<Label>,
    metric: () => prometheus.Counter<string> | prometheus.Gauge<string>,
    series: SeriesBound<Label>,
    set: (own: Record<string, string>, value: number) => void,
  ): { collect?: () => void } {
    const { collect } = options;
    if (collect === undefined) return {};
    const empty = () => {
      metric().reset();
      if (options.labels.length === 0) metric().remove();
      series.clear();
    };
    return {
      collect: () => {
        empty();
        try {
          collect((labels, value) => this.#admit(options, series, labels, (own) => set(own, value)));
        } catch {
          empty();
          this.#failed.inc({ metric: options.name });
        }
      },
    };
  }
}

interface MetricSettings {
  readonly name: string;
  readonly help: string;
  readonly labelNames: string[];
  readonly registers: prometheus.Registry[];
}
