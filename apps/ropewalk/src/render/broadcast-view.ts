/** Broadcasts and channels as text for people. Pure: documents in, lines out. What somebody else wrote never reaches a terminal as it is. */
import type { BroadcastAnswerDocument, ChannelsDocument, HeardDocument } from "@ropewalk/api/broadcasts";
import { contentLines } from "./message-view.ts";
import { durationText, sizeText } from "./quantity.ts";
import { type Cell, printable, tableLines } from "./table.ts";
import type { View } from "./uplink-table.ts";

/** As `inboxLines`. In a channel nobody is named: whoever has its key can write as anybody. */
export function heardLines(heard: HeardDocument): readonly string[] {
  const { sender, name, channel, port, sentAt, bytes, content } = heard;
  const signed = name === null ? sender : `${printable(name)} (${sender})`;
  const where = channel === null ? `To all, from ${signed}` : `In the channel ${printable(channel)}`;
  const application = port === 0 ? "" : `, port ${port}`;
  return [`${where}${application}, sent ${sentAt}, ${sizeText(bytes)}`, ...contentLines(content)];
}

/** One row a channel; a sentence where there is none. */
export function channelTable({ channels }: ChannelsDocument, { paint, columns }: View): readonly string[] {
  if (channels.length === 0) return ["No channels."];
  const named = channels.toSorted((one, other) => one.name.localeCompare(other.name));
  const rows = named.map(({ name, fingerprint }) => [printable(name), fingerprint].map((text): Cell => ({ text })));
  return tableLines({ headings: ["NAME", "FINGERPRINT"], rows, spare: [] }, columns, paint.dim);
}

type Answer<Kind> = BroadcastAnswerDocument & { readonly kind: Kind };

export function broadcastSentText({ id, neighbours, lifeMs }: Answer<"sent">): string {
  const life = durationText(lifeMs);
  if (neighbours === 0) return `${id} goes to who comes within ${life}: there is no neighbour now.`;
  return `${id} is on its way to ${neighbours === 1 ? "a neighbour" : `${neighbours} neighbours`}, and to who comes within ${life}.`;
}

/** Why one was not taken, and what to do. */
export function broadcastRefusalText(answer: Answer<"refused">, channel: string | null): string {
  const { why, figure, limit, waitMs } = answer;
  switch (why) {
    case "too-long":
      return `it has ${sizeText(figure ?? 0)}, and a broadcast may have ${sizeText(limit ?? 0)} at most`;
    case "too-many":
      return `as many as others take of one node went out: wait ${durationText(waitMs ?? 0)}`;
    case "no-channel":
      return `there is no channel "${printable(channel ?? "")}" here: ropewalk mesh channels lists them`;
    case "closed":
      return "the node is stopping";
  }
}
