/** What the mesh tells as it happens. */
import type { StoreEvent } from "./io/store/store-messages.ts";
import type { MeshAddress } from "./pure/mesh-address.ts";

export type MeshEvent =
  /** `remote` is "192.0.2.1 port 7412", as people read it. */
  | {
      readonly kind: "link-up";
      readonly peer: MeshAddress;
      readonly remote: string;
      readonly direction: "dialled" | "accepted";
    }
  | { readonly kind: "link-down"; readonly peer: MeshAddress; readonly why: string }
  /** Somebody has dialled this node and has no link. */
  | { readonly kind: "refused"; readonly remote: string; readonly why: string }
  | { readonly kind: "dial-failed"; readonly remote: string; readonly why: string }
  /** Addresses or uplinks of this machine are others now. */
  | { readonly kind: "paths-changed" }
  /** The configuration was read again, and is another now. */
  | { readonly kind: "reconfigured" }
  /** Sequences cannot be set aside: there are no links until they can. */
  | { readonly kind: "held"; readonly why: string }
  | { readonly kind: "kept" }
  /** What happened to the store of messages. */
  | { readonly kind: "store"; readonly event: StoreEvent }
  /** No message can be sent or received any more. */
  | { readonly kind: "store-died"; readonly why: string };
