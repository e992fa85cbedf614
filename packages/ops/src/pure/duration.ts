/** Durations as people write them in TOML: a number and a unit, "250ms", "15s", "5m", "2h", "1d". */
import { type Millis, millis } from "@ropewalk/kernel/units";

const unitMillis = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;

type Unit = keyof typeof unitMillis;

const pattern = /^(\d{1,15}(?:\.\d{1,6})?)(ms|s|m|h|d)$/;

/** Undefined when `text` is not a duration. */
export function parseDuration(text: string): Millis | undefined {
  const [, amount, unit] = pattern.exec(text) ?? [];
  if (amount === undefined || unit === undefined) return undefined;
  return millis(Number(amount) * unitMillis[unit as Unit]);
}

/** The shortest exact form: the largest unit that divides the duration; `parseDuration` gives the same duration back. */
export function formatDuration(duration: Millis): string {
  if (duration === 0) return "0s";
  const units: readonly Unit[] = ["d", "h", "m", "s"];
  const unit = units.find((candidate) => duration % unitMillis[candidate] === 0) ?? "ms";
  return `${duration / unitMillis[unit]}${unit}`;
}
