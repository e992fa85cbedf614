/** Rows for tests: what is not said of one is as it usually is. */
import { randomBytes, randomUUID } from "node:crypto";
import type { Tables } from "@ropewalk/entry/io/tables";
import type { Insertable, Kysely } from "kysely";

type Into = Kysely<Tables>;
type Some<Name extends keyof Tables> = Partial<Insertable<Tables[Name]>>;

const farAhead = new Date("2100-01-01T00:00:00Z");
let generations = 0;

export async function addNode(into: Into, given: Some<"nodes"> = {}): Promise<string> {
  const id = randomUUID();
  await into
    .insertInto("nodes")
    .values({ id, name: `n-${id}`, roles: ["exit"], ...given })
    .execute();
  return given.id ?? id;
}

export async function addExit(into: Into, node: string, given: Some<"exits"> = {}): Promise<void> {
  const usual = { endpoint: "exit.example:51820", region: "eu", capacity: 250, addresses_v4: "10.90.0.0/24" };
  await into
    .insertInto("exits")
    .values({ node, public_key: randomBytes(32), ...usual, ...given })
    .execute();
}

export async function addCustomer(into: Into): Promise<string> {
  const id = randomUUID();
  await into.insertInto("customers").values({ id }).execute();
  return id;
}

export async function addDevice(into: Into, customer: string, given: Some<"devices"> = {}): Promise<string> {
  const id = randomUUID();
  await into
    .insertInto("devices")
    .values({ id, customer, name: "laptop", public_key: randomBytes(32), ...given })
    .execute();
  return id;
}

export async function addSession(
  into: Into,
  customer: string,
  device: string,
  given: Some<"sessions"> = {},
): Promise<string> {
  const id = randomUUID();
  await into
    .insertInto("sessions")
    .values({ id, customer, device, state: "active", ...given })
    .execute();
  return id;
}

export interface Placed {
  readonly session: string;
  readonly device: string;
  readonly node: string;
}

export async function addPlacement(into: Into, where: Placed, given: Some<"placements"> = {}): Promise<string> {
  const id = randomUUID();
  generations += 1;
  const usual = { id, role: "current", generation: generations, may_last_until: farAhead } as const;
  const { session, device, node } = where;
  await into
    .insertInto("placements")
    .values({ ...usual, session, device, node, ...given })
    .execute();
  return id;
}

/** A customer with a device, whose session is active and has its place on a node. */
export async function addPlaced(
  into: Into,
  node?: string,
): Promise<Placed & { readonly customer: string; readonly placement: string }> {
  const customer = await addCustomer(into);
  const device = await addDevice(into, customer);
  const where = { session: await addSession(into, customer, device), device, node: node ?? (await addNode(into)) };
  return { ...where, customer, placement: await addPlacement(into, where) };
}
