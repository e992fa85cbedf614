/** What the database says of itself, and of the exits, to who examines a machine. It changes nothing, and takes no lock. */
import type { Clock } from "@ropewalk/kernel/clock";
import { sql } from "kysely";
import { vpnRole } from "../pure/node-fitness.ts";
import type { Database } from "./database.ts";

export interface DatabaseTold {
  /** "150018". */
  readonly version: number;
  readonly fsync: boolean;
  readonly fullPageWrites: boolean;
  /** Of its clock before this machine's, in milliseconds; negative: behind. */
  readonly aheadMs: number;
  /** Undefined: entry has never run on it. */
  readonly exits: readonly ExitTold[] | undefined;
}

export interface ExitTold {
  readonly name: string;
  readonly admission: string;
  /** Since its last heartbeat; undefined: there was none. */
  readonly heardAgoMs: number | undefined;
}

interface ToldRow extends Pick<DatabaseTold, "version" | "fsync" | "fullPageWrites"> {
  readonly now: number;
  readonly hasExits: boolean;
}

/** Throws EntryError. */
export async function askDatabase(database: Database, clock: Pick<Clock, "wall">): Promise<DatabaseTold> {
  const asked = clock.wall();
  const { rows } = await sql<ToldRow>`
    select current_setting('server_version_num')::integer as version, current_setting('fsync') = 'on' as fsync,
      current_setting('full_page_writes') = 'on' as "fullPageWrites", to_regclass('exits') is not null as "hasExits",
      extract(epoch from clock_timestamp())::float8 * 1000 as now`.execute(database.kysely);
  const answered = clock.wall();
  // One row, whatever is in it.
  const { now, hasExits, ...told } = rows[0] as ToldRow;
  // Its clock was read at some moment between the question and the answer.
  const aheadMs = Math.round(now < asked ? now - asked : Math.max(0, now - answered));
  return { ...told, aheadMs, exits: hasExits ? await askExits(database) : undefined };
}

async function askExits({ kysely }: Database): Promise<readonly ExitTold[]> {
  const { rows } = await sql<Omit<ExitTold, "heardAgoMs"> & { readonly ago: number | null }>`
    select name, admission, extract(epoch from clock_timestamp() - heartbeat_at)::float8 * 1000 as ago
    from nodes where ${vpnRole} = any(roles) order by name`.execute(kysely);
  return rows.map(({ ago, ...row }) => ({ ...row, heardAgoMs: ago === null ? undefined : Math.round(ago) }));
}
