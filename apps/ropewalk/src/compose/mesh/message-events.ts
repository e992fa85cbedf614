/** Turns what happens to messages into the stream of the API, in the call in which it happens. */
import type { MessageEventDocument } from "@ropewalk/api/messages";
import type { Clock } from "@ropewalk/kernel/clock";
import { EventLog } from "@ropewalk/ops/event-log";
import { EventStream } from "@ropewalk/ops/event-stream";
import { type AskedStore, messageEventDocument, messageStoreDocument } from "../../local-api/message-documents.ts";
import type { AskedMessages } from "../../local-api/messages-api.ts";

/** A reader who was away for more begins with a snapshot, and reads inbox and outbox anew. */
const keptEvents = 2_048;

export interface MessageEventsOptions {
  readonly clock: Clock;
  /** Distinct for each run on this machine. */
  readonly epoch: string;
}

/** The caller disposes of it. */
export function createMessageEvents(
  messages: AskedStore & Pick<AskedMessages, "subscribe">,
  { clock, epoch }: MessageEventsOptions,
): EventStream<MessageEventDocument> {
  const at = () => new Date(clock.wall()).toISOString();
  const log = new EventLog<MessageEventDocument>({ epoch, capacity: keptEvents });
  const encode = (event: MessageEventDocument) => ({ event: event.kind, data: JSON.stringify(event) });
  messages.subscribe((event) => void log.append(messageEventDocument(event, at())));
  const snapshot = () => encode({ at: at(), kind: "snapshot", store: messageStoreDocument(messages) });
  return new EventStream<MessageEventDocument>({ log, snapshot, encode, clock });
}
