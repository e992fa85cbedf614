/** The frames that neighbours send each other, and their numbers on the wire. Source: docs/protocols/mesh-link.md. */
import type { Millis } from "@ropewalk/kernel/units";
import { addressLength, type MeshAddress } from "../mesh-address.ts";
import type { Broadcast } from "../messages/wire/broadcast.ts";
import type { Envelope } from "../messages/wire/envelope.ts";
import type { MeetingSaid } from "../messages/wire/meeting.ts";
import { type Freshness, mostHops } from "./announce.ts";

export const frameType = {
  hello: 1,
  announce: 2,
  withdraw: 3,
  request: 4,
  packet: 5,
  trace: 6,
  status: 7,
  ping: 8,
  pong: 9,
  answer: 10,
  message: 11,
  proof: 12,
  deposit: 13,
  broadcast: 15,
  meeting: 14,
  leave: 16,
} as const;

/** Who lets a neighbour out by his own uplinks: a universal node rather than an open one, and a standard one never. */
export type NodeKind = keyof typeof nodeKinds;

export const nodeKinds = { standard: 0, open: 1, universal: 2 } as const;

/** Whether a node reaches the internet itself, as it measured; unknown is not offline: it was not measured, or too long ago. */
export type OnlineState = keyof typeof onlineStates;

export const onlineStates = { unknown: 0, offline: 1, online: 2 } as const;

export interface HelloFrame extends Freshness {
  readonly type: "hello";
  readonly kind: NodeKind;
  readonly online: OnlineState;
}

export interface AnnounceFrame {
  readonly type: "announce";
  /** 32 bits: by which the sender takes packets for the announce's origin. */
  readonly label: number;
  /** As many octets as an announce has; nothing else of it was looked at. */
  readonly announce: Uint8Array;
}

export interface WithdrawFrame {
  readonly type: "withdraw";
  /** 1 to 256, of the sender's own. */
  readonly labels: readonly number[];
}

/** An announce of `address` is wanted that is newer than this one. */
export interface RequestFrame extends Freshness {
  readonly type: "request";
  readonly address: MeshAddress;
  readonly hopsLeft: number;
}

/** What packets and traces have for those who forward them. No flow and no label means anything on another link. */
export interface Forwarded {
  /** The receiver's own, for the destination. */
  readonly label: number;
  /** 32 bits: what an answer to it is to bear on this link; 0: none is wanted. */
  readonly flow: number;
  /** 0 to 64. */
  readonly hopsLeft: number;
  /** 0 to 16. */
  readonly sidestepsLeft: number;
  /** One octet at least: the end's. */
  readonly body: Uint8Array;
}

export interface PacketFrame extends Forwarded {
  readonly type: "packet";
}

export interface TraceFrame extends Forwarded {
  readonly type: "trace";
  /** Who forwarded it, in order: 64 at most. */
  readonly addresses: readonly MeshAddress[];
}

/** What goes back the way that a packet came. */
export interface AnswerFrame {
  readonly type: "answer";
  /** The receiver's own, of what it sent. */
  readonly flow: number;
  /** One octet at least: the end's. */
  readonly body: Uint8Array;
}

export interface StatusFrame {
  readonly type: "status";
  readonly kind: NodeKind;
  readonly online: OnlineState;
  /** How long ago it was measured: whole seconds, 65,535 of them or more. */
  readonly age: Millis;
}

export interface PingFrame {
  readonly type: "ping" | "pong";
  /** 8 octets. */
  readonly token: Uint8Array;
}

export interface MessageFrame {
  readonly type: "message";
  /** The receiver's own, for the destination. */
  readonly label: number;
  readonly envelope: Envelope;
}

/** What goes back the way that envelopes came. */
export interface ProofFrame {
  readonly type: "proof";
  /** 1 to 255, of 16 octets each. */
  readonly ackKeys: readonly Uint8Array[];
}

/** An envelope that is to be kept for somebody. */
export interface DepositFrame {
  readonly type: "deposit";
  /** 8 octets: for whom, to who knows his address. */
  readonly hint: Uint8Array;
  readonly envelope: Envelope;
}

export interface BroadcastFrame {
  readonly type: "broadcast";
  readonly broadcast: Broadcast;
}

/** Two neighbours find out in what their stores differ. */
export interface MeetingFrame {
  readonly type: "meeting";
  readonly said: MeetingSaid;
}

export type LinkFrame =
  | HelloFrame
  | AnnounceFrame
  | WithdrawFrame
  | RequestFrame
  | PacketFrame
  | TraceFrame
  | StatusFrame
  | PingFrame
  | AnswerFrame
  | MessageFrame
  | ProofFrame
  | DepositFrame
  | BroadcastFrame
  | MeetingFrame;

export const helloVersion = 1;

/** In octets, with the type; of those that end in a part of any length, without it. */
export const frameLengths: Readonly<Record<LinkFrame["type"], number>> = {
  hello: 12,
  announce: 5,
  withdraw: 1,
  request: 26,
  packet: 11,
  trace: 12,
  status: 5,
  ping: 9,
  pong: 9,
  answer: 5,
  message: 5,
  proof: 1,
  deposit: 9,
  broadcast: 1,
  meeting: 1,
};

export const fieldLengths = { label: 4, token: 8, ackKey: 16 } as const;

/** Of a frame whole. */
export const longestFrame = 4096;
/** So that a trace can be passed on by as many as it can name: one that grew beyond a frame would end the link of who passed it on. */
export const longestTraceBody: number = longestFrame - frameLengths.trace - mostHops * addressLength;
export const mostLabels = 256;
export const mostProofs = 255;
export const mostSidesteps = 16;
