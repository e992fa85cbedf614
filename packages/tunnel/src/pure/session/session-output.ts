/** What a session tells whoever holds the applications' connections. Octets are views: who keeps them longer keeps the record. */
import type { GoAwayReason, StreamId } from "../wire/frame.ts";
import type { ResetReason } from "../wire/reset-reason.ts";

export type SessionOutput =
  /** The peer opens a stream: answered by `accept` or `reset`. Octets of it may come before that. */
  | { readonly kind: "asked"; readonly stream: StreamId; readonly request: Uint8Array }
  | { readonly kind: "accepted"; readonly stream: StreamId }
  /** Answered by `taken`, once whoever they are for has them. */
  | { readonly kind: "deliver"; readonly stream: StreamId; readonly octets: Uint8Array }
  /** The peer sends nothing more. */
  | { readonly kind: "ended"; readonly stream: StreamId }
  /** There is room again to write. */
  | { readonly kind: "room"; readonly stream: StreamId }
  /** Over before its time: nothing more is told of it. */
  | { readonly kind: "reset"; readonly stream: StreamId; readonly reason: ResetReason }
  /** Both directions came to their end: nothing more is told of it. */
  | { readonly kind: "closed"; readonly stream: StreamId }
  | { readonly kind: "going-away"; readonly reason: GoAwayReason }
  /** The peer does what it may not: the session must end. */
  | { readonly kind: "broken"; readonly why: string };

export function broken(why: string): readonly SessionOutput[] {
  return [{ kind: "broken", why }];
}
