/** Envelopes that wait, as tests need them: what is not said is the same for all. */

import type { MeshAddress } from "@ropewalk/mesh/pure/mesh-address";
import { Held, type HeldFacts, type HeldFrom, heldName } from "@ropewalk/mesh/pure/messages/custody/held";
import type { StoreTime } from "@ropewalk/mesh/pure/messages/store-time";
import type { Priority, TagName } from "@ropewalk/mesh/pure/messages/wire/envelope";

export const addressNumber = (number: number): MeshAddress => number.toString(16).padStart(32, "0") as MeshAddress;
export const tagNumber = (number: number): TagName => number.toString(16).padStart(16, "0") as TagName;
export const storeTime = (time: number): StoreTime => time as StoreTime;

export interface HeldOptions {
  readonly from?: HeldFrom;
  readonly to?: MeshAddress;
  readonly hint?: string;
  readonly priority?: number;
  readonly until?: number;
  readonly copies?: number;
}

export function factsOfHeld(number: number, options: HeldOptions = {}): HeldFacts {
  const { from = addressNumber(1), to, hint, priority = 1, until = 1_000, copies = 1 } = options;
  return {
    ...{ name: heldName(tagNumber(number), new Uint8Array(8)), from, isSenders: false, priority: priority as Priority },
    ...{ until: storeTime(until), copies },
    to: hint === undefined ? { kind: "address", address: to ?? addressNumber(0xd0) } : { kind: "hint", hint },
  };
}

/** Of `size` octets. */
export function heldNumber(number: number, options: HeldOptions = {}, size = 100): Held {
  const held = new Held(factsOfHeld(number, options), size);
  held.order = number;
  return held;
}
