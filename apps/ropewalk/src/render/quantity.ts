/** Durations, sizes and shares as people read them: as many digits as tell something, and the unit always beside them. */

const second = 1_000;
const minute = 60 * second;
const hour = 60 * minute;
const day = 24 * hour;

/** "400 ms", "4.2 s", "42 s", "12 min", "5.5 h", "3 days". */
export function durationText(ms: number): string {
  if (ms < 999.5) return `${Math.round(ms)} ms`;
  if (ms < 119.5 * second) return `${trimmed(ms / second)} s`;
  if (ms < 119.5 * minute) return `${Math.round(ms / minute)} min`;
  return ms < 48 * hour ? `${trimmed(ms / hour)} h` : `${Math.round(ms / day)} days`;
}

/** Always in milliseconds, so that the figures of uplinks can be compared by eye; nothing takes no time at all. */
export function roundTripText(ms: number): string {
  return ms < 0.05 ? "< 0.1 ms" : `${trimmed(ms)} ms`;
}

/** "0 %", "0.4 %", "20 %"; what is not nothing is never shown as 0. */
export function shareText(share: number): string {
  const percent = share * 100;
  return percent > 0 && percent < 0.05 ? "< 0.1 %" : `${trimmed(percent)} %`;
}

const sizeUnits = ["B", "kB", "MB", "GB", "TB"] as const;

/** Powers of 1,000, as data plans count: "812 B", "2.1 MB", "21 MB". */
export function sizeText(bytes: number): string {
  const power = bytes < 999.5 ? 0 : Math.min(sizeUnits.length - 1, Math.floor(Math.log10(bytes * 1.0005) / 3));
  return `${trimmed(bytes / 1000 ** power)} ${sizeUnits[power]}`;
}

/** One decimal below ten, where it is not zero. */
function trimmed(value: number): string {
  return value < 9.95 ? value.toFixed(1).replace(/\.0$/, "") : String(Math.round(value));
}
