/**
 * The event stream of a node: server-sent events, a snapshot first, then one event per change in the order it was seen.
 * Ids are `<epoch>-<sequence>`; a reader that sends the last one back gets what it missed, or a new snapshot.
 */
import { z } from "zod";
import type { ConnectivityDocument, DecisionsDocument, NodeStatus, UplinkDocument } from "./http.ts";
import { connectivitySchema, decisionsSchema, nodeStatusSchema, uplinkSchema } from "./http-schema.ts";
import { type SteeringActDocument, steeringActFields } from "./steering.ts";

export type OrderOutcomeDocument = { readonly kind: "done" } | { readonly kind: "refused"; readonly reason: string };

interface Seen {
  /** Wall time at which it was seen, ISO 8601, UTC. */
  readonly at: string;
  /** The same moment on the machine's CLOCK_MONOTONIC, in milliseconds: comparable between its processes. */
  readonly seenAtMonotonicMs: number;
}

export type NodeEvent =
  | (Seen & { readonly kind: "snapshot"; readonly status: NodeStatus })
  | (Seen & { readonly kind: "uplink-added"; readonly uplink: UplinkDocument })
  | (Seen & { readonly kind: "uplink-changed"; readonly uplink: UplinkDocument; readonly changed: readonly string[] })
  | (Seen & {
      readonly kind: "uplink-removed";
      readonly uplinkId: string;
      readonly name: string;
      readonly reason: string;
    })
  /** The operator gave an order; `uplinkId` and `name` are null when it was for all uplinks. */
  | (Seen & {
      readonly kind: "order";
      readonly order: "use" | "pin" | "drain" | "release";
      readonly uplinkId: string | null;
      readonly name: string | null;
      readonly outcome: OrderOutcomeDocument;
    })
  | (Seen & {
      readonly kind: "connectivity";
      readonly connectivity: ConnectivityDocument;
      readonly decisions: DecisionsDocument;
    })
  | (Seen & { readonly kind: "steering" } & SteeringActDocument);

const seen = { at: z.string(), seenAtMonotonicMs: z.number().nonnegative() };

const outcome: z.ZodType<OrderOutcomeDocument> = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("done") }),
  z.object({ kind: z.literal("refused"), reason: z.string() }),
]);

export const nodeEventSchema: z.ZodType<NodeEvent> = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("snapshot"), ...seen, status: nodeStatusSchema }),
  z.object({ kind: z.literal("uplink-added"), ...seen, uplink: uplinkSchema }),
  z.object({ kind: z.literal("uplink-changed"), ...seen, uplink: uplinkSchema, changed: z.array(z.string()) }),
  z.object({
    kind: z.literal("uplink-removed"),
    ...seen,
    uplinkId: z.string(),
    name: z.string(),
    reason: z.string(),
  }),
  z.object({
    kind: z.literal("order"),
    ...seen,
    order: z.enum(["use", "pin", "drain", "release"]),
    uplinkId: z.string().nullable(),
    name: z.string().nullable(),
    outcome,
  }),
  z.object({
    kind: z.literal("connectivity"),
    ...seen,
    connectivity: connectivitySchema,
    decisions: decisionsSchema,
  }),
  z.object({ kind: z.literal("steering"), ...seen, ...steeringActFields }),
]);
