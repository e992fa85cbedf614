/** The streams of a tunnel as a table. */
import type { StreamDocument, TunnelStreamsDocument } from "@ropewalk/api/tunnel";
import { durationText, sizeText } from "./quantity.ts";
import { type Cell, tableLines } from "./table.ts";
import type { View } from "./uplink-table.ts";

const headings = ["STREAM", "SESSION", "ASKS FOR", "FROM", "TO", "AGE", "SENT", "RECEIVED", "WAITING", "STATE"];

/** One row a stream; a sentence when there is none. */
export function streamTable({ streams, at }: TunnelStreamsDocument, { paint, columns }: View): readonly string[] {
  if (streams.length === 0) return ["No streams."];
  const rows = streams.map((stream) => cells(stream, at).map((text): Cell => ({ text })));
  return tableLines({ headings, rows, spare: ["SESSION", "TO", "WAITING"] }, columns, paint.dim);
}

function cells(stream: StreamDocument, at: number): readonly string[] {
  const { session, request, from, to, since, octets, waiting, state } = stream;
  return [
    String(stream.stream),
    session.slice(0, 8),
    request,
    from ?? "-",
    to ?? "-",
    durationText(Math.max(0, at - since)),
    sizeText(octets.sent),
    sizeText(octets.received),
    sizeText(waiting.toPeerBytes + waiting.toApplicationBytes),
    state,
  ];
}
