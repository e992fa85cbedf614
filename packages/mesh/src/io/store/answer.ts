/** Answers what is asked of the store. However much there is, an answer is bounded in rows and in octets. */
import { addressOf, type MeshAddress } from "../../pure/mesh-address.ts";
import type {
  BroadcastRow,
  InboxRow,
  PageText,
  StoredEnvelope,
  StoreFigures,
  StorePage,
  StorePages,
  StoreQuestion,
  StoreReply,
} from "../../pure/messages/store-questions.ts";
import type { StoreTime } from "../../pure/messages/store-time.ts";
import { isTextTable, pageTextSql, type TextTable } from "./page-text.ts";
import { numberOf, octetsOf, type Row, type StoreDatabase, summedOctets, textOf } from "./store-database.ts";

/** Rows of a page: to read it in takes the owner a millisecond or two. */
const mostRows = 256;
const mostTextRows = 1_024;
/** They may be large: of each a few hundred keys that were skipped. */
const mostChains = 32;
const mostNames = 64;
/** Of a tag, with which a name begins. */
const tagLength = 8;
const mostInboxRows = 256;
/** Of the contents in one answer, but that one row is always given. */
const mostOctets = 1_048_576;

export function answer(database: StoreDatabase, question: StoreQuestion): StoreReply[StoreQuestion["kind"]] {
  switch (question.kind) {
    case "page":
      return page(database, question.of, question.after);
    case "envelopes":
      return question.names.slice(0, mostNames).flatMap((name) => envelopes(database, name));
    case "content":
      return content(database, question);
    case "inbox":
      return inbox(database, question);
    case "broadcasts":
      return broadcasts(database, question);
    case "figures":
      return figures(database);
  }
}

type RowTable = Exclude<keyof StorePages, TextTable>;

/** To have text made of octets there is quicker than to make it of them here. */
const hex = (column: string) => `lower(hex(${column})) AS ${column}`;
const pageColumns: Readonly<Record<RowTable, string>> = {
  outbox: `${hex("id")}, ${hex("contact")}, port, priority, until, accepted, chunks, length(content) AS size`,
  sealed: `${hex("tag")}, ${hex("id")}, chunk, mark, length(envelope) AS size`,
  contacts: `${hex("address")}, key, name, sum`,
  chains: `${hex("sender")}, opening, key, base, seen, until, sum`,
  prekeys: "id, secret, made, until, sum",
  proofs: `${hex("tag")}, ack_key, until`,
  channels: "name, key, sum",
  origins: `${hex("address")}, heard, sum`,
};

type PageRow = StorePages[RowTable];

const pageRow: Readonly<Record<RowTable, (row: Row, database: StoreDatabase) => PageRow>> = {
  outbox: (row, database) => ({
    id: textOf(row, "id"),
    contact: addressIn(row, "contact"),
    port: numberOf(row, "port"),
    priority: numberOf(row, "priority"),
    until: untilOf(row),
    accepted: numberOf(row, "accepted"),
    chunks: numberOf(row, "chunks"),
    size: numberOf(row, "size"),
    proved: row["chunks"] === 1 ? [] : provedChunks(database, textOf(row, "id")),
  }),
  sealed: (row) => ({
    tag: textOf(row, "tag"),
    id: textOf(row, "id"),
    chunk: numberOf(row, "chunk"),
    mark: octetsOf(row, "mark"),
    size: numberOf(row, "size"),
  }),
  contacts: (row) => ({
    address: addressIn(row, "address"),
    key: summedOctets(row, "key"),
    name: typeof row["name"] === "string" ? row["name"] : undefined,
  }),
  chains: (row) => ({
    sender: addressIn(row, "sender"),
    opening: octetsOf(row, "opening"),
    key: summedOctets(row, "key", "seen"),
    base: numberOf(row, "base"),
    seen: octetsOf(row, "seen"),
    until: untilOf(row),
  }),
  prekeys: (row) => ({
    id: numberOf(row, "id"),
    secret: summedOctets(row, "secret"),
    made: numberOf(row, "made") as StoreTime,
    until: untilOf(row),
  }),
  proofs: (row) => ({ tag: textOf(row, "tag"), ackKey: octetsOf(row, "ack_key"), until: untilOf(row) }),
  channels: (row) => ({ name: textOf(row, "name"), key: summedOctets(row, "key") }),
  origins: (row) => ({ address: addressIn(row, "address"), heard: summedOctets(row, "heard") }),
};

function page(database: StoreDatabase, of: keyof StorePages, after: number): StoreReply["page"] {
  return isTextTable(of) ? pageText(database, of, after) : pageOfRows(database, of, after);
}

function pageText(database: StoreDatabase, of: TextTable, after: number): PageText {
  const row = database.row(pageTextSql(of), after, mostTextRows) ?? {};
  const next = numberOf(row, "count") < mostTextRows ? undefined : numberOf(row, "last");
  return { text: textOf(row, "text"), next };
}

function pageOfRows(database: StoreDatabase, of: RowTable, after: number): StorePage<PageRow> {
  const sql = `SELECT row, ${pageColumns[of]} FROM ${of} WHERE row > ? ORDER BY row LIMIT ?`;
  const most = of === "chains" ? mostChains : mostRows;
  const found = database.rows(sql, after, most);
  const last = found.at(-1);
  const next = last === undefined || found.length < most ? undefined : numberOf(last, "row");
  return { rows: found.map((row) => pageRow[of](row, database)), next };
}

function provedChunks(database: StoreDatabase, id: string): readonly number[] {
  const proved = database.rows("SELECT chunk FROM proved WHERE id = ? ORDER BY chunk", Uint8Array.fromHex(id));
  return proved.map((one) => numberOf(one, "chunk"));
}

function envelopes(database: StoreDatabase, name: string): readonly StoredEnvelope[] {
  const key = Uint8Array.fromHex(name);
  const row =
    database.row("SELECT envelope, sum FROM custody WHERE name = ?", key) ??
    database.row("SELECT envelope, sum FROM sealed WHERE tag = ?", key.subarray(0, tagLength));
  return row === undefined ? [] : [{ name, envelope: summedOctets(row, "envelope") }];
}

/** The whole is read, so that it is known to be what was stored. */
function content(
  database: StoreDatabase,
  { id, offset, length }: Extract<StoreQuestion, { readonly kind: "content" }>,
): Uint8Array | undefined {
  const row = database.row("SELECT content, sum FROM outbox WHERE id = ?", Uint8Array.fromHex(id));
  return row === undefined
    ? undefined
    : summedOctets(row, "content").slice(offset, offset + Math.min(length, mostOctets));
}

function inbox(database: StoreDatabase, question: Asked<"inbox">): StorePage<InboxRow> {
  return waiting(database, "inbox", question, inboxRow);
}

function broadcasts(database: StoreDatabase, question: Asked<"broadcasts">): StorePage<BroadcastRow> {
  return waiting(database, "broadcasts", question, broadcastRow);
}

type Asked<Kind> = Extract<StoreQuestion, { readonly kind: Kind }>;

/** What waits for an application in a table, with numbers and contents. */
function waiting<Of extends { readonly number: number }>(
  database: StoreDatabase,
  table: "inbox" | "broadcasts",
  { after, most, port }: Asked<"inbox" | "broadcasts">,
  read: (row: Row) => Of,
): StorePage<Of> {
  const rows: Of[] = [];
  let octets = 0;
  const where = port === undefined ? "row > ?" : "row > ? AND port = ?";
  const values = port === undefined ? [after] : [after, port];
  for (const row of database.each(`SELECT * FROM ${table} WHERE ${where} ORDER BY row`, ...values)) {
    const last = rows.at(-1);
    octets += octetsOf(row, "content").length;
    const isEnough = rows.length >= Math.min(most, mostInboxRows) || octets > mostOctets;
    if (last !== undefined && isEnough) return { rows, next: last.number };
    rows.push(read(row));
  }
  return { rows, next: undefined };
}

function inboxRow(row: Row): InboxRow {
  return {
    number: numberOf(row, "row"),
    sender: addressOf(octetsOf(row, "sender")),
    port: numberOf(row, "port"),
    id: octetsOf(row, "id").toHex(),
    sent: numberOf(row, "sent"),
    at: numberOf(row, "at"),
    content: summedOctets(row, "content"),
  };
}

function broadcastRow(row: Row): BroadcastRow {
  const origin = row["origin"];
  return {
    number: numberOf(row, "row"),
    source:
      origin instanceof Uint8Array
        ? { kind: "origin", address: addressOf(origin) }
        : { kind: "channel", name: textOf(row, "channel") },
    port: numberOf(row, "port"),
    id: octetsOf(row, "id").toHex(),
    sent: numberOf(row, "sent"),
    at: numberOf(row, "at"),
    octets: summedOctets(row, "content"),
  };
}

function figures(database: StoreDatabase): StoreFigures {
  const count = (table: string) => database.number(`SELECT count(*) FROM ${table}`);
  return {
    inbox: count("inbox"),
    broadcasts: count("broadcasts"),
    parts: count("parts"),
    outbox: count("outbox"),
    custody: count("custody"),
    seen: count("seen"),
    proofs: count("proofs"),
    size: database.number("PRAGMA page_count") * database.number("PRAGMA page_size"),
  };
}

function addressIn(row: Row, column: string): MeshAddress {
  return textOf(row, column) as MeshAddress;
}

function untilOf(row: Row): StoreTime {
  return numberOf(row, "until") as StoreTime;
}
