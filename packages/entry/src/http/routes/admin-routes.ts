/** What admins ask of customers and of what was done. */
import {
  auditSchema,
  customerSchema,
  devicesSchema,
  pageOf,
  tokenRequestSchema,
  tokenSchema,
} from "@ropewalk/api/entry-schema";
import { seconds } from "@ropewalk/kernel/units";
import { readAudit } from "../../io/audit.ts";
import type { Customers } from "../../io/customers.ts";
import type { Database } from "../../io/database.ts";
import type { Devices } from "../../io/devices.ts";
import type { CustomerId, VpnControl } from "../../vpn-control.ts";
import type { CustomerTokens } from "../customer-tokens.ts";
import { auditDocument, customerDocument, deviceDocument } from "../documents.ts";
import { ProblemError } from "../problem-error.ts";
import { changeRoute, type Route, readRoute } from "../route.ts";
import { adminOf, pageById, pageByNumber, pageDocument, withId } from "./route-parts.ts";

export interface AdminRouteDeps {
  readonly control: VpnControl;
  readonly customers: Customers;
  readonly devices: Devices;
  readonly tokens: CustomerTokens;
  readonly database: Pick<Database, "kysely">;
}

const policy = "admin";
const unknown = () => new ProblemError("unknown-customer", "there is no such customer");

export function adminRoutes({ control, customers, devices, tokens, database }: AdminRouteDeps): readonly Route[] {
  return [
    changeRoute({
      ...{ operation: "createCustomer", method: "POST", path: "/v1/admin/customers", policy, status: 201 },
      summary: "Makes a customer",
      result: customerSchema,
      problems: [],
      answer: async ({ caller }, { secrets }) =>
        customerDocument(await customers.create(secrets.id("customer") as CustomerId, adminOf(caller))),
    }),
    readRoute({
      ...{ operation: "listCustomers", method: "GET", path: "/v1/admin/customers", policy },
      summary: "Customers, the newest first",
      query: pageById,
      result: pageOf(customerSchema),
      problems: [],
      answer: async ({ query: { limit, before } }) =>
        pageDocument(await customers.list(limit + 1, before as CustomerId | undefined), limit, customerDocument),
    }),
    readRoute({
      ...{ operation: "getCustomer", method: "GET", path: "/v1/admin/customers/{id}", policy },
      summary: "A customer",
      params: withId,
      result: customerSchema,
      problems: ["unknown-customer"],
      answer: async ({ params }) => {
        const row = await customers.find(params.id as CustomerId);
        if (row === undefined) throw unknown();
        return customerDocument(row);
      },
    }),
    readRoute({
      ...{ operation: "listDevicesOfCustomer", method: "GET", path: "/v1/admin/customers/{id}/devices", policy },
      summary: "A customer's devices",
      params: withId,
      result: devicesSchema,
      problems: ["unknown-customer"],
      answer: async ({ params }) => {
        const id = params.id as CustomerId;
        if ((await customers.find(id)) === undefined) throw unknown();
        return { devices: (await devices.list(id)).map(deviceDocument) };
      },
    }),
    changeRoute({
      ...{ operation: "closeCustomer", method: "POST", path: "/v1/admin/customers/{id}/close", policy },
      summary: "Closes a customer for good, and ends the session that he has",
      params: withId,
      result: customerSchema,
      problems: ["unknown-customer"],
      answer: async ({ params, caller, signal }) => {
        const [id, actor] = [params.id as CustomerId, adminOf(caller)];
        const row = await customers.close(id, actor);
        if (row === undefined) throw unknown();
        const session = await control.current(id);
        if (session !== undefined) await control.end(session.id, id, actor, signal);
        return customerDocument(row);
      },
    }),
    changeRoute({
      ...{ operation: "issueToken", method: "POST", path: "/v1/admin/customers/{id}/tokens", policy, status: 201 },
      summary: "Signs a token with which a customer asks for himself",
      params: withId,
      body: tokenRequestSchema,
      result: tokenSchema,
      problems: ["unknown-customer", "customer-closed"],
      answer: async ({ params, body: { lifetimeSeconds }, caller }, { secrets }) => {
        const [id, tokenId] = [params.id as CustomerId, secrets.id("token")];
        const row = await customers.noteToken(id, tokenId, adminOf(caller));
        if (row === undefined) throw unknown();
        if (row.closed_at !== null) throw new ProblemError("customer-closed", "a closed customer gets no tokens");
        const lifetime = lifetimeSeconds === undefined ? undefined : seconds(lifetimeSeconds);
        const { token, expiresAt } = await tokens.issue(id, tokenId, lifetime);
        return { token, tokenId, expiresAt: new Date(expiresAt).toISOString() };
      },
    }),
    readRoute({
      ...{ operation: "readAudit", method: "GET", path: "/v1/admin/audit", policy },
      summary: "Who did what to what, the newest first",
      query: pageByNumber,
      result: pageOf(auditSchema),
      problems: [],
      answer: async ({ query: { limit, before } }) =>
        pageDocument(await readAudit(database.kysely, limit + 1, before), limit, auditDocument),
    }),
  ];
}
