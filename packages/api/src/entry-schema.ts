/** The schemas of `entry`: requests are strict, so that a key that is spelt wrong is a fault; answers hold what is named here and no more. */
import { z } from "zod";
import type {
  AdminEndedDocument,
  AdminSessionDocument,
  AuditDocument,
  CustomerDocument,
  DeviceDocument,
  EndedDocument,
  EntryHealthDocument,
  NewDeviceDocument,
  NodeWishDocument,
  OwnPlaceDocument,
  PageDocument,
  PlaceDocument,
  ReadinessDocument,
  SessionDocument,
  StartDocument,
  StartedDocument,
  TokenDocument,
  TokenRequestDocument,
} from "./entry.ts";
import { label } from "./entry-label.ts";

// Whoever compares ids has them in one spelling.
const id = z.uuid().toLowerCase();
const moment = z.string();
/** 32 octets in base64, with its padding: the last digit before that holds four bits. */
const key = z.string().regex(/^[A-Za-z0-9+/]{42}[AEIMQUYcgkosw048]=$/);

/** The last page that one may ask for is as long as this. */
export const longestPage = 200;

const placeFields = {
  nodeName: z.string(),
  region: z.string(),
  country: z.string().nullable(),
  city: z.string().nullable(),
  endpoint: z.string(),
  publicKey: key,
  addresses: z.array(z.string()),
};
const sessionFields = {
  id,
  deviceId: id,
  state: z.enum(["requested", "provisioning", "active", "terminating", "terminated", "failed"]),
  createdAt: moment,
};
const placeSchema: z.ZodType<PlaceDocument> = z.object(placeFields);
const ownPlaceSchema: z.ZodType<OwnPlaceDocument> = z.object({ ...placeFields, presharedKey: key });
const wishFields = {
  region: label.exactOptional(),
  country: z
    .string()
    .regex(/^[A-Z]{2}$/)
    .exactOptional(),
  city: label.exactOptional(),
  pool: label.exactOptional(),
  nodeHint: id.exactOptional(),
};

export const customerSchema: z.ZodType<CustomerDocument> = z.object({
  id,
  createdAt: moment,
  closedAt: moment.nullable(),
});

export const deviceSchema: z.ZodType<DeviceDocument> = z.object({
  id,
  name: label,
  publicKey: key,
  createdAt: moment,
});

export const devicesSchema: z.ZodType<{ readonly devices: readonly DeviceDocument[] }> = z.object({
  devices: z.array(deviceSchema),
});

export const newDeviceSchema: z.ZodType<NewDeviceDocument> = z.strictObject({
  name: label,
  publicKey: key,
});

export const sessionSchema: z.ZodType<SessionDocument> = z.object({
  ...sessionFields,
  place: ownPlaceSchema.nullable(),
});

export const adminSessionSchema: z.ZodType<AdminSessionDocument> = z.object({
  ...sessionFields,
  place: placeSchema.nullable(),
  customerId: id,
  nodeId: id.nullable(),
});

export const wishSchema: z.ZodType<NodeWishDocument> = z.strictObject(wishFields);

export const startSchema: z.ZodType<StartDocument> = z.strictObject({
  deviceId: id,
  ...wishFields,
  reconnectKey: z
    .string()
    .regex(/^[A-Za-z0-9_-]{42}[AEIMQUYcgkosw048]$/)
    .exactOptional(),
});

export const startedSchema: z.ZodType<StartedDocument> = z.object({ session: sessionSchema, reconnectKey: z.string() });

export const endedSchema: z.ZodType<EndedDocument> = z.object({ session: sessionSchema, isConfirmed: z.boolean() });

export const adminEndedSchema: z.ZodType<AdminEndedDocument> = z.object({
  session: adminSessionSchema,
  isConfirmed: z.boolean(),
});

export const tokenRequestSchema: z.ZodType<TokenRequestDocument> = z.strictObject({
  lifetimeSeconds: z.int().min(1).max(86_400).exactOptional(),
});

export const tokenSchema: z.ZodType<TokenDocument> = z.object({ token: z.string(), tokenId: id, expiresAt: moment });

export const auditSchema: z.ZodType<AuditDocument> = z.object({
  id: z.string(),
  at: moment,
  actorKind: z.enum(["admin", "customer", "node", "entry"]),
  actor: z.string(),
  action: z.string(),
  subject: z.string().nullable(),
  details: z.record(z.string(), z.unknown()),
});

export function pageOf<Item>(item: z.ZodType<Item>): z.ZodType<PageDocument<Item>> {
  return z.object({ items: z.array(item), next: z.string().nullable() });
}

export const entryHealthSchema: z.ZodType<EntryHealthDocument> = z.object({
  state: z.enum(["healthy", "degraded", "draining", "unhealthy"]),
  ready: z.boolean(),
});

export const readinessSchema: z.ZodType<ReadinessDocument> = z.object({
  isReady: z.boolean(),
  gates: z.array(z.object({ name: z.string(), state: z.enum(["passes", "warns", "fails"]), reason: z.string() })),
});
