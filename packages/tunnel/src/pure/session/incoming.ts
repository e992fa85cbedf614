/** What comes for a stream that this end has; of one that it has reset only what the peer has of it counts. */
import type { Millis } from "@ropewalk/kernel/units";
import type { Frame, StreamId } from "../wire/frame.ts";
import type { CopyCounts } from "./copy-counts.ts";
import type { LivingStreams } from "./living-streams.ts";
import { broken, type SessionOutput } from "./session-output.ts";
import { isReset, type Stream } from "./stream.ts";

/** The frames that move a stream on. */
export type MovingFrame =
  | (Frame & { readonly type: "data" | "ack" | "fin" })
  | Extract<Frame, { readonly limit: number; readonly stream: StreamId; readonly type: "accept" | "credit" }>;

/** Those that the express lane brings, as copies. */
export type CopiedFrame = MovingFrame & { readonly type: "data" | "fin" | "ack" | "credit" };

export function moved(
  streams: LivingStreams,
  now: Millis,
  stream: Stream,
  frame: MovingFrame,
): readonly SessionOutput[] {
  if (isReset(stream) && frame.type !== "ack") return [];
  switch (frame.type) {
    case "accept":
      return accepted(streams, stream, frame.limit);
    case "data":
      return arrived(streams, now, stream, frame.offset, frame.octets);
    case "fin":
      return ended(streams, now, stream, frame.offset);
    case "credit":
      return allowed(stream, frame.limit);
    case "ack":
      return acknowledged(streams, stream, frame.received);
  }
}

/** As `moved`, for a copy; what is not new of it, or cannot be true yet, means nothing. */
export function movedByCopy(
  streams: LivingStreams,
  counts: CopyCounts,
  now: Millis,
  frame: CopiedFrame,
): readonly SessionOutput[] {
  const stream = streams.table.get(frame.stream);
  // Before it is accepted, and once it is over, only the lane that keeps the order is heard.
  if (stream?.phase.kind !== "open") {
    const isWaited = stream?.phase.kind === "asking" || stream?.phase.kind === "asked";
    counts.received(streams.table.wasOpened(frame.stream) && !isWaited ? "late" : "early");
    return [];
  }
  const { kept } = stream.send;
  const outputs = moved(streams, now, stream, frame);
  const isEarly = outputs[0]?.kind === "broken";
  if (isEarly) counts.received("early");
  else counts.received(outputs.length > 0 || stream.send.kept < kept ? "first" : "late");
  return isEarly ? [] : outputs;
}

function accepted({ table }: LivingStreams, stream: Stream, limit: number): readonly SessionOutput[] {
  if (!table.isOwn(stream.id)) return broken(`the peer accepts stream ${stream.id}, which it opened itself`);
  const room = allowed(stream, limit);
  if (stream.phase.kind !== "asking") return room;
  stream.phase = { kind: "open", isOwn: true };
  return [{ kind: "accepted", stream: stream.id }, ...room];
}

function allowed({ id, send }: Stream, limit: number): readonly SessionOutput[] {
  return send.allow(limit) ? [{ kind: "room", stream: id }] : [];
}

function arrived(
  { outbox }: LivingStreams,
  now: Millis,
  stream: Stream,
  offset: number,
  octets: Uint8Array,
): readonly SessionOutput[] {
  const arrival = stream.receive.arrive(offset, octets);
  if (arrival === "gap") return broken(`octets of stream ${stream.id} are missing`);
  if (arrival === "broken") return broken(`the peer sent more of stream ${stream.id} than it may`);
  outbox.acknowledge(now, stream);
  return arrival === "known" ? [] : [{ kind: "deliver", stream: stream.id, octets: arrival }];
}

function ended(streams: LivingStreams, now: Millis, stream: Stream, offset: number): readonly SessionOutput[] {
  const arrival = stream.receive.end(offset);
  if (arrival === "gap" || arrival === "broken") return broken(`stream ${stream.id} ends where it cannot`);
  streams.outbox.acknowledge(now, stream);
  return arrival === "known" ? [] : [{ kind: "ended", stream: stream.id }, ...streams.closedNow(stream)];
}

function acknowledged(streams: LivingStreams, stream: Stream, received: number): readonly SessionOutput[] {
  const wasFull = stream.send.room === 0;
  if (!streams.acknowledge(stream, received)) return broken("the peer has octets that were never sent");
  const closed = streams.closedNow(stream);
  return wasFull && stream.send.room > 0 && !isReset(stream) ? [{ kind: "room", stream: stream.id }] : closed;
}
