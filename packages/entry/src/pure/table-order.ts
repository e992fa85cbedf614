/** Tables in the order in which they can be filled: each behind those that its foreign keys point to. */

export interface TableReference {
  readonly from: string;
  readonly to: string;
}

/** Undefined: some point to each other in a circle, and nothing can be filled first. */
export function orderTables(
  tables: readonly string[],
  references: readonly TableReference[],
): readonly string[] | undefined {
  const ordered: string[] = [];
  let left = tables.toSorted();
  while (left.length > 0) {
    const waits = (table: string) =>
      references.some(({ from, to }) => from === table && to !== table && left.includes(to));
    const free = left.filter((table) => !waits(table));
    if (free.length === 0) return undefined;
    ordered.push(...free);
    left = left.filter((table) => !free.includes(table));
  }
  return ordered;
}
