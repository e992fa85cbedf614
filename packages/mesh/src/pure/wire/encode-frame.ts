/**
 * From a link's frame to its octets. Whoever encodes has kept the bounds: what does not fit its field is a defect of this node.
 *
 *     packet  0      1           5           9           10               11
 *             +------+-----------+-----------+-----------+----------------+---- - -
 *             | 5    | label (4) | flow (4)  | hopsLeft  | sidestepsLeft  | body
 *             +------+-----------+-----------+-----------+----------------+---- - -
 */
import { writeU16, writeU32 } from "@ropewalk/kernel/big-endian";
import { addressLength, addressOctets } from "../mesh-address.ts";
import { encodeMeeting } from "../messages/wire/meeting.ts";
import type { Freshness } from "./announce.ts";
import {
  type Forwarded,
  fieldLengths,
  frameLengths,
  frameType,
  helloVersion,
  type LinkFrame,
  nodeKinds,
  onlineStates,
} from "./link-frame.ts";
import type { OctetSpace } from "./octet-space.ts";

/** In octets of its own; of messages and proofs in a part of `space`, where that is given. */
export function encodeFrame(frame: LinkFrame, space?: OctetSpace): Uint8Array {
  switch (frame.type) {
    case "hello": {
      const octets = begun(frame.type);
      octets.set([helloVersion, nodeKinds[frame.kind], onlineStates[frame.online]], 1);
      return writeFreshness(octets, 4, frame);
    }
    case "announce":
      return numbered(frame.type, frame.label, frame.announce);
    case "answer":
      return numbered(frame.type, frame.flow, frame.body);
    case "message":
      return numbered(frame.type, frame.label, frame.envelope.octets, space);
    case "proof": {
      const octets = begun(frame.type, frame.ackKeys.length * fieldLengths.ackKey, space);
      for (const [index, ackKey] of frame.ackKeys.entries()) octets.set(ackKey, 1 + index * fieldLengths.ackKey);
      return octets;
    }
    case "deposit": {
      const octets = begun(frame.type, frame.envelope.octets.length);
      octets.set(frame.hint, 1);
      octets.set(frame.envelope.octets, frameLengths.deposit);
      return octets;
    }
    case "broadcast": {
      const octets = begun(frame.type, frame.broadcast.octets.length);
      octets.set(frame.broadcast.octets, frameLengths.broadcast);
      return octets;
    }
    case "withdraw": {
      const octets = begun(frame.type, frame.labels.length * fieldLengths.label);
      for (const [index, label] of frame.labels.entries()) writeU32(octets, 1 + index * fieldLengths.label, label);
      return octets;
    }
    case "request": {
      const octets = begun(frame.type);
      octets.set(addressOctets(frame.address), 1);
      octets[25] = frame.hopsLeft;
      return writeFreshness(octets, 17, frame);
    }
    case "packet":
      return forwarded(frame.type, frame, 0);
    case "trace": {
      const octets = forwarded(frame.type, frame, frame.addresses.length * addressLength);
      octets[frameLengths.trace - 1] = frame.addresses.length;
      for (const [index, address] of frame.addresses.entries())
        octets.set(addressOctets(address), frameLengths.trace + index * addressLength);
      return octets;
    }
    case "status": {
      const octets = begun(frame.type);
      octets.set([nodeKinds[frame.kind], onlineStates[frame.online]], 1);
      writeU16(octets, 3, Math.min(0xffff, Math.floor(frame.age / 1000)));
      return octets;
    }
    case "ping":
    case "pong": {
      const octets = begun(frame.type);
      octets.set(frame.token, 1);
      return octets;
    }
    case "meeting": {
      const said = encodeMeeting(frame.said);
      const octets = begun(frame.type, said.length);
      octets.set(said, frameLengths.meeting);
      return octets;
    }
  }
}

function begun(type: LinkFrame["type"], more = 0, space?: OctetSpace): Uint8Array {
  const length = frameLengths[type] + more;
  const octets = space?.take(length) ?? new Uint8Array(length);
  octets[0] = frameType[type];
  return octets;
}

function numbered(
  type: "announce" | "answer" | "message",
  number: number,
  rest: Uint8Array,
  space?: OctetSpace,
): Uint8Array {
  const octets = begun(type, rest.length, space);
  writeU32(octets, 1, number);
  octets.set(rest, frameLengths[type]);
  return octets;
}

/** With room for `more` octets before the body. */
function forwarded(type: "packet" | "trace", frame: Forwarded, more: number): Uint8Array {
  const octets = begun(type, more + frame.body.length);
  writeU32(octets, 1, frame.label);
  writeU32(octets, 5, frame.flow);
  octets[9] = frame.hopsLeft;
  octets[10] = frame.sidestepsLeft;
  octets.set(frame.body, frameLengths[type] + more);
  return octets;
}

function writeFreshness(octets: Uint8Array, at: number, { epoch, sequence }: Freshness): Uint8Array {
  writeU32(octets, at, epoch);
  writeU32(octets, at + 4, sequence);
  return octets;
}
