/** The picture of one end of a tunnel as text for people. Pure: a status in, lines out. */
import type {
  CopiesDocument,
  DestinationDocument,
  LaneDocument,
  SessionDocument,
  SourceDocument,
  TunnelListenerDocument,
  TunnelStatusDocument,
} from "@ropewalk/api/tunnel";
import type { Paint } from "./paint.ts";
import { durationText, roundTripText, sizeText } from "./quantity.ts";
import { healthLines } from "./status-view.ts";
import { type Cell, printable, tableLines } from "./table.ts";
import type { View } from "./uplink-table.ts";

/** The whole answer of `ropewalk tunnel status`. */
export function tunnelStatusLines(status: TunnelStatusDocument, view: View): readonly string[] {
  const { end, at, health } = status;
  return [
    ...headLines(end, at, view.paint),
    ...end.sessions.flatMap((session) => ["", ...sessionLines(session, at, view.paint)]),
    "",
    ...(end.role === "source" ? exposedTable(end, view) : placeLines(end, view)),
    ...(end.role === "source" ? refusingLines(end, at) : []),
    ...(health.state === "healthy" ? [] : ["", ...healthLines(status, view.paint)]),
  ];
}

function headLines(end: SourceDocument | DestinationDocument, at: number, paint: Paint): readonly string[] {
  const who = `${end.role === "source" ? "Source" : "Destination"} ${namesText(end.identity.names)}`;
  const draining = end.isDraining ? [paint.unsure("It drains: nothing new is taken, and it stops then.")] : [];
  const good = `Its certificate, of ${printable(end.identity.authority)}, is good for ${forText(end.identity.until, at)}.`;
  return [`${paint.strong(who)}: ${stateText(end, at, paint)}`, good, ...draining];
}

function stateText(end: SourceDocument | DestinationDocument, at: number, paint: Paint): string {
  if (end.role === "destination") {
    const up = end.sessions.filter(({ state }) => state.kind === "up").length;
    const absent = end.sessions.length - up;
    return `${counted(up, "source")} connected${absent === 0 ? "" : `, ${absent} away and waited for`}.`;
  }
  const { reach } = end;
  switch (reach.kind) {
    case "up":
      return paint.good(`connected to ${printable(reach.destination)}.`);
    case "seeking": {
      const next = reach.nextAt === null ? "" : `, again in ${forText(reach.nextAt, at)}`;
      const why = reach.lastFailure === null ? "" : ` (${printable(reach.lastFailure)})`;
      return paint.bad(`no lane for ${sinceText(reach.since, at)}; dialled ${reach.dials} times${next}${why}.`);
    }
    case "offline":
      return paint.bad(`no lane: no path to anywhere for ${sinceText(reach.since, at)}.`);
    case "stopped":
      return paint.bad("stopped.");
  }
}

function sessionLines(session: SessionDocument, at: number, paint: Paint): readonly string[] {
  const { id, peer, since, state, express, copies, streams, credit, octets, resumptions } = session;
  const resumed = resumptions === 0 ? "" : `, resumed ${resumptions === 1 ? "once" : `${resumptions} times`}`;
  const head = `Session ${id.slice(0, 8)} with ${namesText(peer.names)}, for ${sinceText(since, at)}${resumed}`;
  const moved = `${sizeText(octets.sent)} sent, ${sizeText(octets.received)} received`;
  const opened = `${streams.opened} opened, ${streams.refused} refused`;
  const share = Math.round((100 * credit.usedBytes) / Math.max(1, credit.budgetBytes));
  return [
    head,
    ...(state.kind === "up"
      ? laneLines(state.lane, at)
      : [
          paint.bad(
            `  away for ${sinceText(state.since, at)}: its streams stand still; given up in ${forText(state.until, at)}`,
          ),
        ]),
    ...(express === null ? [] : [expressLine(express, at), copiesLine(copies)]),
    `  ${counted(streams.open, "stream")} of ${streams.limit}; ${opened}; ${moved}; ${share} % of the credit in use`,
  ];
}

function laneLines(lane: LaneDocument, at: number): readonly string[] {
  const { since, remote, local, path, rttMs, keys, octets, retransmits } = lane;
  const by = path === null ? "" : ` by ${printable(path)}`;
  const trip = rttMs === null ? "round trip not measured" : roundTripText(rttMs);
  const again = retransmits === null ? "" : `, ${counted(retransmits, "segment")} sent again`;
  const changed = keys.sent + keys.received === 0 ? "" : `, keys changed ${keys.sent} and ${keys.received} times`;
  return [
    `  lane for ${sinceText(since, at)}: ${placeText(local)} to ${placeText(remote)}${by}, ${trip}`,
    `  on it ${sizeText(octets.sent)} sent, ${sizeText(octets.received)} received${again}${changed}`,
  ];
}

/** Of the lane that only copies go by. */
function expressLine({ since, octets, retransmits }: LaneDocument, at: number): string {
  const again = retransmits === null ? "" : `, ${counted(retransmits, "segment")} sent again`;
  const moved = `${sizeText(octets.sent)} sent, ${sizeText(octets.received)} received`;
  return `  express lane for ${sinceText(since, at)}: ${moved}${again}`;
}

function copiesLine({ sent, first, late, early }: CopiesDocument): string {
  return `  copies: ${sent} sent; of those that came ${first} were first, ${late} late, ${early} too early`;
}

function exposedTable({ listeners }: SourceDocument, { paint, columns }: View): readonly string[] {
  if (listeners.length === 0) return ["Nothing is exposed: [[tunnel.source.expose]] names ports."];
  const rows = listeners.map((each) => [{ text: listenerText(each) }, { text: each.request ?? "-" }, countCell(each)]);
  return tableLines({ headings: ["EXPOSED", "ASKS FOR", "CONNECTIONS"], rows }, columns, paint.dim);
}

function placeLines({ listeners, services }: DestinationDocument, { paint, columns }: View): readonly string[] {
  const places = listeners.map(listenerText).join(", ");
  const rows = services.map((each): readonly Cell[] => [
    { text: each.name },
    { text: each.port === null ? "-" : String(each.port) },
    { text: each.target },
    countCell(each),
  ]);
  const head = places === "" ? "It listens nowhere." : `It is reached at ${places}.`;
  if (rows.length === 0) return [head, "It offers no service: [[tunnel.destination.service]] names them."];
  const headings = ["SERVICE", "PORT", "TARGET", "CONNECTIONS"];
  return [head, "", ...tableLines({ headings, rows }, columns, paint.dim)];
}

function refusingLines({ destinations }: SourceDocument, at: number): readonly string[] {
  return destinations.flatMap(({ destination, breaker }) =>
    breaker.kind === "open"
      ? [`${printable(destination)} refused too often: it is asked again in ${forText(breaker.nextAt, at)}.`]
      : [],
  );
}

function listenerText({ address, port }: TunnelListenerDocument): string {
  return address.includes(":") ? `[${address}]:${port}` : `${address}:${port}`;
}

/** "192.0.2.1 8443" as people write it. */
function placeText(place: string): string {
  const [address = "", port = ""] = printable(place).split(" ");
  return address.includes(":") ? `[${address}]:${port}` : `${address}:${port}`;
}

function countCell({ connections, limit }: { readonly connections: number; readonly limit: number }): Cell {
  return { text: `${connections} of ${limit}` };
}

function counted(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? "" : "s"}`;
}

function namesText(names: readonly string[]): string {
  return names.length === 0 ? "without a name" : printable(names.join(", "));
}

function sinceText(since: number, at: number): string {
  return durationText(Math.max(0, at - since));
}

function forText(until: number, at: number): string {
  return durationText(Math.max(0, until - at));
}
