/** `ropewalk entry backup FILE`. */
import { backup } from "@ropewalk/entry/io/backup";
import type { RunCommand } from "../command-line/command.ts";
import { reachDatabase } from "../compose/entry/entry-database.ts";
import { entryPlaces } from "../compose/entry/entry-places.ts";
import { withDatabase } from "../compose/entry/with-database.ts";
import { exitCodes } from "../exit-codes.ts";

export const run: RunCommand = async (given, context) => {
  const [path = ""] = given.operands;
  const rows = await withDatabase(given, context, entryPlaces(context), reachDatabase, (database) =>
    backup(database, path, new Date(context.clock.wall())),
  );
  const total = Object.values(rows).reduce((sum, count) => sum + count, 0);
  const text = given.flags.has("json")
    ? JSON.stringify({ path, rows })
    : `${path}: ${total} rows of ${Object.keys(rows).length} tables.`;
  context.output.write(`${text}\n`);
  return exitCodes.ok;
};
