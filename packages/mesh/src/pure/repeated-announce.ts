/**
 * Whether a frame brings an announce of which nothing comes: a copy of one that is known, by a way that is not worth knowing. Most that come are
 * such, each is looked at where it lies, and neither the octets that were heard before nor new ones are touched for it.
 */
import { readU32 } from "@ropewalk/kernel/big-endian";
import type { LinkId } from "./link.ts";
import type { Routes } from "./routing/routes.ts";
import { faultOfAnnounce, hopsIn, isLike, keyNumberIn } from "./wire/announce.ts";
import { frameLengths } from "./wire/link-frame.ts";

const labelAt = 1;
const at: number = frameLengths.announce;

/** Of a frame whose type says that it is an announce. False says nothing. */
export function isRepeatedAnnounce(routes: Routes, link: LinkId, frame: Uint8Array): boolean {
  if (faultOfAnnounce(frame, at) !== undefined) return false;
  const hops = hopsIn(frame);
  // Whoever says that he is the origin himself is looked at closely.
  if (hops === 0) return false;
  const route = routes.near({ keyNumber: keyNumberIn(frame, at) });
  return (
    route !== undefined && isLike(frame, at, route) && !route.wants({ link, hops, label: readU32(frame, labelAt) })
  );
}
