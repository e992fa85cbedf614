/** Which keys differ between two typed configurations: what a reload has to act on. */
import { formatPath, type PathStep } from "./pure/config-path.ts";
import { snakeCase } from "./pure/key-case.ts";
import { Secret } from "./secret.ts";

/**
 * Paths as TOML writes them, "backhaul.uplink[1].metered", in the order of the keys. A list that grew is named per entry. `leaves`:
 * paths of settings that are written as one value, "mesh.peer[0].at"; what that was made into has no names that anybody wrote.
 */
export function changedPaths(
  before: unknown,
  after: unknown,
  leaves: ReadonlySet<string> = new Set(),
): readonly string[] {
  return differences(before, after, [], leaves).map(formatPath);
}

function differences(
  before: unknown,
  after: unknown,
  path: readonly PathStep[],
  leaves: ReadonlySet<string>,
): readonly (readonly PathStep[])[] {
  if (Object.is(before, after)) return [];
  if (before instanceof Secret && after instanceof Secret) return before.reveal() === after.reveal() ? [] : [path];
  if (Array.isArray(before) && Array.isArray(after)) {
    const indexes = Array.from({ length: Math.max(before.length, after.length) }, (_, index) => index);
    return indexes.flatMap((index) => differences(before[index], after[index], [...path, index], leaves));
  }
  if (isPlain(before) && isPlain(after)) {
    const keys = new Set([...Object.keys(before), ...Object.keys(after)]);
    const inner = [...keys].flatMap((key) => differences(before[key], after[key], [...path, snakeCase(key)], leaves));
    return inner.length > 0 && isWithinLeaf(path, leaves) ? [path] : inner;
  }
  return [path];
}

/** A setting, or one of those that a setting lists. */
function isWithinLeaf(path: readonly PathStep[], leaves: ReadonlySet<string>): boolean {
  return leaves.has(formatPath(path)) || (typeof path.at(-1) === "number" && leaves.has(formatPath(path.slice(0, -1))));
}

function isPlain(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && Object.getPrototypeOf(value) === Object.prototype;
}
