/** Where what came waits for its reader: messages that were sent to this node, and broadcasts that it heard. */
import type { MessageEventDocument, TakenDocument } from "@ropewalk/api/messages";
import type { InboxQuestion, MessagesClient } from "@ropewalk/api/messages-client";
import { heardLines } from "../render/broadcast-view.ts";
import { inboxLines } from "../render/message-view.ts";

interface ShelfItem {
  readonly number: number;
  /** For programs. */
  readonly document: object;
  /** For people. */
  readonly lines: readonly string[];
}

export interface Shelf {
  readonly page: (
    messages: MessagesClient,
    question: InboxQuestion,
    signal: AbortSignal,
  ) => Promise<{ readonly items: readonly ShelfItem[]; readonly next: number | null }>;
  readonly take: (messages: MessagesClient, numbers: readonly number[], signal: AbortSignal) => Promise<TakenDocument>;
  /** What tells of another. */
  readonly event: MessageEventDocument["kind"];
  readonly emptyText: string;
}

export const messagesShelf: Shelf = {
  page: async (messages, question, signal) => {
    const { messages: documents, next } = await messages.inbox(question, signal);
    return { items: documents.map((one) => ({ number: one.number, document: one, lines: inboxLines(one) })), next };
  },
  take: (messages, numbers, signal) => messages.take(numbers, signal),
  event: "received",
  emptyText: "The inbox is empty.",
};

export const broadcastsShelf: Shelf = {
  page: async ({ broadcasts }, question, signal) => {
    const { broadcasts: documents, next } = await broadcasts.heard(question, signal);
    return { items: documents.map((one) => ({ number: one.number, document: one, lines: heardLines(one) })), next };
  },
  take: ({ broadcasts }, numbers, signal) => broadcasts.take(numbers, signal),
  event: "heard",
  emptyText: "No broadcast was heard.",
};
