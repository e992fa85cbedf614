/** What a node says of the mesh, as its API tells it. */
import {
  type MeshAnswerDocument,
  type MeshPeerDocument,
  type MeshRouteDocument,
  type MeshRoutesDocument,
  type MeshStatusDocument,
  type MeshSummaryDocument,
  meshSchemaNumber,
} from "@ropewalk/api/mesh";
import type { ProbeOutcome } from "@ropewalk/mesh/node-shell";
import type { MeshAddress } from "@ropewalk/mesh/pure/mesh-address";
import type { MeshStatus, PeerStatus, RouteStatus } from "@ropewalk/mesh/status";

/** For the node's own status. */
export function meshSummary({ address, peers, routes }: MeshStatus): MeshSummaryDocument {
  return { address, neighbours: peers.length, reachable: routes.reachable };
}

export function meshStatusDocument(status: MeshStatus): MeshStatusDocument {
  const { tally, held, discovered, runningFor, peers, strangersRefused, ...same } = status;
  return {
    schema: meshSchemaNumber,
    ...same,
    held: held ?? null,
    discovered: discovered ?? null,
    runningForMs: runningFor,
    peers: peers.map(peerDocument),
    strangersRefused: Object.fromEntries(strangersRefused),
    tally: {
      announcesProved: tally.announcesProved,
      announcesRefused: Object.fromEntries(tally.announcesRefused),
      packetsPassed: tally.packetsPassed,
      packetsArrived: tally.packetsArrived,
      packetsDropped: Object.fromEntries(tally.packetsDropped),
      overRate: Object.fromEntries([...tally.overRate.entries()].map(({ kind, count }) => [kind, count])),
    },
  };
}

function peerDocument(peer: PeerStatus): MeshPeerDocument {
  const { path, openFor, roundTrip, kind, online, counts, overRate, ...same } = peer;
  return {
    ...same,
    path: path ?? null,
    openForMs: openFor,
    rttMs: roundTrip ?? null,
    kind: kind ?? null,
    online: online ?? null,
    sent: { frames: counts.framesOut, bytes: counts.octetsOut },
    received: { frames: counts.framesIn, bytes: counts.octetsIn },
    dropped: Object.values(counts.dropped).reduce((sum, each) => sum + each, 0),
    waitingBytes: counts.waiting,
    overRate: Object.fromEntries(overRate),
  };
}

export function meshRoutesDocument(routes: readonly RouteStatus[]): MeshRoutesDocument {
  return { schema: meshSchemaNumber, routes: routes.map(routeDocument) };
}

function routeDocument({ distance, nextHops, expiresIn, isContact, ...same }: RouteStatus): MeshRouteDocument {
  return {
    ...same,
    distance: distance ?? null,
    nextHops: nextHops.map(({ isInUse, ...hop }) => ({ ...hop, inUse: isInUse })),
    expiresInMs: expiresIn,
    contact: isContact,
  };
}

export function meshAnswerDocument(address: MeshAddress, outcome: ProbeOutcome): MeshAnswerDocument {
  if (outcome.kind === "unanswered") return { kind: "unanswered", address, why: outcome.why };
  return { kind: "answered", address, roundTripMs: outcome.roundTrip, path: outcome.path };
}
