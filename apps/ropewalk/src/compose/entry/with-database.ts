/** What the commands about entry's database have in common. */
import type { EntryConfig } from "@ropewalk/entry/config";
import type { CommandContext } from "../../command-context.ts";
import type { GivenArguments } from "../../command-line/command.ts";
import { readConfiguration, requireConfiguration } from "../../configuration.ts";
import type { EntryDatabase } from "./entry-database.ts";
import type { EntryPlaces } from "./entry-places.ts";

type Opening = (config: EntryConfig, places: EntryPlaces, context: CommandContext) => Promise<EntryDatabase>;

/** The database, as `open` comes by it, while `work` is done. Throws what both throw. */
export async function withDatabase<T>(
  { values }: GivenArguments,
  context: CommandContext,
  places: EntryPlaces,
  open: Opening,
  work: (database: EntryDatabase["database"]) => Promise<T>,
): Promise<T> {
  const { entry } = requireConfiguration(readConfiguration(context, values.get("config"))).values;
  await using opened = await open(entry, places, context);
  return await work(opened.database);
}
