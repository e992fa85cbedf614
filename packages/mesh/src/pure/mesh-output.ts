/** What the pure node asks its shell to do, or tells it. */
import type { Millis } from "@ropewalk/kernel/units";
import type { LinkId } from "./link.ts";
import type { MeshAddress } from "./mesh-address.ts";
import type { MessageEvent } from "./messages/message-terms.ts";
import type { StoreOutput } from "./messages/store-groups.ts";

export type MeshOutput =
  /** One frame to a neighbour, in order. */
  | { readonly kind: "transmit"; readonly link: LinkId; readonly frame: Uint8Array }
  /** Epochs and sequences up to here are about to be used: to be kept before anything else that stands behind this is done. */
  | { readonly kind: "keep"; readonly mark: SequenceMark }
  /** The neighbour does what no honest one does; its link is to be cut. */
  | { readonly kind: "cut"; readonly link: LinkId; readonly why: string }
  | {
      readonly kind: "answered";
      readonly probe: number;
      readonly roundTrip: Millis;
      readonly path: readonly MeshAddress[];
    }
  | { readonly kind: "unanswered"; readonly probe: number; readonly why: "no-route" | "lost" | "busy" }
  | StoreOutput
  /** For applications. */
  | { readonly kind: "message"; readonly event: MessageEvent };

/** No announce with an epoch and a sequence at or below these may be made again. */
export interface SequenceMark {
  readonly epoch: number;
  /** The first sequence that was not set aside yet. */
  readonly sequence: number;
}
