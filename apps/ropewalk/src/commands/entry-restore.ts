/** `ropewalk entry restore FILE`. Whoever has the state has the database: an entry that runs keeps it from being put back. */
import { readMigrations } from "@ropewalk/entry/io/migration-files";
import { restore } from "@ropewalk/entry/io/restore";
import type { RunCommand } from "../command-line/command.ts";
import { openDatabase } from "../compose/entry/entry-database.ts";
import { claimEntryPlaces } from "../compose/entry/entry-places.ts";
import { withDatabase } from "../compose/entry/with-database.ts";
import { exitCodes } from "../exit-codes.ts";

export const run: RunCommand = async (given, context) => {
  const [path = ""] = given.operands;
  using places = claimEntryPlaces(context);
  const quiet = { info: () => {}, warn: () => {} };
  const rows = await withDatabase(
    given,
    context,
    places,
    (...opening) => openDatabase(...opening, quiet),
    async (database) => restore(database, path, await readMigrations()),
  );
  const total = Object.values(rows).reduce((sum, count) => sum + count, 0);
  const text = given.flags.has("json") ? JSON.stringify({ path, rows }) : `${total} rows were put back from ${path}.`;
  context.output.write(`${text}\n`);
  return exitCodes.ok;
};
