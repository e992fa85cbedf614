/** Says of its ways what is true, and lets vanish what is sent by them. */
import { frameType } from "@ropewalk/mesh/pure/wire/link-frame";
import type { Meddler } from "../station.ts";

export const blackHole: Meddler = {
  sends: (frame) => (frame[0] === frameType.packet || frame[0] === frameType.trace ? [] : [frame]),
};
