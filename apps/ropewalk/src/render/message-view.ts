/** Messages as text for people. Pure: documents in, lines out. What somebody else wrote never reaches a terminal as it is. */
import type {
  ContactsDocument,
  ContentDocument,
  InboxMessageDocument,
  MessageStoreDocument,
  OutboxDocument,
  SendAnswerDocument,
} from "@ropewalk/api/messages";
import { durationText, sizeText } from "./quantity.ts";
import { type Cell, printable, tableLines } from "./table.ts";
import type { View } from "./uplink-table.ts";

const indent = "  ";
const shownOctets = 16;

/** Who, when and how much on one line, and below it, further in, what he wrote: so that nobody can write a line that looks like the first. */
export function inboxLines(message: InboxMessageDocument): readonly string[] {
  const { sender, name, port, sentAt, bytes, content } = message;
  const who = name === null ? sender : `${printable(name)} (${sender})`;
  const application = port === 0 ? "" : `, port ${port}`;
  return [`From ${who}${application}, sent ${sentAt}, ${sizeText(bytes)}`, ...contentLines(content)];
}

export function contentLines(content: ContentDocument): readonly string[] {
  if (content.kind === "base64") {
    const octets = Uint8Array.fromBase64(content.base64);
    const first = [...octets.subarray(0, shownOctets)].map((octet) => octet.toString(16).padStart(2, "0")).join(" ");
    return [`${indent}(no text: ${first}${octets.length > shownOctets ? " …" : ""})`];
  }
  if (content.text === "") return [`${indent}(empty)`];
  const lines = content.text.replace(/\r?\n$/, "").split(/\r?\n/);
  return lines.map((line) => indent + printable(line.replaceAll("\t", "    ")));
}

const outboxHeadings = ["ID", "TO", "STATE", "PARTS", "SIZE", "PRIORITY", "LEFT", "ACCEPTED"];
const states = { waiting: "waiting", "under-way": "under way", kept: "kept" } as const;

/** One row a message; a sentence where there is none. */
export function outboxTable({ messages }: OutboxDocument, { paint, columns }: View): readonly string[] {
  if (messages.length === 0) return ["Nothing is on its way."];
  const rows = messages.map((message) => {
    const { id, to, name, state, parts, proved, bytes, priority, leftMs, acceptedAt } = message;
    const cells = [
      ...[id, name === null ? to : printable(name), states[state], `${proved} of ${parts}`],
      ...[sizeText(bytes), priority, durationText(leftMs), acceptedAt],
    ];
    return cells.map((text): Cell => ({ text }));
  });
  return tableLines({ headings: outboxHeadings, rows, spare: ["ACCEPTED", "PRIORITY", "SIZE"] }, columns, paint.dim);
}

/** One row a contact; a sentence where there is none. */
export function contactTable({ contacts }: ContactsDocument, { paint, columns }: View): readonly string[] {
  if (contacts.length === 0) return ["No contacts."];
  const named = contacts.toSorted((one, other) => (one.name ?? "").localeCompare(other.name ?? ""));
  const rows = named.map(({ name, address, key }) => {
    return [name === null ? "-" : printable(name), address, key].map((text): Cell => ({ text }));
  });
  return tableLines({ headings: ["NAME", "ADDRESS", "KEY"], rows, spare: ["KEY"] }, columns, paint.dim);
}

/** The whole answer of `mesh store`. */
export function storeLines(store: MessageStoreDocument): readonly string[] {
  const { inbox, outbox, custody, longestLifeMs, counts, salvaged, start } = store;
  const lost = start === "lost" ? ["Damaged      nothing of the file that was there could be read"] : [];
  const tables = (salvaged?.tables ?? []).filter(({ refused }) => refused > 0);
  const refused = tables.map(({ name, refused: rows }) => `${rows} of ${name}`).join(", ");
  const loss = refused === "" ? "" : `; rows that were not what was stored: ${refused}`;
  const damage = salvaged && [
    `Damaged      ${printable(salvaged.reason)}; it is in ${printable(salvaged.aside)}${loss}`,
  ];
  return [
    `Inbox        ${inbox.messages} of at most ${inbox.limit} messages, ${sizeText(inbox.bytes)} of at most ${sizeText(inbox.limitBytes)}`,
    `Outbox       ${outbox.messages} messages, ${sizeText(outbox.bytes)} of at most ${sizeText(outbox.limitBytes)}`,
    `For others   ${custody.envelopes} envelopes, ${sizeText(custody.bytes)} of at most ${sizeText(custody.limitBytes)}`,
    `Life         at most ${durationText(longestLifeMs)}`,
    `Counted      ${countedText(counts)}`,
    ...lost,
    ...(damage ?? []),
  ];
}

function countedText(counts: MessageStoreDocument["counts"]): string {
  const those = Object.entries(counts).filter(([, count]) => count > 0);
  if (those.length === 0) return "nothing yet";
  return those.map(([name, count]) => `${count} ${printable(name)}`).join(", ");
}

type Refused = SendAnswerDocument & { readonly kind: "refused" };

/** Why a message was not taken, and what to do. */
export function sendRefusalText({ why, figure, limit }: Refused): string {
  const [of, most] = [sizeText(figure ?? 0), sizeText(limit ?? 0)];
  switch (why) {
    case "too-long":
      return `the message has ${of}, and may have ${most} at most (mesh.store.max_message_bytes)`;
    case "full":
      return `with it there would be ${of} in the outbox, and one of this priority finds ${most} (mesh.store.max_outbox_bytes): withdraw others, or wait until some are delivered`;
    case "busy":
      return "the disk is slower than what is sent: try again in a moment";
    case "to-itself":
      return "it is for this node itself";
    case "store":
      return "the store of messages cannot take it: ropewalk status and the node's log say why";
    case "closed":
      return "the node is stopping, or its store has died";
  }
}
