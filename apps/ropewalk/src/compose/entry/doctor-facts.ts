/** Reads what `ropewalk doctor` judges of entry. It starts nothing and changes nothing. */
import { existsSync, statfsSync } from "node:fs";
import { join } from "node:path";
import type { EntryConfig } from "@ropewalk/entry/config";
import { Database } from "@ropewalk/entry/io/database";
import { reachOwnServer } from "@ropewalk/entry/io/own-server/own-server";
import { vpnRole } from "@ropewalk/entry/pure/node-fitness";
import { configuredGates } from "@ropewalk/entry/pure/production-gates";
import { describeError } from "@ropewalk/kernel/errors";
import { sql } from "kysely";
import type { CommandContext } from "../../command-context.ts";
import type { DatabaseFacts, DatabaseTold, EntryFacts, ExitFacts } from "../../doctor/entry.ts";
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
    return { kind: "answers", told: await tell(database, context) };
  } catch (error) {
    return given === undefined ? { kind: "stopped" } : { kind: "away", why: describeError(error) };
  }
}

async function tell(database: Database, { clock }: CommandContext): Promise<DatabaseTold> {
  const asked = clock.wall();
  const { rows } = await sql<
    Omit<DatabaseTold, "aheadMs" | "exits"> & { readonly now: number; readonly hasNodes: boolean }
  >`
    select current_setting('server_version_num')::integer as version, current_setting('fsync') = 'on' as fsync,
      current_setting('full_page_writes') = 'on' as "fullPageWrites", to_regclass('exits') is not null as "hasNodes",
      extract(epoch from clock_timestamp())::float8 * 1000 as now`.execute(database.kysely);
  const [told] = rows;
  if (told === undefined) throw new Error("it answers nothing");
  // Its clock was read at some moment between the question and the answer.
  const { now, hasNodes, ...rest } = told;
  const answered = clock.wall();
  const aheadMs = now < asked ? now - asked : Math.max(0, now - answered);
  return { ...rest, aheadMs: Math.round(aheadMs), exits: hasNodes ? await readExits(database) : undefined };
}

async function readExits(database: Database): Promise<readonly ExitFacts[]> {
  const { rows } = await sql<Omit<ExitFacts, "heardAgoMs"> & { readonly ago: number | null }>`
    select name, admission, extract(epoch from clock_timestamp() - heartbeat_at)::float8 * 1000 as ago
    from nodes where ${vpnRole} = any(roles) order by name`.execute(database.kysely);
  return rows.map(({ ago, ...row }) => ({ ...row, heardAgoMs: ago === null ? undefined : Math.round(ago) }));
}
