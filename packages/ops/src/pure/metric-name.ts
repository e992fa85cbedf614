/** Prometheus' rules for names (https://prometheus.io/docs/practices/naming/), as far as a program can check them. */

export type MetricType = "counter" | "gauge" | "histogram";

const namePattern = /^ropewalk(?:_[a-z0-9]+)+$/;
const labelPattern = /^[a-z][a-z0-9_]*$/;

/** Units that have a base unit: seconds, bytes, ratios of 1. */
const derivedUnit =
  /_(?:ms|millis|milliseconds|us|microseconds|ns|nanoseconds|minutes|hours|days|kb|mb|kib|mib|kilobytes|megabytes|bits|kbps|mbps|percent|percentage)(?:_total)?$/;

/** Suffixes that histograms and summaries add on their own. */
const reservedSuffix = /_(?:bucket|sum|count|created|info)$/;

/** What is wrong with the name or its labels; undefined when nothing is. */
export function metricNameFault(type: MetricType, name: string, labels: readonly string[]): string | undefined {
  if (!namePattern.test(name)) return "must be snake_case and begin with ropewalk_";
  if (type === "counter" && !name.endsWith("_total")) return "is a counter and must end in _total";
  if (type !== "counter" && name.endsWith("_total")) return `is a ${type} and must not end in _total`;
  if (derivedUnit.test(name)) return "must be in a base unit: seconds, bytes or a ratio";
  if (reservedSuffix.test(name)) return "ends in a suffix that Prometheus gives a meaning of its own";
  const bad = labels.find((label) => !labelPattern.test(label) || label === "le" || label === "quantile");
  if (bad !== undefined) return `has the label ${bad}, which is not snake_case or is reserved`;
  return new Set(labels).size === labels.length ? undefined : "has a label twice";
}
