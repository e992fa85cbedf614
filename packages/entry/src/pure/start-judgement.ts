/**
 * What a request to start is, beside what its customer has already: a new session, the same request again, a device that comes back, or
 * somebody who must not. A key by which a device comes back is known by its hash alone.
 */
import type { SessionState } from "./vpn-session.ts";

export interface StartFacts {
  /** Whether the customer is one, is open, and has the device. */
  readonly hasDevice: boolean;
  readonly device: string;
  /** Hashes, as text. */
  readonly reconnect: string;
  readonly former: string | undefined;
  /** The customer's session that is not over. */
  readonly live: LiveSession | undefined;
  /** Whether `former` is of the live session, and was replaced by one that was used. */
  readonly isRetired: boolean;
  /** How an earlier session that the same key was of has ended. */
  readonly earlier: "terminated" | "failed" | undefined;
}

export interface LiveSession {
  readonly state: SessionState;
  readonly device: string;
  readonly reconnect: string | undefined;
  readonly former: string | undefined;
}

export interface KeyChange {
  readonly reconnect: string;
  readonly former: string | undefined;
  readonly retires: string | undefined;
}

export type StartJudgement =
  | { readonly kind: "begins" }
  /** Nothing changes: what it asked for is under way, or there. */
  | { readonly kind: "same" }
  /** The session goes on, by these keys. */
  | { readonly kind: "returns"; readonly keys: KeyChange }
  /** The session before is being ended. */
  | { readonly kind: "waits" }
  | { readonly kind: "reused-key" }
  | { readonly kind: "conflict" }
  | { readonly kind: "unknown-device" }
  | { readonly kind: "failed-before" };

export function judgeStart(facts: StartFacts): StartJudgement {
  const { hasDevice, live, isRetired, earlier } = facts;
  if (!hasDevice) return { kind: "unknown-device" };
  if (live === undefined) {
    if (earlier === undefined) return { kind: "begins" };
    return { kind: earlier === "failed" ? "failed-before" : "conflict" };
  }
  if (live.device !== facts.device) return live.state === "terminating" ? { kind: "waits" } : { kind: "conflict" };
  if (isRetired) return { kind: "reused-key" };
  if (live.state === "terminating") return { kind: earlier === undefined ? "waits" : "conflict" };
  if (facts.reconnect === live.reconnect || facts.reconnect === live.former) return { kind: "same" };
  const keys = keysOf(facts.former, facts.reconnect, live);
  return keys === undefined || earlier !== undefined ? { kind: "conflict" } : { kind: "returns", keys };
}

/** The one before holds until its successor is used: a device that never saw the successor comes back with what it has. */
function keysOf(shown: string | undefined, next: string, live: LiveSession): KeyChange | undefined {
  if (shown === undefined) return undefined;
  if (shown === live.reconnect) return { reconnect: next, former: shown, retires: live.former };
  return shown === live.former ? { reconnect: next, former: shown, retires: undefined } : undefined;
}
