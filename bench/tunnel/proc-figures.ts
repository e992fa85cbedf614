/** What the kernel tells of processes in /proc, as text, and what it means. */

/** proc_pid_stat(5) counts in these on every Linux that Node runs on. */
const clockTicksPerSecond = 100;

/** Seconds of processor of a process and of its children that have ended, from its `stat`. */
export function processorSeconds(stat: string): number {
  // utime, stime, cutime and cstime are fields 14 to 17, counted behind the name in brackets, which may hold blanks.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  const ticks = fields.slice(11, 15).map(Number);
  return ticks.reduce((sum, count) => sum + count, 0) / clockTicksPerSecond;
}

/** Proportional set size in octets, from `smaps_rollup`. */
export function proportionalSetSize(rollup: string): number {
  const [, kib] = /^Pss:\s+(\d+) kB$/m.exec(rollup) ?? [];
  if (kib === undefined) throw new Error("smaps_rollup tells no Pss");
  return Number(kib) * 1024;
}

/** Gauges by name and labels, from a page of Prometheus metrics. */
export function gaugesOf(page: string): ReadonlyMap<string, number> {
  return samplesOf(page, "gauge");
}

/** Counters, likewise. */
export function countersOf(page: string): ReadonlyMap<string, number> {
  return samplesOf(page, "counter");
}

function samplesOf(page: string, type: "gauge" | "counter"): ReadonlyMap<string, number> {
  const ofType = [...page.matchAll(/^# TYPE (\S+) (\S+)$/gm)].filter((line) => line[2] === type);
  const names = new Set(ofType.map(([, name]) => name));
  const values = new Map<string, number>();
  for (const [, sample = "", name, value] of page.matchAll(/^(([a-zA-Z_:][\w:]*)(?:\{.*\})?) (\S+)/gm)) {
    if (names.has(name)) values.set(sample, Number(value));
  }
  return values;
}
