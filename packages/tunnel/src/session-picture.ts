/** How a session and its streams are shown: pictures made of what carries them. */
import type { Carrier } from "./carrier.ts";
import { decodeOpenRequest, describeOpenRequest } from "./pure/open-request.ts";
import type { PeerIdentity } from "./pure/peer-identity.ts";
import type { Stream } from "./pure/session/stream.ts";
import type { AbsentState, LaneStatus, PeerStatus, SessionStatus, StreamState, StreamStatus } from "./status.ts";

export interface PicturedSession {
  /** Hexadecimal. */
  readonly id: string;
  readonly carrier: Carrier;
  readonly peer: PeerStatus;
  readonly since: number;
  readonly resumptions: number;
  readonly absent: AbsentState;
  readonly path: LaneStatus["path"];
  readonly limits: { readonly streams: number; readonly credit: number };
}

export function peerStatus({ names, authority }: PeerIdentity, until: number): PeerStatus {
  return { names, authority, until };
}

export function sessionStatus(pictured: PicturedSession): SessionStatus {
  const { id, carrier, peer, since, resumptions, absent, limits } = pictured;
  const { opened, refused, sent, received } = carrier.totals;
  return {
    ...{ id, peer, since, resumptions },
    state: carrier.lane === undefined ? absent : { kind: "up", lane: carrier.lane.status(pictured.path) },
    express: carrier.express.lane?.status(pictured.path) ?? null,
    copies: carrier.session.copies.status,
    streams: { open: carrier.streams.size, limit: limits.streams, opened, refused },
    credit: { used: carrier.session.promised, budget: limits.credit },
    octets: { sent, received },
  };
}

/** `isOpener`: this end has opened them. */
export function streamStatuses(session: string, carrier: Carrier, isOpener: boolean): readonly StreamStatus[] {
  return [...carrier.streams].flatMap(([id, { request, remote, since }]) => {
    const stream = carrier.session.streams.get(id);
    if (stream === undefined) return [];
    const { send, receive } = stream;
    const own = remote ?? null;
    return {
      ...{ session, stream: id, since, request: requestText(request) },
      from: isOpener ? own : null,
      to: isOpener ? null : own,
      octets: { sent: send.written, received: receive.total },
      waiting: { toPeer: send.kept, toApplication: receive.waiting },
      state: stateOf(stream),
    };
  });
}

export function requestText(octets: Uint8Array): string {
  const request = decodeOpenRequest(octets);
  return request === undefined ? "what this version does not know" : describeOpenRequest(request);
}

function stateOf({ phase, send, receive }: Stream): StreamState {
  switch (phase.kind) {
    case "asking":
    case "asked":
      return "asking";
    case "aborting":
    case "resetting":
    case "over":
      return "resetting";
    case "open":
      return receive.isEnded || send.isFinished ? "half-closed" : "open";
  }
}
