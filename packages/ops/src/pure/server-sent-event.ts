/** Server-sent events as text (https://html.spec.whatwg.org/multipage/server-sent-events.html §9.2.6). */

export interface ServerSentEvent {
  /** What a reader that comes back names as the last it saw. */
  readonly id?: string;
  /** The kind of event; "message" to readers when absent. */
  readonly event?: string;
  readonly data: string;
}

/** A line end in the data becomes a further data line, as the format has it; in an id or a name it would end the field, and is left out. */
export function encodeServerSentEvent(event: ServerSentEvent): string {
  const id = event.id === undefined ? "" : `id: ${onOneLine(event.id)}\n`;
  const name = event.event === undefined ? "" : `event: ${onOneLine(event.event)}\n`;
  const data = event.data.split(/\r\n|\r|\n/).map((line) => `data: ${line}\n`);
  return `${id}${name}${data.join("")}\n`;
}

/** A comment keeps the connection in use and tells the reader nothing. */
export const heartbeatComment = ":\n\n";

function onOneLine(text: string): string {
  return text.replace(/[\r\n\0]/g, "");
}
