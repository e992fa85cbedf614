/** What transactions of steps are asked for, and what they answer. */
import type { ChoiceExplanation } from "../pure/choice-explanation.ts";
import type { Generation, PlacementId } from "../pure/vpn-placement.ts";
import type { SessionEvent, SessionId } from "../pure/vpn-session.ts";
import type { Actor, CustomerId, NodeWish, SessionRequest } from "../vpn-control.ts";
import type { StoredSession } from "./session-rows.ts";

export type StepWork =
  | { readonly kind: "start"; readonly request: SessionRequest }
  | {
      readonly kind: "end";
      readonly session: SessionId;
      /** His it must be; undefined: anybody's. */
      readonly customer: CustomerId | undefined;
      readonly actor: Actor;
    }
  | {
      readonly kind: "move";
      readonly session: SessionId;
      readonly customer: CustomerId | undefined;
      readonly wish: NodeWish;
      readonly actor: Actor;
    }
  /** A node's answer to an order, which is over with it. */
  | { readonly kind: "answer"; readonly session: SessionId; readonly event: AnswerEvent }
  /** What entry finds out by itself. A renewal may be for when it is due: others look for it, too. */
  | { readonly kind: "event"; readonly session: SessionId; readonly event: SessionEvent; readonly isIfDue?: boolean };

export type AnswerEvent = SessionEvent & {
  readonly kind: "placed" | "removed" | "refused";
  readonly placement: PlacementId;
  readonly generation: Generation;
};

export type StepResult =
  /** As it is in the database, whether or not this has changed it; with the placement that was ordered. */
  | { readonly kind: "session"; readonly session: StoredSession; readonly placement: PlacementId | undefined }
  /** It was ended, since a key was used that had been replaced. */
  | { readonly kind: "reused-key"; readonly session: StoredSession }
  | { readonly kind: "no-node"; readonly why: ChoiceExplanation }
  | { readonly kind: "failed-before"; readonly why: "refused" | "silent" }
  /** The node that was chosen has no room after all: it is chosen no more, and another may be. */
  | { readonly kind: "again" }
  /** The customer's session before is on its way to its end. */
  | { readonly kind: "waits"; readonly session: StoredSession }
  | { readonly kind: "conflict" }
  | { readonly kind: "unknown-device" }
  | { readonly kind: "unknown-session" }
  | { readonly kind: "not-now" };
