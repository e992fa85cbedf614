/**
 * From a link's frame to its octets. Whoever encodes has kept the bounds: what does not fit its field is a defect of this node.
 *
 *     packet  0      1           5           6                7
 *             +------+-----------+-----------+----------------+---- - -
 *             | 5    | label (4) | hopsLeft  | sidestepsLeft  | body
 *             +------+-----------+-----------+----------------+---- - -
 */
import { writeU16, writeU32 } from "@ropewalk/kernel/big-endian";
import { addressLength, addressOctets } from "../mesh-address.ts";
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

/** Octets of its own. */
export function encodeFrame(frame: LinkFrame): Uint8Array {
  switch (frame.type) {
    case "hello": {
      const octets = begun(frame.type);
      octets.set([helloVersion, nodeKinds[frame.kind], onlineStates[frame.online]], 1);
      return writeFreshness(octets, 4, frame);
    }
    case "announce":
      return labelled(frame.type, frame.label, frame.announce);
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
      octets[7] = frame.addresses.length;
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
  }
}

function begun(type: LinkFrame["type"], more = 0): Uint8Array {
  const octets = new Uint8Array(frameLengths[type] + more);
  octets[0] = frameType[type];
  return octets;
}

function labelled(type: "announce", label: number, rest: Uint8Array): Uint8Array {
  const octets = begun(type, rest.length);
  writeU32(octets, 1, label);
  octets.set(rest, frameLengths[type]);
  return octets;
}

/** With room for `more` octets before the body. */
function forwarded(type: "packet" | "trace", frame: Forwarded, more: number): Uint8Array {
  const octets = begun(type, more + frame.body.length);
  writeU32(octets, 1, frame.label);
  octets[5] = frame.hopsLeft;
  octets[6] = frame.sidestepsLeft;
  octets.set(frame.body, frameLengths[type] + more);
  return octets;
}

function writeFreshness(octets: Uint8Array, at: number, { epoch, sequence }: Freshness): Uint8Array {
  writeU32(octets, at, epoch);
  writeU32(octets, at + 4, sequence);
  return octets;
}
