/** Reading and changing the tree of plain tables that a configuration file is, before the schema has seen it. */

export type RawTable = Record<string, unknown>;

export function isTable(value: unknown): value is RawTable {
  return typeof value === "object" && value !== null && !Array.isArray(value) && !(value instanceof Date);
}

/** A copy that shares nothing that `setAt` or `takeAt` change. Tables have no prototype, so no key is special. */
export function copyTree(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(copyTree);
  if (!isTable(value)) return value;
  const copy: RawTable = Object.create(null);
  for (const [key, inner] of Object.entries(value)) copy[key] = copyTree(inner);
  return copy;
}

/** The value at `path`; undefined when a step is missing. */
export function valueAt(root: unknown, path: readonly PropertyKey[]): unknown {
  let current = root;
  for (const step of path) {
    if (Array.isArray(current) && typeof step === "number") current = current[step];
    else if (isTable(current) && Object.hasOwn(current, step)) current = current[step as string];
    else return undefined;
  }
  return current;
}

/** Sets the value at `path`, making tables on the way. A plain value in the way stays, for the schema to refuse. */
export function setAt(root: RawTable, path: readonly string[], value: unknown): void {
  let table = root;
  for (const step of path.slice(0, -1)) {
    const next = table[step] ?? Object.create(null);
    if (!isTable(next)) return;
    table[step] = next;
    table = next;
  }
  const last = path.at(-1);
  if (last !== undefined) table[last] = value;
}

/** Takes every value at `path` out of the tree, through lists of tables too; tables left empty go with it. */
export function takeAt(
  root: unknown,
  path: readonly string[],
): readonly { readonly path: readonly (string | number)[]; readonly value: unknown }[] {
  if (Array.isArray(root)) {
    return root.flatMap((item, index) =>
      takeAt(item, path).map((taken) => ({ ...taken, path: [index, ...taken.path] })),
    );
  }
  const [step, ...rest] = path;
  if (!isTable(root) || step === undefined || !Object.hasOwn(root, step)) return [];
  const value = root[step];
  if (rest.length === 0) {
    delete root[step];
    return [{ path: [step], value }];
  }
  const taken = takeAt(value, rest);
  if (taken.length > 0 && isTable(value) && Object.keys(value).length === 0) delete root[step];
  return taken.map((inner) => ({ ...inner, path: [step, ...inner.path] }));
}

/** Freezes tables and lists all the way down; instances of classes keep their own rules. */
export function deepFreeze<T>(value: T): T {
  if (typeof value !== "object" || value === null || Object.isFrozen(value)) return value;
  const prototype: unknown = Object.getPrototypeOf(value);
  if (!Array.isArray(value) && prototype !== Object.prototype && prototype !== null) return value;
  for (const inner of Object.values(value)) deepFreeze(inner);
  return Object.freeze(value);
}
