/**
 * Numbers of the inbox's rows, and of broadcasts', go on above all that may have been given, also where the store was lost with the count of them: whoever
 * has read up to a number finds all that came later behind it.
 */
import type { StoreDatabase } from "./store-database.ts";

/** More than come in a millisecond, so that the clock goes ahead of what was counted. */
const numbersInMillisecond = 1_024;
/** Tables whose rows applications know by number. */
const numbered = ["inbox", "broadcasts"] as const;
const greatestFirst: number = 2 ** 52;

/** `wall`: milliseconds since 1970. */
export function raiseNumbers(database: StoreDatabase, wall: number): void {
  const first = Math.min(greatestFirst, Math.max(0, Math.floor(wall)) * numbersInMillisecond);
  database.transaction(() => {
    for (const name of numbered) {
      if (database.run("UPDATE sqlite_sequence SET seq = max(seq, ?) WHERE name = ?", first, name) === 0)
        database.run("INSERT INTO sqlite_sequence (name, seq) VALUES (?, ?)", name, first);
    }
  });
}

/** Where none was given yet. */
export function beginNumbers(database: StoreDatabase, wall: number): void {
  const given = database.number("SELECT count(*) FROM sqlite_sequence WHERE name IN (?, ?)", ...numbered);
  if (given < numbered.length) raiseNumbers(database, wall);
}
