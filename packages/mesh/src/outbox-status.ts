/** How far an own message is, for who sent it. */
import type { Millis } from "@ropewalk/kernel/units";
import type { MeshAddress } from "./pure/mesh-address.ts";
import type { OwnMessage } from "./pure/messages/own-messages.ts";

/** An own message that is not delivered. */
export interface OutboxStatus {
  readonly id: string;
  readonly to: MeshAddress;
  readonly port: number;
  readonly priority: number;
  readonly octets: number;
  /** Seconds since 1970. */
  readonly accepted: number;
  readonly left: Millis;
  readonly parts: number;
  readonly proved: number;
  /** `kept`: it waits for a way, or for an answer, and is tried again. */
  readonly state: "waiting" | "under-way" | "kept";
}

/** `left`: of its life. */
export function outboxStatus({ facts, size, parts, left: unproved }: OwnMessage, left: Millis): OutboxStatus {
  const { id, contact: to, port, priority, accepted } = facts;
  const isAny = (...states: readonly string[]) => parts.some(({ state }) => states.includes(state));
  const state = isAny("flying") ? "under-way" : isAny("stored", "storing") ? "kept" : "waiting";
  return {
    id,
    to,
    port,
    priority,
    octets: size,
    accepted,
    left,
    parts: parts.length,
    proved: parts.length - unproved,
    state,
  };
}
