/** Somebody who is dialled, and what is known of how that goes. */
import { type Millis, millis } from "@ropewalk/kernel/units";
import type { MeshAddress } from "./mesh-address.ts";

/** `static`: the configuration names it. `discovered`: somebody on a local network said so, and nothing of it is proved. */
export interface DialTarget {
  readonly kind: "static" | "discovered";
  /** A name or an address, perhaps with a zone. */
  readonly host: string;
  readonly port: number;
  /** Who must be there; undefined: whoever is. */
  readonly expected: MeshAddress | undefined;
}

/** "192.0.2.1 port 7411". */
export type TargetKey = string;

export interface DialEntry {
  readonly target: DialTarget;
  state: "waiting" | "dialling";
  /** When it is due; while it is dialled, since when it is. */
  at: Millis;
  attempt: number;
  /** When a good link with who was there ended. */
  lostAt: Millis | undefined;
  /** Until when it is left alone, for who was there takes no more links. */
  restsUntil: Millis | undefined;
  /** Who was there the last time, or must be. */
  leadsTo: MeshAddress | undefined;
  /** 0…1. */
  readonly draw: number;
  /** `leadsTo` was there when it was dialled; what is only said may be said by anybody. */
  isProved: boolean;
}

/** Of one that was not dialled yet. */
export const noPast = { lostAt: undefined, restsUntil: undefined } as const;

export function targetKey({ host, port }: Pick<DialTarget, "host" | "port">): TargetKey {
  return `${host} port ${port}`;
}

/** Of a target that is not dialled until something changes; no clock comes there. */
export const never: Millis = millis(Number.MAX_SAFE_INTEGER);

export function isDialling({ state }: DialEntry): boolean {
  return state === "dialling";
}

export function isStatic({ target }: DialEntry): boolean {
  return target.kind === "static";
}
