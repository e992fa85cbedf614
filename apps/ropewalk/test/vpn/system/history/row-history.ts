/**
 * Every change of rows that the control of the VPN commits, written down by triggers in the same transaction, and read in the order of the commits. The
 * server notes the moment of each before any other transaction can see it: so who builds on another's rows comes behind him.
 */
import type { Database } from "@ropewalk/entry/io/database";
import type { Commit, RowChange } from "../../history/history.ts";

const columns: Readonly<Record<RowChange["source"], readonly string[]>> = {
  sessions: ["id", "customer", "device", "state"],
  placements: ["id", "session", "node", "device", "role", "until"],
  addresses: ["node", "address", "placement"],
  outbox: ["node", "generation"],
  audit: ["action", "subject"],
};
/** Where a column is not told as it is stored. */
const told: Readonly<Record<string, string>> = {
  until: "extract(epoch from c.may_last_until) * 1000",
  address: "host(c.address)",
};

const table = `create table history_rows (id bigint generated always as identity primary key,
  tx xid8 not null default pg_current_xact_id(), source text not null, is_gone boolean not null, row jsonb not null)`;

function triggersOf(source: string, names: readonly string[]): string {
  const row = names.map((name) => `'${name}', ${told[name] ?? `c.${name}`}`).join(", ");
  const events = source === "audit" || source === "outbox" ? ["insert"] : ["insert", "update", "delete"];
  const note = `create function history_${source}() returns trigger language plpgsql as $$ begin
    insert into history_rows (source, is_gone, row) select '${source}', tg_op = 'DELETE', jsonb_build_object(${row}) from changed c;
    return null;
  end $$;`;
  const triggers = events.map(
    (event) => `create trigger history_${event} after ${event} on ${source}
      referencing ${event === "delete" ? "old" : "new"} table as changed for each statement execute function history_${source}();`,
  );
  return [note, ...triggers].join("\n");
}

/** Whether the server is to start again for it. */
export async function noteCommits(database: Database): Promise<boolean> {
  await using connection = await database.alone();
  const [set] = await connection.rows<{ readonly track_commit_timestamp: string }>("show track_commit_timestamp");
  if (set?.track_commit_timestamp === "on") return false;
  await connection.rows("alter system set track_commit_timestamp = on");
  return true;
}

export async function keepRowHistory(database: Database): Promise<void> {
  const sources = Object.entries(columns).map(([source, names]) => triggersOf(source, names));
  await using connection = await database.alone();
  for (const text of [table, ...sources]) await connection.rows(text);
}

interface HistoryRow {
  readonly tx: string;
  readonly at: number;
  readonly source: RowChange["source"];
  readonly is_gone: boolean;
  readonly row: RowChange["row"];
}

/** All of it since the last time, by the clock of this process. Nothing is committed meanwhile. */
export async function takeRowHistory(database: Database, wall: () => number): Promise<readonly Commit[]> {
  await using connection = await database.alone();
  return await connection.transaction("", async () => {
    const ask = <Row>(text: string) => connection.rows<Row>(text);
    await ask("lock table history_rows in access exclusive mode");
    const offsets: { readonly took: number; readonly ahead: number }[] = [];
    for (let look = 0; look < 5; look += 1) {
      const before = wall();
      const [row] = await ask<{ readonly now: number }>(
        "select extract(epoch from clock_timestamp())::float8 * 1000 as now",
      );
      const after = wall();
      offsets.push({ took: after - before, ahead: (row?.now ?? after) - (before + after) / 2 });
    }
    const ahead = offsets.toSorted((one, other) => one.took - other.took)[0]?.ahead ?? 0;
    const rows = await ask<HistoryRow>(`select tx, extract(epoch from at)::float8 * 1000 as at, source, is_gone, row
      from (select *, pg_xact_commit_timestamp(tx::xid) as at from history_rows) h order by h.at, tx, id`);
    await ask("truncate history_rows");
    return commitsOf(rows, ahead);
  });
}

function commitsOf(rows: readonly HistoryRow[], ahead: number): readonly Commit[] {
  const commits: { readonly tx: string; readonly at: number; readonly changes: RowChange[] }[] = [];
  for (const { tx, at, source, is_gone: isGone, row } of rows) {
    if (commits.at(-1)?.tx !== tx) commits.push({ tx, at: at - ahead, changes: [] });
    const own = source === "placements" ? { ...row, until: (row as { until: number }).until - ahead } : row;
    commits.at(-1)?.changes.push({ source, isGone, row: own } as RowChange);
  }
  return commits;
}
