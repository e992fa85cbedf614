/** What ended goes, a bounded number of each kind at a time, so that nothing waits long behind it. */
import type { ExpiredRows, StoreOutcome } from "../../pure/messages/store-operations.ts";
import type { StoreTime } from "../../pure/messages/store-time.ts";
import { removeMessage } from "./own-statements.ts";
import { octetsOf, type StoreDatabase } from "./store-database.ts";

const timeName = "time";

/** `most`: of each kind. */
export function expire(database: StoreDatabase, now: StoreTime, most: number): StoreOutcome {
  keepTime(database, now);
  const remove = (table: string) =>
    database.run(
      `DELETE FROM ${table} WHERE row IN (SELECT row FROM ${table} WHERE until <= ? ORDER BY until LIMIT ?)`,
      ...[now, most],
    );
  const rows: ExpiredRows = {
    outbox: expireOutbox(database, now, most),
    custody: remove("custody"),
    proofs: remove("proofs"),
    parts: remove("parts"),
    seen: remove("seen"),
    chains: remove("chains"),
    prekeys: remove("prekeys"),
  };
  return { kind: "expired", rows, isMore: Object.values(rows).some((count) => count >= most) };
}

/** As far as the store has come; 0 where it is new. */
export function lastTime(database: StoreDatabase): StoreTime {
  return database.number("SELECT value FROM meta WHERE name = ?", timeName) as StoreTime;
}

function keepTime(database: StoreDatabase, now: StoreTime): void {
  database.run(
    `INSERT INTO meta (name, value) VALUES (?, ?)
     ON CONFLICT (name) DO UPDATE SET value = excluded.value WHERE value < excluded.value`,
    ...[timeName, now],
  );
}

function expireOutbox(database: StoreDatabase, now: StoreTime, most: number): number {
  const ended = database.rows("SELECT id FROM outbox WHERE until <= ? ORDER BY until LIMIT ?", now, most);
  for (const row of ended) removeMessage(database, octetsOf(row, "id"));
  return ended.length;
}
