/**
 * The last frame of a link, by which its sender says why it ends it. Whoever reads it ends the link too: no node is told of it.
 * Source: docs/protocols/mesh-link.md.
 */
import { frameType } from "./link-frame.ts";

/** `full`: the sender has as many links as it may. */
export type LeaveReason = keyof typeof leaveReasons;

const leaveReasons = { full: 1 } as const;

/** A frame whole. */
export function encodeLeave(reason: LeaveReason): Uint8Array {
  return Uint8Array.of(frameType.leave, leaveReasons[reason]);
}

/** `other`: what a later version may say. Undefined: it is another frame. */
export function decodeLeave(frame: Uint8Array): LeaveReason | "other" | undefined {
  if (frame[0] !== frameType.leave || frame.length !== 2) return undefined;
  return frame[1] === leaveReasons.full ? "full" : "other";
}
