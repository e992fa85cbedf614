/** Which cuts a run suffers, from a seed: how the connection ends, and where it stood, down to the octet. */
import { Random } from "@ropewalk/simnet/random";
import type { Act, Direction } from "./fault.ts";

/** What the connection was at: carrying records, at its handshake, taking up a session, changing its keys. */
export const cutPlaces = ["record", "handshake", "resume", "rekey"] as const;
export type CutPlace = (typeof cutPlaces)[number];

export interface Cut {
  readonly number: number;
  readonly place: CutPlace;
  readonly act: Extract<Act, { readonly kind: "fin" | "reset" | "blackhole" }>;
  readonly direction: Direction;
  /** Of what there is at that place, 0 ≤ share < 1. */
  readonly share: number;
  /** After the tunnel stood again. */
  readonly restMs: number;
}

export function cutPlan(seed: number, count: number): readonly Cut[] {
  const random = new Random(seed >>> 0, "cuts");
  return Array.from({ length: count }, (_, number): Cut => {
    const luck = random.unit();
    const place: CutPlace = luck < 0.4 ? "record" : luck < 0.6 ? "handshake" : luck < 0.8 ? "resume" : "rekey";
    const kind = (["fin", "reset", "blackhole"] as const)[random.below(3)] ?? "fin";
    const act = kind === "blackhole" ? { kind, ms: 20 + random.below(500) } : { kind };
    const direction = random.isLucky(0.5) ? "up" : "down";
    return { number, place, act, direction, share: random.unit(), restMs: random.below(120) };
  });
}
