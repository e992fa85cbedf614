/** Reads what `ropewalk doctor` judges of entry. It starts nothing and changes nothing. */
import { existsSync, statfsSync } from "node:fs";
import { join } from "node:path";
import type { EntryConfig } from "@ropewalk/entry/config";
import { Database } from "@ropewalk/entry/io/database";
import { askDatabase } from "@ropewalk/entry/io/database-told";
import { reachOwnServer } from "@ropewalk/entry/io/own-server/own-server";
import { configuredGates } from "@ropewalk/entry/pure/production-gates";
import { describeError } from "@ropewalk/kernel/errors";
import type { CommandContext } from "../../command-context.ts";
import type { DatabaseFacts, EntryFacts } from "../../doctor/entry.ts";
import { chance } from "../chance.ts";
import { givenDatabase } from "./entry-database.ts";
import { configuredFacts } from "./entry-facts.ts";
import { entryPlaces } from "./entry-places.ts";

/** Undefined: nothing says that an entry runs here, or is to. Throws APP_CONFIG for an address of a database that is none. */
export async function readEntryFacts(config: EntryConfig, context: CommandContext): Promise<EntryFacts | undefined> {
  const { state } = entryPlaces(context);
  const isGiven = config.database.url !== undefined || config.http.certificate !== undefined;
  if (!isGiven && config.nodes.listen === "off" && !existsSync(state)) return undefined;
  const own = join(state, "database");
  const isOwn = config.database.url === undefined;
  return {
    database: await databaseFacts(config, context, own),
    disk: isOwn && existsSync(own) ? { path: own, freeBytes: freeBytes(own) } : undefined,
    gates: configuredGates(configuredFacts(config)),
  };
}

export function freeBytes(path: string): number {
  const { bavail, bsize } = statfsSync(path);
  return bavail * bsize;
}

async function databaseFacts(config: EntryConfig, context: CommandContext, own: string): Promise<DatabaseFacts> {
  const given = givenDatabase(config);
  if (given === undefined && !existsSync(own)) return { kind: "stopped" };
  try {
    const settings = given ?? (await reachOwnServer(entryPlaces(context).database));
    await using database = new Database(settings, { clock: context.clock, chance });
    return { kind: "answers", told: await askDatabase(database, context.clock) };
  } catch (error) {
    return given === undefined ? { kind: "stopped" } : { kind: "away", why: describeError(error) };
  }
}
