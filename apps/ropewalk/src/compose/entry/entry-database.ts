/** The database of entry: the given one, else its own. */
import type { EntryConfig } from "@ropewalk/entry/config";
import { EntryError } from "@ropewalk/entry/errors";
import { Database } from "@ropewalk/entry/io/database";
import { OwnServer, reachOwnServer } from "@ropewalk/entry/io/own-server/own-server";
import { usualPlaces } from "@ropewalk/entry/io/own-server/programs";
import { type DatabaseSettings, parseDatabaseUrl } from "@ropewalk/entry/pure/database-settings";
import type { Log } from "@ropewalk/ops/log";
import type { CommandContext } from "../../command-context.ts";
import { AppError } from "../../errors.ts";
import { chance } from "../chance.ts";
import type { EntryPlaces } from "./entry-places.ts";

export interface EntryDatabase extends AsyncDisposable {
  readonly database: Database;
  /** For the gates before production. */
  readonly kind: "own" | "near" | "verified" | "unverified";
}

/** What the address says of itself; undefined: there is none. Throws APP_CONFIG. */
export function givenDatabase({ database }: EntryConfig): DatabaseSettings | undefined {
  if (database.url === undefined) return undefined;
  const read = parseDatabaseUrl(database.url.reveal());
  if (read.kind === "fault") throw new AppError("APP_CONFIG", `entry.database.url: ${read.reason}.`);
  return read.settings;
}

export function databaseKind(given: DatabaseSettings | undefined): EntryDatabase["kind"] {
  if (given === undefined) return "own";
  if (given.tls.mode === "disable") return "near";
  return given.tls.mode === "require" ? "unverified" : "verified";
}

/** The caller disposes of it; the own server ends with it. `onLaunched`: while an own server starts. Throws AppError and EntryError. */
export async function openDatabase(
  config: EntryConfig,
  { database: folders }: Pick<EntryPlaces, "database">,
  context: CommandContext,
  log: Pick<Log, "info" | "warn">,
  onLaunched?: () => void,
): Promise<EntryDatabase> {
  const deps = { clock: context.clock, chance };
  const given = givenDatabase(config);
  await using made = new AsyncDisposableStack();
  const startOwn = async () => {
    const places = await usualPlaces(context.environment["PATH"] ?? "");
    return made.use(await OwnServer.start(folders, places, { ...deps, log, onLaunched }));
  };
  const settings = given ?? (await startOwn()).settings;
  const database = made.use(new Database(settings, deps));
  const kept = made.move();
  return { database, kind: databaseKind(given), [Symbol.asyncDispose]: () => kept.disposeAsync() };
}

/** For a command beside an entry that may run: its own server is used where it runs, and started where it does not. */
export async function reachDatabase(
  config: EntryConfig,
  places: Pick<EntryPlaces, "database">,
  context: CommandContext,
): Promise<EntryDatabase> {
  try {
    return await openDatabase(config, places, context, { info: () => {}, warn: () => {} });
  } catch (error) {
    if (!(error instanceof EntryError) || error.code !== "ENTRY_DATABASE_HELD") throw error;
  }
  const settings = await reachOwnServer(places.database);
  const database = new Database(settings, { clock: context.clock, chance });
  return { database, kind: "own", [Symbol.asyncDispose]: () => database[Symbol.asyncDispose]() };
}
