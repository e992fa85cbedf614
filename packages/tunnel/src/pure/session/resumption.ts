/** A session on a new lane: what the peer says it has, against what this end has, and what follows for every stream. */
import type { ResumeState, StreamState } from "../wire/frame.ts";
import type { Outbox } from "./outbox.ts";
import type { SessionOutput } from "./session-output.ts";
import type { Stream } from "./stream.ts";
import type { StreamTable } from "./stream-table.ts";

export interface Resumption {
  readonly outputs: readonly SessionOutput[];
  /** Nothing is left of these. */
  readonly forgotten: readonly Stream[];
}

/** Source: docs/protocols/tunnel-session.md, "Resumption". */
export function resumed(table: StreamTable, state: ResumeState, outbox: Outbox): Resumption {
  const listed = new Map(state.streams.map((entry) => [entry.stream, entry]));
  const outputs: SessionOutput[] = [];
  const forgotten: Stream[] = [];
  for (const stream of table.all.values()) {
    const entry = listed.get(stream.id);
    listed.delete(stream.id);
    if (stream.phase.kind === "resetting") {
      if (entry === undefined) forgotten.push(stream);
      else outbox.say({ type: "reset", stream: stream.id, reason: stream.phase.reason });
    } else if (entry !== undefined) {
      outputs.push(...goOn(stream, entry, outbox));
    } else if (table.isOwn(stream.id) && stream.id > state.highest) {
      askAgain(stream, outbox);
    } else {
      forgotten.push(stream);
      outputs.push(goneOutput(stream));
    }
  }
  // The peer's own that are not known here yet are on their way.
  for (const id of listed.keys()) if (table.wasOpened(id)) outbox.say({ type: "gone", stream: id });
  return { outputs, forgotten };
}

function goOn(stream: Stream, { received, limit }: StreamState, outbox: Outbox): readonly SessionOutput[] {
  const { id, send, receive, phase } = stream;
  if (!send.rewind(received))
    return [{ kind: "broken", why: `the peer has octets of stream ${id} that were never sent` }];
  send.allow(limit);
  // It may not know; and it knows once it has had anything of the stream.
  if (phase.kind === "open" && !phase.isOwn && !send.isHeard)
    outbox.say({ type: "accept", stream: id, limit: receive.limit });
  return [{ kind: "room", stream: id }];
}

function askAgain({ id, send, receive, phase }: Stream, outbox: Outbox): void {
  if (phase.kind !== "asking") return;
  send.rewind(0);
  outbox.say({ type: "connect", stream: id, limit: receive.limit, request: phase.request });
}

/** The peer has nothing of a stream that this end still has: it came to its end, or it did not. */
export function goneOutput({ id, send, receive }: Stream): SessionOutput {
  return receive.isEnded && send.wasEndSent
    ? { kind: "closed", stream: id }
    : { kind: "reset", stream: id, reason: "aborted" };
}
