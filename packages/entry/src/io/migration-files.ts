/** Migrations as they are shipped: plain SQL, a file each, in the order of their numbers. */
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { readdir, readFile } from "node:fs/promises";
import { EntryError } from "../errors.ts";
import { type Migration, orderMigrations } from "../pure/migration-plan.ts";

/** Beside the files of a program that was packed, else the package's own folder, beside `src` and `dist`. */
const places = ["../entry-migrations/", "../../migrations/"].map((place) => new URL(place, import.meta.url));
export const ownMigrations: URL = places.find((place) => existsSync(place)) ?? (places[1] as URL);

/** Throws ENTRY_MIGRATION_FILES. */
export async function readMigrations(folder: URL = ownMigrations): Promise<readonly Migration[]> {
  try {
    const order = orderMigrations((await readdir(folder)).filter((file) => file.endsWith(".sql")));
    if (order.kind === "fault") throw new Error(order.reason);
    return await Promise.all(order.names.map((name, index) => readMigration(folder, name, index + 1)));
  } catch (error) {
    const message = `the migrations of entry's database in ${folder.pathname} cannot be used; install Ropewalk anew`;
    throw new EntryError("ENTRY_MIGRATION_FILES", message, { cause: error });
  }
}

async function readMigration(folder: URL, name: string, number: number): Promise<Migration> {
  const sql = await readFile(new URL(`${name}.sql`, folder), "utf8");
  return { number, name, sql, checksum: createHash("sha256").update(sql).digest("hex") };
}
