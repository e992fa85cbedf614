/**
 * What must be changed in one plain value to make another of it, so that a record need not repeat what is known. It is exact:
 * what `applyDifference` makes has the same text as what `differenceBetween` was given, orders of keys and entries included.
 *
 *   null                                            nothing
 *   [VALUE]                                         it is this now
 *   {KEY: DIFFERENCE, …}                            of an object with the same keys
 *   ["map", [GONE, …], [[KEY, DIFFERENCE], …]]      then perhaps all keys, when they stand in another order
 *   ["items", [[INDEX, DIFFERENCE], …]]             of an array that has as many items as before
 *   ["splice", INDEX, REMOVED, [VALUE, …]]          of an array that has more or fewer
 */

export type Difference = null | readonly unknown[] | { readonly [key: string]: Difference };

export type AppliedDifference =
  | { readonly kind: "value"; readonly value: unknown }
  | { readonly kind: "malformed"; readonly reason: string };

type Fields = Readonly<Record<string, unknown>>;

export function differenceBetween(before: unknown, after: unknown): Difference {
  if (Object.is(before, after)) return null;
  if (Array.isArray(before)) return Array.isArray(after) ? arrayDifference(before, after) : [after];
  if (before instanceof Map) return after instanceof Map ? mapDifference(before, after) : [after];
  if (before instanceof Set) return after instanceof Set && areSameSets(before, after) ? null : [after];
  if (isFields(before) && isFields(after)) return fieldsDifference(before, after);
  return [after];
}

function isFields(value: unknown): value is Fields {
  return (
    typeof value === "object" &&
    value !== null &&
    !(Array.isArray(value) || value instanceof Map || value instanceof Set)
  );
}

function isSame(before: unknown, after: unknown): boolean {
  return differenceBetween(before, after) === null;
}

function fieldsDifference(before: Fields, after: Fields): Difference {
  const keys = Object.keys(after);
  const keysBefore = Object.keys(before);
  if (keys.length !== keysBefore.length || keys.some((key, index) => key !== keysBefore[index])) return [after];
  const changes: [string, Difference][] = [];
  for (const key of keys) {
    const change = differenceBetween(before[key], after[key]);
    if (change !== null) changes.push([key, change]);
  }
  return changes.length === 0 ? null : Object.fromEntries(changes);
}

function areSameSets(before: ReadonlySet<unknown>, after: ReadonlySet<unknown>): boolean {
  if (before.size !== after.size) return false;
  const items = before.values();
  for (const item of after) if (!Object.is(items.next().value, item)) return false;
  return true;
}

function mapDifference(before: ReadonlyMap<unknown, unknown>, after: ReadonlyMap<unknown, unknown>): Difference {
  const gone: unknown[] = [];
  for (const key of before.keys()) {
    if (typeof key === "object" && key !== null) return [after];
    if (!after.has(key)) gone.push(key);
  }
  const changes: [unknown, Difference][] = [];
  for (const [key, value] of after) {
    if (typeof key === "object" && key !== null) return [after];
    const change = before.has(key) ? differenceBetween(before.get(key), value) : [value];
    if (change !== null) changes.push([key, change]);
  }
  const order = [...before.keys()].filter((key) => after.has(key));
  for (const key of after.keys()) if (!before.has(key)) order.push(key);
  let index = 0;
  for (const key of after.keys()) if (!Object.is(key, order[index++])) return ["map", gone, changes, [...after.keys()]];
  return gone.length === 0 && changes.length === 0 ? null : ["map", gone, changes];
}

function arrayDifference(before: readonly unknown[], after: readonly unknown[]): Difference {
  if (before.length === after.length) return itemsDifference(before, after);
  const shorter = Math.min(before.length, after.length);
  let start = 0;
  while (start < shorter && isSame(before[start], after[start])) start += 1;
  let end = 0;
  while (end < shorter - start && isSame(before[before.length - 1 - end], after[after.length - 1 - end])) end += 1;
  return ["splice", start, before.length - start - end, after.slice(start, after.length - end)];
}

function itemsDifference(before: readonly unknown[], after: readonly unknown[]): Difference {
  const changes: [number, Difference][] = [];
  for (const [index, item] of after.entries()) {
    const change = differenceBetween(before[index], item);
    if (change !== null) changes.push([index, change]);
  }
  return changes.length === 0 ? null : ["items", changes];
}

/** Total: a difference that does not fit `before` is malformed. */
export function applyDifference(before: unknown, difference: unknown): AppliedDifference {
  if (difference === null) return { kind: "value", value: before };
  if (!Array.isArray(difference)) return applyToFields(before, difference);
  if (difference.length === 1) return { kind: "value", value: difference[0] };
  if (difference[0] === "map") return applyToMap(before, difference);
  if (difference[0] === "items") return applyToItems(before, difference);
  if (difference[0] === "splice") return applyToArray(before, difference);
  return misfit("it is of no known kind");
}

function misfit(reason: string): AppliedDifference {
  return { kind: "malformed", reason: `a difference cannot be applied: ${reason}` };
}

function applyToFields(before: unknown, difference: unknown): AppliedDifference {
  if (!isFields(before) || !isFields(difference)) return misfit("there is no object to change");
  const changed = new Map(Object.entries(before));
  for (const [key, change] of Object.entries(difference)) {
    if (!changed.has(key)) return misfit("there is no such key");
    const applied = applyDifference(changed.get(key), change);
    if (applied.kind === "malformed") return applied;
    changed.set(key, applied.value);
  }
  return { kind: "value", value: Object.fromEntries(changed) };
}

function applyToMap(before: unknown, [, gone, changes, order]: readonly unknown[]): AppliedDifference {
  if (!(before instanceof Map) || !Array.isArray(gone) || !Array.isArray(changes)) return misfit("there is no map");
  const changed = new Map<unknown, unknown>(before);
  for (const key of gone) changed.delete(key);
  for (const entry of changes) {
    if (!Array.isArray(entry)) return misfit("an entry is not a pair");
    const applied = applyDifference(changed.get(entry[0]), entry[1]);
    if (applied.kind === "malformed") return applied;
    changed.set(entry[0], applied.value);
  }
  if (order === undefined) return { kind: "value", value: changed };
  if (!Array.isArray(order) || order.length !== changed.size) return misfit("not every entry has its place");
  return { kind: "value", value: new Map(order.map((key) => [key, changed.get(key)])) };
}

function applyToItems(before: unknown, [, changes]: readonly unknown[]): AppliedDifference {
  if (!Array.isArray(before) || !Array.isArray(changes)) return misfit("there is no array");
  const changed: unknown[] = [...before];
  for (const entry of changes) {
    if (!Array.isArray(entry) || !isCount(entry[0]) || entry[0] >= changed.length)
      return misfit("there is no such item");
    const applied = applyDifference(changed[entry[0]], entry[1]);
    if (applied.kind === "malformed") return applied;
    changed[entry[0]] = applied.value;
  }
  return { kind: "value", value: changed };
}

function applyToArray(before: unknown, [, index, removed, inserted]: readonly unknown[]): AppliedDifference {
  if (!Array.isArray(before) || !isCount(index) || !isCount(removed) || !Array.isArray(inserted)) {
    return misfit("there is no array");
  }
  return { kind: "value", value: [...before.slice(0, index), ...inserted, ...before.slice(index + removed)] };
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}
