/** A session on a new lane: what the peer says it has, against what this end has, and what follows for every stream. */
import type { Role } from "../handshake/message.ts";
import type { ResumeState, StreamState } from "../wire/frame.ts";
import type { ResetReason } from "../wire/reset-reason.ts";
import type { LivingStreams } from "./living-streams.ts";
import { broken, type SessionOutput } from "./session-output.ts";
import type { Stream } from "./stream.ts";
import type { StreamTable } from "./stream-table.ts";

export interface Resumption {
  readonly outputs: readonly SessionOutput[];
  /** The peer has nothing of these. */
  readonly gone: readonly Stream[];
}

/** Source: docs/protocols/tunnel-session.md, "Resumption". */
export function resumed(role: Role, streams: LivingStreams, state: ResumeState): Resumption {
  const { table, outbox } = streams;
  const impossible = fault(table, state);
  if (impossible !== undefined) return { outputs: broken(impossible), gone: [] };
  const listed = new Map(state.streams.map((entry) => [entry.stream, entry]));
  const outputs: SessionOutput[] = [];
  const gone: Stream[] = [];
  for (const stream of table.all.values()) {
    const entry = listed.get(stream.id);
    listed.delete(stream.id);
    if (entry === undefined && !mayBeNew(role, table, state, stream)) gone.push(stream);
    else if (!streams.rewind(stream, entry?.received ?? 0)) outputs.push(...broken(neverSent(stream)));
    else if (stream.phase.kind === "resetting") resetAgain(streams, stream, stream.phase, entry);
    else if (stream.phase.kind === "aborting")
      resetAgain(streams, stream, { ...stream.phase, reason: "aborted" }, entry);
    else outputs.push(...goOn(role, streams, stream, entry));
  }
  // The peer's own that are not known here yet are on their way.
  for (const id of listed.keys()) if (table.wasOpened(id)) outbox.say({ type: "gone", stream: id });
  return { outputs, gone };
}

function fault(table: StreamTable, { highest, streams }: ResumeState): string | undefined {
  const unheard = streams.find(({ stream }) => table.isOwn(stream) && !table.wasOpened(stream))?.stream;
  const id = highest > table.lastOwn ? highest : unheard;
  return id === undefined ? undefined : `the peer has stream ${id}, which was never opened`;
}

/** Whether the peer did not know of it yet when it said what it has. A source says so before it is answered, and opens streams meanwhile. */
function mayBeNew(role: Role, table: StreamTable, { highest }: ResumeState, { id }: Stream): boolean {
  return table.isOwn(id) ? id > highest : role === "destination";
}

/** `entry` undefined: the peer did not know of it, but may by now. */
function goOn(
  role: Role,
  streams: LivingStreams,
  stream: Stream,
  entry: StreamState | undefined,
): readonly SessionOutput[] {
  const { outbox } = streams;
  const { id, send, receive, phase } = stream;
  if (entry !== undefined) send.allow(entry.limit);
  else if (phase.kind === "asking")
    outbox.say({ type: "connect", stream: id, limit: receive.limit, request: phase.request });
  receive.doubt();
  // What it was told on the lane before may be lost, and a source may have told it since it made its state.
  if (phase.kind === "open" && !phase.isOwn) outbox.say({ type: "accept", stream: id, limit: receive.limit });
  else if (entry !== undefined && role === "source") outbox.credit(stream);
  return [{ kind: "room", stream: id }];
}

/** A peer that does not know the stream must, before it can be told of its end: it may read of it on the lane before. */
function resetAgain(
  streams: LivingStreams,
  stream: Stream,
  { reason, request }: { readonly reason: ResetReason; readonly request: Uint8Array | undefined },
  entry: StreamState | undefined,
): void {
  const { id, receive } = stream;
  if (entry === undefined && request !== undefined)
    streams.outbox.say({ type: "connect", stream: id, limit: receive.limit, request });
  streams.sayReset(stream, reason, request);
}

function neverSent({ id }: Stream): string {
  return `the peer has octets of stream ${id} that were never sent`;
}
