/** The schemas of `entry-nodes`. */
import { z } from "zod";
import { label } from "./entry-label.ts";
import type { CoreStatusDocument, NewNodeDocument, NodeChangeDocument, NodeDocument } from "./entry-nodes.ts";

const countryCode = z.string().regex(/^[A-Z]{2}$/);
const admission = z.enum(["open", "draining", "disabled"]);

export const newNodeSchema: z.ZodType<NewNodeDocument> = z.strictObject({
  name: z.string().regex(/^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/),
  roles: z
    .array(z.enum(["vpn"]))
    .min(1)
    .max(1),
  region: label,
  country: countryCode.exactOptional(),
  city: label.exactOptional(),
  pool: label.exactOptional(),
});

export const nodeChangeSchema: z.ZodType<NodeChangeDocument> = z.strictObject({
  admission: admission.exactOptional(),
  region: label.exactOptional(),
  country: countryCode.nullable().exactOptional(),
  city: label.nullable().exactOptional(),
  pool: label.exactOptional(),
});

export const nodeSchema: z.ZodType<NodeDocument> = z.object({
  id: z.uuid(),
  name: z.string(),
  roles: z.array(z.string()),
  admission,
  region: z.string(),
  country: z.string().nullable(),
  city: z.string().nullable(),
  pool: z.string(),
  endpoint: z.string().nullable(),
  capacity: z.int(),
  placements: z.int(),
});

export const nodesSchema: z.ZodType<{ readonly nodes: readonly NodeDocument[] }> = z.object({
  nodes: z.array(nodeSchema),
});

export const coreStatusSchema: z.ZodType<CoreStatusDocument> = z.object({
  nodes: z.array(
    z.object({
      id: z.uuid(),
      name: z.string(),
      source: z.enum(["last-told", "never-told"]),
      heartbeatAgeMs: z.number().nullable(),
      isFresh: z.boolean(),
      isHealthy: z.boolean(),
      troubles: z.array(z.string()),
      version: z.string().nullable(),
      activePeers: z.int(),
      placements: z.int(),
    }),
  ),
});
