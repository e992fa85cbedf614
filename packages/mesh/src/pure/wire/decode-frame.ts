/**
 * From octets that a neighbour sent to the frame that they are, whole and with every field in its bounds, or none. Lengths are compared with
 * what is there before anything is made of them, so that a frame costs no more than its octets.
 */
import { readU16, readU32 } from "@ropewalk/kernel/big-endian";
import { seconds } from "@ropewalk/kernel/units";
import { addressLength, addressOf, type MeshAddress } from "../mesh-address.ts";
import { decodeBroadcast } from "../messages/wire/broadcast.ts";
import { decodeEnvelope, type Envelope } from "../messages/wire/envelope.ts";
import { decodeMeeting } from "../messages/wire/meeting.ts";
import { announceLengths, mostHops } from "./announce.ts";
import {
  type Forwarded,
  fieldLengths,
  frameLengths,
  frameType,
  helloVersion,
  type LinkFrame,
  longestFrame,
  longestTraceBody,
  mostLabels,
  mostProofs,
  mostSidesteps,
  type NodeKind,
  type OnlineState,
} from "./link-frame.ts";

/**
 * The frame; undefined: the octets are none. Announce, body, token, envelope, proofs and broadcast are views of the octets, which must stay as they are for as long as one
 * of these is held. Never throws.
 */
export function decodeFrame(octets: Uint8Array): LinkFrame | undefined {
  if (octets.length > longestFrame) return undefined;
  switch (octets[0]) {
    case frameType.hello:
      return octets.length === frameLengths.hello ? decodeHello(octets) : undefined;
    case frameType.announce:
      return decodeAnnounceFrame(octets);
    case frameType.withdraw:
      return decodeWithdraw(octets);
    case frameType.request:
      return octets.length === frameLengths.request ? decodeRequest(octets) : undefined;
    case frameType.packet: {
      const forwarded = decodeForwarded(octets, frameLengths.packet);
      return forwarded && { type: "packet", ...forwarded };
    }
    case frameType.trace:
      return decodeTrace(octets);
    case frameType.status:
      return octets.length === frameLengths.status ? decodeStatus(octets) : undefined;
    case frameType.ping:
      return octets.length === frameLengths.ping ? { type: "ping", token: octets.subarray(1) } : undefined;
    case frameType.pong:
      return octets.length === frameLengths.pong ? { type: "pong", token: octets.subarray(1) } : undefined;
    case frameType.answer:
      return decodeAnswer(octets);
    case frameType.message: {
      const envelope = envelopeIn(octets, frameLengths.message);
      return envelope && { type: "message", label: readU32(octets, 1), envelope };
    }
    case frameType.proof:
      return decodeProof(octets);
    case frameType.deposit: {
      const envelope = envelopeIn(octets, frameLengths.deposit);
      return envelope && { type: "deposit", hint: octets.subarray(1, frameLengths.deposit), envelope };
    }
    case frameType.broadcast: {
      const broadcast = decodeBroadcast(octets.subarray(frameLengths.broadcast));
      return broadcast && { type: "broadcast", broadcast };
    }
    case frameType.meeting: {
      const said = decodeMeeting(octets.subarray(frameLengths.meeting));
      return said && { type: "meeting", said };
    }
    default:
      return undefined;
  }
}

function decodeHello(octets: Uint8Array): LinkFrame | undefined {
  const [kind, online] = [kindOf(octets[2]), onlineStateOf(octets[3])];
  if (octets[1] !== helloVersion || kind === undefined || online === undefined) return undefined;
  return { type: "hello", kind, online, epoch: readU32(octets, 4), sequence: readU32(octets, 8) };
}

function decodeAnnounceFrame(octets: Uint8Array): LinkFrame | undefined {
  const length = octets.length - frameLengths.announce;
  if (length !== announceLengths.without && length !== announceLengths.withPrekey) return undefined;
  return { type: "announce", label: readU32(octets, 1), announce: octets.subarray(frameLengths.announce) };
}

function decodeWithdraw(octets: Uint8Array): LinkFrame | undefined {
  const count = (octets.length - frameLengths.withdraw) / fieldLengths.label;
  if (!Number.isInteger(count) || count < 1 || count > mostLabels) return undefined;
  const labels: number[] = [];
  for (let at: number = frameLengths.withdraw; at < octets.length; at += fieldLengths.label)
    labels.push(readU32(octets, at));
  return { type: "withdraw", labels };
}

function decodeRequest(octets: Uint8Array): LinkFrame | undefined {
  const hopsLeft = octets[25] as number;
  if (hopsLeft > mostHops) return undefined;
  const address = addressOf(octets.subarray(1));
  return { type: "request", address, epoch: readU32(octets, 17), sequence: readU32(octets, 21), hopsLeft };
}

/** With the body from `bodyAt` on. */
function decodeForwarded(octets: Uint8Array, bodyAt: number): Forwarded | undefined {
  if (octets.length <= bodyAt) return undefined;
  const [hopsLeft, sidestepsLeft] = [octets[9] as number, octets[10] as number];
  if (hopsLeft > mostHops || sidestepsLeft > mostSidesteps) return undefined;
  return {
    label: readU32(octets, 1),
    flow: readU32(octets, 5),
    hopsLeft,
    sidestepsLeft,
    body: octets.subarray(bodyAt),
  };
}

function decodeTrace(octets: Uint8Array): LinkFrame | undefined {
  const count = octets[frameLengths.trace - 1] ?? 0;
  const bodyAt = frameLengths.trace + count * addressLength;
  const forwarded = count > mostHops ? undefined : decodeForwarded(octets, bodyAt);
  if (forwarded === undefined || forwarded.body.length > longestTraceBody) return undefined;
  const addresses: MeshAddress[] = [];
  for (let at: number = frameLengths.trace; at < bodyAt; at += addressLength)
    addresses.push(addressOf(octets.subarray(at)));
  return { type: "trace", ...forwarded, addresses };
}

function decodeAnswer(octets: Uint8Array): LinkFrame | undefined {
  if (octets.length <= frameLengths.answer) return undefined;
  return { type: "answer", flow: readU32(octets, 1), body: octets.subarray(frameLengths.answer) };
}

/** Behind so many octets. */
function envelopeIn(octets: Uint8Array, at: number): Envelope | undefined {
  const envelope = decodeEnvelope(octets.subarray(at));
  return typeof envelope === "string" ? undefined : envelope;
}

function decodeProof(octets: Uint8Array): LinkFrame | undefined {
  const count = (octets.length - frameLengths.proof) / fieldLengths.ackKey;
  if (!Number.isInteger(count) || count < 1 || count > mostProofs) return undefined;
  const ackKeys = Array.from({ length: count }, (_, index) => {
    const at = frameLengths.proof + index * fieldLengths.ackKey;
    return octets.subarray(at, at + fieldLengths.ackKey);
  });
  return { type: "proof", ackKeys };
}

function decodeStatus(octets: Uint8Array): LinkFrame | undefined {
  const [kind, online] = [kindOf(octets[1]), onlineStateOf(octets[2])];
  if (kind === undefined || online === undefined) return undefined;
  return { type: "status", kind, online, age: seconds(readU16(octets, 3)) };
}

const kinds: readonly NodeKind[] = ["standard", "open", "universal"];
const states: readonly OnlineState[] = ["unknown", "offline", "online"];

function kindOf(code: number | undefined): NodeKind | undefined {
  return kinds[code ?? kinds.length];
}

function onlineStateOf(code: number | undefined): OnlineState | undefined {
  return states[code ?? states.length];
}
