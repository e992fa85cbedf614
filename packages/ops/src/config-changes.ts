/** Which keys differ between two typed configurations: what a reload has to act on. */
import { formatPath, type PathStep } from "./pure/config-path.ts";
import { snakeCase } from "./pure/key-case.ts";
import { Secret } from "./secret.ts";

/** Paths as TOML writes them, "backhaul.uplink[1].metered", in the order of the keys. A list that grew is named per entry. */
export function changedPaths(before: unknown, after: unknown): readonly string[] {
  return differences(before, after, []).map(formatPath);
}

function differences(before: unknown, after: unknown, path: readonly PathStep[]): readonly (readonly PathStep[])[] {
  if (Object.is(before, after)) return [];
  if (before instanceof Secret && after instanceof Secret) return before.reveal() === after.reveal() ? [] : [path];
  if (Array.isArray(before) && Array.isArray(after)) {
    const indexes = Array.from({ length: Math.max(before.length, after.length) }, (_, index) => index);
    return indexes.flatMap((index) => differences(before[index], after[index], [...path, index]));
  }
  if (isPlain(before) && isPlain(after)) {
    const keys = new Set([...Object.keys(before), ...Object.keys(after)]);
    return [...keys].flatMap((key) => differences(before[key], after[key], [...path, snakeCase(key)]));
  }
  return [path];
}

function isPlain(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && Object.getPrototypeOf(value) === Object.prototype;
}
