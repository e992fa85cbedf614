/**
 * Pages of the tables that may have a hundred thousand rows, as one text each: SQLite writes it, a thread passes it on as it is, and its reader
 * parses it, in a third of the time that a page of objects takes.
 */
import type { MeshAddress } from "../../pure/mesh-address.ts";
import type { PageText, StorePage, StorePages } from "../../pure/messages/store-questions.ts";
import type { StoreTime } from "../../pure/messages/store-time.ts";

/** Tables without octets in what a start reads of them. */
export type TextTable = "inbox" | "parts" | "custody";

const hex = (column: string) => `lower(hex(${column}))`;

/** What SQLite is asked for of a row, in the order in which `rowOf` has it. */
const columns: Readonly<Record<TextTable, readonly string[]>> = {
  inbox: [hex("sender"), "length(content)"],
  parts: [hex("sender"), hex("id"), "count", "until", "length(octets)"],
  custody: [
    ...[hex("name"), hex("address"), hex("hint"), hex("origin")],
    ...["is_senders", "priority", "until", "copies", "length(envelope)"],
  ],
};

const rowOf = {
  inbox: ([sender, size]: readonly [MeshAddress, number]) => ({ sender, size }),
  parts: ([sender, id, count, until, size]: readonly [MeshAddress, string, number, StoreTime, number]) => {
    return { sender, id, count, until, size };
  },
  custody: ([name, address, hint, from, isSenders, priority, until, copies, size]: readonly [
    ...(readonly [string, MeshAddress, string, MeshAddress]),
    ...(readonly [number, number, StoreTime, number, number]),
  ]) => ({
    ...{ name, from, isSenders: isSenders === 1, priority, until, copies, size },
    to: hint === "" ? ({ kind: "address", address } as const) : ({ kind: "hint", hint } as const),
  }),
};

export function isTextTable(of: keyof StorePages): of is TextTable {
  return of in columns;
}

/** Of at most `?` rows behind row `?`: the last of them, how many they are, and their text. */
export function pageTextSql(of: TextTable): string {
  const page = `SELECT * FROM ${of} WHERE row > ? ORDER BY row LIMIT ?`;
  const text = `json_group_array(json_array(${columns[of].join(", ")}) ORDER BY row)`;
  return `SELECT max(row) AS last, count(*) AS count, ${text} AS text FROM (${page})`;
}

/** The rows of a page, however it was given. */
export function rowsOfPage<Kind extends keyof StorePages>(
  of: Kind,
  page: StorePage<StorePages[Kind]> | PageText,
): readonly StorePages[Kind][] {
  if (!("text" in page)) return page.rows;
  const read = rowOf[of as TextTable] as (values: unknown) => unknown;
  return (JSON.parse(page.text) as readonly unknown[]).map((values) => read(values) as StorePages[Kind]);
}
