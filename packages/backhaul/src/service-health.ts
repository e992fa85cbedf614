/** What the backhaul says of its own health, worst first: one sentence, or nothing when all is well. */
import { pinTrouble } from "./pure/pin-trouble.ts";
import type { BackhaulState } from "./pure/state.ts";

export interface MemoryFaults {
  readonly uplinks: string | undefined;
  readonly orders: string | undefined;
}

/** Why health is degraded; undefined when it is not. */
export function degradation(state: BackhaulState, faults: MemoryFaults): string | undefined {
  const pin = pinTrouble(state);
  if (pin !== undefined) return pin;
  if (faults.uplinks !== undefined) return `uplinks are not remembered across a restart: ${faults.uplinks}`;
  if (faults.orders !== undefined) return `orders are not remembered across a restart: ${faults.orders}`;
  if (state.withoutSlot === 0) return undefined;
  const cure = "exclude some by [[backhaul.uplink]]";
  return `${state.withoutSlot} more interfaces could be uplinks than the 255 there may be: ${cure}`;
}
