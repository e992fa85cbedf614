/** An order on its way to its node, as a replica has it that has claimed its row. */
import type { NodeId } from "../pure/node-fitness.ts";
import type { Generation, PlacementId } from "../pure/vpn-placement.ts";
import type { SessionId } from "../pure/vpn-session.ts";

export interface ClaimedOrder {
  readonly node: NodeId;
  readonly session: SessionId;
  readonly placement: PlacementId;
  readonly generation: Generation;
  readonly publicKey: Uint8Array;
  readonly what:
    | {
        readonly kind: "place";
        readonly addresses: readonly string[];
        /** By the node's clock; it was stored with the order, and is never reckoned anew. */
        readonly until: { readonly boot: string; readonly at: number };
      }
    | { readonly kind: "remove" };
}
