/** What would keep entry from its work, by what its database says and the machine has. Nothing where no entry is configured. */
import type { EntryConfig } from "@ropewalk/entry/config";
import type { DatabaseTold, ExitTold } from "@ropewalk/entry/io/database-told";
import type { Gate } from "@ropewalk/entry/pure/production-gates";
import { durationText, sizeText } from "../render/quantity.ts";
import { type Finding, good, lack, note } from "./finding.ts";

export interface EntryFacts {
  readonly database: DatabaseFacts;
  /** Of the folder of its own database; undefined: it is given one. */
  readonly disk: { readonly path: string; readonly freeBytes: number } | undefined;
  /** As a start in this environment would judge the configuration. */
  readonly gates: readonly Gate[];
}

export type DatabaseFacts =
  | { readonly kind: "answers"; readonly told: DatabaseTold }
  | { readonly kind: "away"; readonly why: string }
  /** Its own, while no entry runs here. */
  | { readonly kind: "stopped" };

const leastVersion = 150_000;
const leastFreeBytes = 1_000_000_000;
const mostAheadMs = 1_000;

export function entryFindings({ nodes }: Pick<EntryConfig, "nodes">, facts: EntryFacts): readonly Finding[] {
  const { database, disk, gates } = facts;
  return [
    ...gates
      .filter(({ state }) => state === "fails")
      .map(({ name, reason }) =>
        lack("vpn", `entry in production: ${name}`, reason, "entry does not start", "docs/operating/entry.md"),
      ),
    ...databaseFindings(database),
    ...(disk === undefined ? [] : [diskFinding("entry's disk", disk)]),
    ...(database.kind === "answers" ? exitFindings(database.told.exits, nodes.freshness) : []),
  ];
}

export function diskFinding(name: string, { path, freeBytes }: NonNullable<EntryFacts["disk"]>): Finding {
  const text = `${sizeText(freeBytes)} free at ${path}`;
  if (freeBytes >= leastFreeBytes) return good("vpn", name, text);
  return lack("vpn", name, text, "where it is full nothing is taken any more", "make room");
}

function databaseFindings(database: DatabaseFacts): readonly Finding[] {
  const name = "entry's database";
  if (database.kind === "stopped") return [note("vpn", name, "its own, which runs while entry does: it does not now")];
  if (database.kind === "away")
    return [lack("vpn", name, database.why, "nobody begins, moves or ends", "docs/operating/entry-database.md")];
  const { version, fsync, fullPageWrites, aheadMs } = database.told;
  const major = Math.floor(version / 10_000);
  return [
    version >= leastVersion
      ? good("vpn", name, `PostgreSQL ${major} answers`)
      : lack("vpn", name, `PostgreSQL ${major} answers`, "entry does not start", "PostgreSQL 15 or later"),
    ...(fsync && fullPageWrites ? [] : [unsafeFinding(fsync ? "full_page_writes" : "fsync")]),
    clockFinding(aheadMs),
  ];
}

function unsafeFinding(setting: string): Finding {
  const cost = "a machine that loses its power may lose sessions that were confirmed, or the whole database";
  return lack("vpn", "entry's database", `${setting} is off`, cost, `${setting} = on in postgresql.conf`);
}

/** Leases go by the database's clock, tokens and certificates by this machine's. */
function clockFinding(aheadMs: number): Finding {
  const away = Math.abs(aheadMs);
  const text = `the database's is ${durationText(away)} ${aheadMs < 0 ? "behind" : "ahead of"} this machine's`;
  if (away <= mostAheadMs) return good("vpn", "clock", text);
  const cost = "tokens and certificates are judged by the one, leases by the other";
  return lack("vpn", "clock", text, cost, "set both by NTP: timedatectl set-ntp true");
}

function exitFindings(exits: readonly ExitTold[] | undefined, freshness: number): readonly Finding[] {
  if (exits === undefined) return [note("vpn", "exits", "entry has not made its tables yet; it does when it starts")];
  if (exits.length === 0)
    return [note("vpn", "exits", "none is registered: ropewalk entry node add NAME --region REGION")];
  return exits.map(({ name, admission, heardAgoMs }) => {
    const called = `exit ${name}`;
    const heard = heardAgoMs === undefined ? "never heard of" : `heard ${durationText(heardAgoMs)} ago`;
    const isFresh = heardAgoMs !== undefined && heardAgoMs <= freshness;
    if (isFresh) return good("vpn", called, heard);
    if (admission !== "open") return note("vpn", called, `${heard}; it is ${admission}`);
    const cure = "ropewalk core status on that machine; core.entry.addresses there, entry.nodes.listen here";
    return lack("vpn", called, heard, "nobody is placed there, and leases there end", cure);
  });
}
