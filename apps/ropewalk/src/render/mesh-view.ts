/** The mesh as text for people. Pure: documents in, lines out. */
import type {
  MeshAnswerDocument,
  MeshCountsDocument,
  MeshPeerDocument,
  MeshRouteDocument,
  MeshRoutesDocument,
  MeshStatusDocument,
} from "@ropewalk/api/mesh";
import { durationText, roundTripText, sizeText } from "./quantity.ts";
import { type Cell, printable, tableLines } from "./table.ts";
import type { View } from "./uplink-table.ts";

const peerHeadings = ["NEIGHBOUR", "AT", "SINCE", "ROUND TRIP", "INTERNET", "PATH", "SENT", "RECEIVED"];
const routeHeadings = ["NODE", "LINKS", "BY", "OTHER WAYS", "STANDING", "EXPIRES"];

/** One row a link; a sentence where there is none. */
export function peerTable({ peers, held }: MeshStatusDocument, { paint, columns }: View): readonly string[] {
  if (held !== null) return [`No neighbours: sequences cannot be set aside (${printable(held)}).`];
  if (peers.length === 0) return ["No neighbours."];
  const rows = peers.map((peer) => peerCells(peer).map((text): Cell => ({ text })));
  return tableLines({ headings: peerHeadings, rows, spare: ["PATH", "SENT", "RECEIVED"] }, columns, paint.dim);
}

function peerCells(peer: MeshPeerDocument): readonly string[] {
  const { address, direction, remote, openForMs, rttMs, kind, online, path, sent, received } = peer;
  return [
    address,
    `${direction === "dialled" ? "to" : "from"} ${printable(remote)}`,
    durationText(openForMs),
    rttMs === null ? "-" : roundTripText(rttMs),
    online === null ? "-" : `${online}, ${kind}`,
    path === null ? "-" : printable(path),
    sizeText(sent.bytes),
    sizeText(received.bytes),
  ];
}

/** One row a node; a sentence where none is known. */
export function routeTable({ routes }: MeshRoutesDocument, { paint, columns }: View): readonly string[] {
  if (routes.length === 0) return ["No other node is known."];
  const rows = routes.map((route) => routeCells(route).map((text): Cell => ({ text })));
  return tableLines({ headings: routeHeadings, rows, spare: ["OTHER WAYS", "EXPIRES"] }, columns, paint.dim);
}

function routeCells({ address, distance, nextHops, standing, expiresInMs, contact }: MeshRouteDocument) {
  const used = nextHops.find(({ inUse }) => inUse)?.peer;
  return [
    address,
    distance === null ? "-" : String(distance),
    used === undefined ? "no way" : used === address ? "itself" : used.slice(0, 8),
    String(nextHops.filter(({ inUse }) => !inUse).length),
    contact ? `${standing}, contact` : standing,
    durationText(expiresInMs),
  ];
}

const reasons = {
  "no-route": "no way to it is known",
  lost: "nothing came back",
  busy: "this node waits for too many answers already",
  closed: "this node is stopping",
} as const;

/** The answer of `mesh ping`. */
export function pingLines(answer: MeshAnswerDocument): readonly string[] {
  if (answer.kind === "unanswered") return [`${answer.address} does not answer: ${reasons[answer.why]}.`];
  return [`${answer.address} answered after ${roundTripText(answer.roundTripMs)}.`];
}

/** The answer of `mesh trace`: who passed it on, one a line, and whom it was for. */
export function traceLines(answer: MeshAnswerDocument): readonly string[] {
  if (answer.kind === "unanswered") return pingLines(answer);
  return [...answer.path, answer.address].map((address, index, all) => {
    const end = index === all.length - 1 ? `  ${roundTripText(answer.roundTripMs)}` : "";
    return `${String(index + 1).padStart(2)}  ${address}${end}`;
  });
}

/** The whole answer of `mesh stats`. */
export function statsLines(status: MeshStatusDocument): readonly string[] {
  const { address, listening, peers, routes, strangers, strangersRefused, discovered, tally } = status;
  const places = listening.map((place) => `${place.address} port ${place.port}`).join(", ");
  return [
    `Address      ${address}`,
    `Listening    ${places === "" ? "nowhere" : places}`,
    `Neighbours   ${peers.length}`,
    `Strangers    ${strangers} connections of which it is not known whose they are${countsText("refused", strangersRefused)}`,
    `Discovered   ${discovered === null ? "nobody: discovery is off" : `${discovered} on local networks of late`}`,
    `Nodes known  ${routes.known} of at most ${routes.limit}, a way to ${routes.reachable}`,
    `Announces    ${tally.announcesProved} proved${countsText("refused", tally.announcesRefused)}`,
    `Packets      ${tally.packetsArrived} for this node, ${tally.packetsPassed} passed on${countsText("dropped", tally.packetsDropped)}`,
    ...overRateLines(status),
  ];
}

/** What links brought faster than they may: all of them, and each that is there and did. */
function overRateLines({ peers, tally }: MeshStatusDocument): readonly string[] {
  const all = countsText("refused", tally.overRate);
  if (all === "") return ["Over limits  nothing"];
  const each = peers.filter(({ overRate }) => Object.keys(overRate).length > 0);
  return [
    `Over limits  ${all.slice(2)}`,
    ...each.map(({ address, overRate }) => `             ${countsText(`of ${address}`, overRate).slice(2)}`),
  ];
}

/** ", 3 refused (2 copy, 1 old)"; empty where there are none. */
function countsText(what: string, counts: MeshCountsDocument): string {
  const all = Object.entries(counts);
  if (all.length === 0) return "";
  const sum = all.reduce((total, [, count]) => total + count, 0);
  return `, ${sum} ${what} (${all.map(([reason, count]) => `${count} ${printable(reason)}`).join(", ")})`;
}
