/** One stream as the session keeps it. */
import type { StreamId } from "../wire/frame.ts";
import type { ResetReason } from "../wire/reset-reason.ts";
import type { ReceiveHalf } from "./receive-half.ts";
import type { SendHalf } from "./send-half.ts";

export interface Stream {
  readonly id: StreamId;
  readonly send: SendHalf;
  readonly receive: ReceiveHalf;
  phase: StreamPhase;
  /** In which of the lists of those that have something to send. */
  turn: "none" | "small" | "large";
  /** Its neighbours in that list. */
  before: Stream | undefined;
  behind: Stream | undefined;
}

export type StreamPhase =
  /** This end has opened it, and the other has not accepted it yet. */
  | { readonly kind: "asking"; readonly request: Uint8Array }
  /** The other end has opened it, and this one has not accepted it yet. */
  | { readonly kind: "asked" }
  | { readonly kind: "open"; readonly isOwn: boolean }
  /** This end's application has reset it, and what it wrote before is not all sent on this lane: the reset goes behind it. */
  | { readonly kind: "aborting"; readonly request: Uint8Array | undefined }
  /** This end has reset it, and the other has not said that it is gone. `request`: the other may not even know that it was opened. */
  | { readonly kind: "resetting"; readonly reason: ResetReason; readonly request: Uint8Array | undefined }
  | { readonly kind: "over" };

/** Whether it has octets, or its end, to send. */
export function isReady({ phase, send }: Stream): boolean {
  return phase.kind !== "resetting" && phase.kind !== "over" && send.isReady;
}

/** Whether this end has reset it: nothing more is told of it here. */
export function isReset({ phase }: Stream): boolean {
  return phase.kind === "aborting" || phase.kind === "resetting";
}
