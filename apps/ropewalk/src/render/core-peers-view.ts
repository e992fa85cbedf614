/** The peers of an exit as a table. */
import type { CorePeerDocument, CorePeersDocument } from "@ropewalk/api/core";
import { durationText, sizeText } from "./quantity.ts";
import { type Cell, tableLines } from "./table.ts";
import type { View } from "./uplink-table.ts";

const always = ["PLACEMENT", "PEER", "ADDRESSES", "PSK", "LEASE LEFT"];
const counted = ["HANDSHAKE", "RECEIVED", "SENT"];

/** One row a peer; a sentence when there is none. */
export function corePeerTable({ peers, at }: CorePeersDocument, { paint, columns }: View): readonly string[] {
  if (peers.length === 0) return ["No peers."];
  const isCounted = peers.some(({ traffic }) => traffic !== null);
  const headings = isCounted ? [...always, ...counted] : always;
  const rows = peers.map((peer) => {
    const cells = [...ownCells(peer), ...(isCounted ? trafficCells(peer, at) : [])];
    return cells.map((text): Cell => ({ text }));
  });
  return tableLines({ headings, rows, spare: ["PSK"] }, columns, paint.dim);
}

function ownCells({ placement, publicKey, addresses, hasPresharedKey, leaseLeftMs }: CorePeerDocument) {
  return [placement, publicKey, addresses.join(" "), hasPresharedKey ? "yes" : "no", durationText(leaseLeftMs)];
}

function trafficCells({ traffic }: CorePeerDocument, at: number): readonly string[] {
  if (traffic === null) return ["-", "-", "-"];
  const { lastHandshakeAt, receivedBytes, sentBytes } = traffic;
  const handshake = lastHandshakeAt === null ? "never" : `${durationText(Math.max(0, at - lastHandshakeAt))} ago`;
  return [handshake, sizeText(receivedBytes), sizeText(sentBytes)];
}
