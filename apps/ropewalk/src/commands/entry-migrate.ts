/** `ropewalk entry migrate`. */
import { migrate } from "@ropewalk/entry/io/migrate";
import { readMigrations } from "@ropewalk/entry/io/migration-files";
import type { RunCommand } from "../command-line/command.ts";
import { reachDatabase } from "../compose/entry/entry-database.ts";
import { entryPlaces } from "../compose/entry/entry-places.ts";
import { withDatabase } from "../compose/entry/with-database.ts";
import { exitCodes } from "../exit-codes.ts";

export const run: RunCommand = async (given, context) => {
  const applied = await withDatabase(given, context, entryPlaces(context), reachDatabase, async (database) =>
    migrate(database, await readMigrations()),
  );
  if (given.flags.has("json")) context.output.write(`${JSON.stringify({ applied })}\n`);
  else if (applied.length === 0) context.output.write("The database has the newest migration.\n");
  else for (const name of applied) context.output.write(`${name} was applied.\n`);
  return exitCodes.ok;
};
