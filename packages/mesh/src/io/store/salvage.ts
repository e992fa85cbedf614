/**
 * Saves what can still be read of a damaged store, row by row, into a new one. Nothing of the damaged one is changed. Where reading
 * breaks off, it goes on behind: rows have numbers, and the next that can be read is looked for by halves.
 */
import { DamagedDatabase } from "./damaged-database.ts";
import { raiseNumbers } from "./inbox-numbers.ts";
import { summedColumns } from "./schema.ts";
import { type Row, StoreDatabase, sumOf } from "./store-database.ts";

export interface SalvagedTable {
  readonly name: string;
  readonly saved: number;
  /** Rows that were read and are not what was stored. */
  readonly refused: number;
  /** How often reading broke off, each time for one row or for many. */
  readonly breaks: number;
}

/** In one table; what lies behind is given up. */
const mostBreaks = 1_000;
const greatestRow: number = 2 ** 53 - 1;

/** `to` is a new file, and `wall` the time, in milliseconds since 1970. Its tables are those of the store's version, or of the newest where that cannot be read. */
export function salvage(from: string, to: string, wall: number): readonly SalvagedTable[] {
  using source = DamagedDatabase.open(from);
  using target = new StoreDatabase(to, source.version());
  const tables = target.tables().map((name) => salvageTable(source, target, name));
  raiseNumbers(target, wall);
  target.checkpoint();
  return tables;
}

function salvageTable(source: DamagedDatabase, target: StoreDatabase, name: string): SalvagedTable {
  const columns = target.rows("SELECT name FROM pragma_table_info(?)", name).map((column) => String(column["name"]));
  const list = columns.join(", ");
  const insert = `INSERT OR IGNORE INTO ${name} (${list}) VALUES (${columns.map(() => "?").join(", ")})`;
  let [saved, refused, breaks] = [0, 0, 0];
  for (let from: number | undefined = 0; from !== undefined && breaks < mostBreaks; ) {
    const { rows, end } = source.read(name, list, from);
    const kept = target.transaction(
      () => rows.filter((row) => isAsStored(name, row) && keepRow(target, insert, columns, row)).length,
    );
    saved += kept;
    refused += rows.length - kept;
    const last = rows.at(-1)?.["row"];
    if (last !== undefined) from = Number(last) + 1;
    if (end === "last") break;
    if (end === "more") continue;
    breaks += 1;
    from = nextReadable((number) => source.isReadable(name, list, number), from);
  }
  return { name, saved, refused, breaks };
}

/** The least number above `from` from which on can be read again; undefined where nothing more can. From `from` on it cannot. */
function nextReadable(isReadable: (number: number) => boolean, from: number): number | undefined {
  let [bad, good] = [from, from];
  for (let step = 1; bad === good || !isReadable(good); step *= 2) {
    bad = good;
    if (good >= greatestRow) return undefined;
    good = Math.min(greatestRow, from + step);
  }
  while (good - bad > 1) {
    const middle = bad + Math.floor((good - bad) / 2);
    if (isReadable(middle)) good = middle;
    else bad = middle;
  }
  return good;
}

function keepRow(target: StoreDatabase, insert: string, columns: readonly string[], row: Row): boolean {
  try {
    return target.run(insert, ...columns.map((column) => row[column] ?? null)) > 0;
  } catch (error) {
    // Such as octets where a number belongs, which a table of strict types refuses.
    if (isConstraint(error)) return false;
    throw error;
  }
}

function isAsStored(table: string, row: Row): boolean {
  const columns = summedColumns[table];
  if (columns === undefined) return true;
  const octets = columns.map((column) => row[column]).filter((value) => value instanceof Uint8Array);
  return octets.length === columns.length && sumOf(...octets) === row["sum"];
}

function isConstraint(error: unknown): boolean {
  // SQLITE_CONSTRAINT, https://sqlite.org/rescode.html#constraint
  return error instanceof Error && "errcode" in error && (Number(error.errcode) & 0xff) === 19;
}
