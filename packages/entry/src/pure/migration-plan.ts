/**
 * Which migrations a database still needs. They are numbered from 1 without a gap, and one that was ever applied stays as it is: what is to
 * be otherwise is said by the next.
 */

export interface Migration {
  /** From 1. */
  readonly number: number;
  /** The file's, without its end: "0001-ground". */
  readonly name: string;
  readonly sql: string;
  /** SHA-256 of the file in hexadecimal digits. */
  readonly checksum: string;
}

export type AppliedMigration = Pick<Migration, "number" | "name" | "checksum">;

export type MigrationPlan =
  | { readonly kind: "apply"; readonly next: readonly Migration[] }
  /** The first that is another than was applied. */
  | { readonly kind: "changed"; readonly migration: AppliedMigration }
  /** The database has more than is known. */
  | { readonly kind: "newer"; readonly number: number };

export function planMigrations(known: readonly Migration[], applied: readonly AppliedMigration[]): MigrationPlan {
  const last = applied.reduce((most, { number }) => Math.max(most, number), 0);
  const changed = applied.find(({ number, checksum }) => {
    const own = known[number - 1];
    return own !== undefined && own.checksum !== checksum;
  });
  if (changed !== undefined) return { kind: "changed", migration: changed };
  if (last > known.length) return { kind: "newer", number: last };
  return { kind: "apply", next: known.slice(last) };
}

/** The names of files in the order of their numbers, or why they are not in one. */
export function orderMigrations(
  files: readonly string[],
):
  | { readonly kind: "ordered"; readonly names: readonly string[] }
  | { readonly kind: "fault"; readonly reason: string } {
  const sorted = files.toSorted();
  for (const [index, file] of sorted.entries()) {
    const number = /^(\d{4})-[a-z0-9]+(?:-[a-z0-9]+)*\.sql$/.exec(file)?.[1];
    if (number === undefined) return { kind: "fault", reason: `${file} is not named as 0001-what-it-does.sql` };
    if (Number(number) !== index + 1)
      return { kind: "fault", reason: `${file} is where number ${index + 1} should be` };
  }
  return { kind: "ordered", names: sorted.map((file) => file.replace(/\.sql$/, "")) };
}
