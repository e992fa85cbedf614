/**
 * Devices of customers. A public key belongs to one device until no node has it any more: on a node it is the peer, and a second one
 * would take its place.
 */
import { sql, type Transaction } from "kysely";
import { EntryError } from "../errors.ts";
import type { Actor, CustomerId, DeviceId } from "../vpn-control.ts";
import { writeAudit } from "./audit.ts";
import type { Database } from "./database.ts";
import type { Tables } from "./tables.ts";

export interface DeviceRow {
  readonly id: string;
  readonly name: string;
  readonly public_key: Uint8Array;
  readonly created_at: Date;
}

export interface NewDevice {
  readonly id: DeviceId;
  readonly customer: CustomerId;
  readonly name: string;
  readonly publicKey: Uint8Array;
  readonly actor: Actor;
}

export type RegisterDeviceOutcome =
  | { readonly kind: "registered"; readonly device: DeviceRow }
  /** By whom is not told. */
  | { readonly kind: "key-taken" }
  | { readonly kind: "too-many" }
  | { readonly kind: "customer-closed" }
  | { readonly kind: "unknown-customer" };

/** Of one customer, whatever his plan. */
export const mostDevices = 32;

const columns = ["id", "name", "public_key", "created_at"] as const;

export class Devices {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /** Once for each id, however often it is asked. Throws EntryError. */
  async register(device: NewDevice): Promise<RegisterDeviceOutcome> {
    try {
      return await this.#database.transaction((tables) => register(tables, device));
    } catch (error) {
      if (error instanceof EntryError && error.constraint === "devices_one_owner_per_key") return { kind: "key-taken" };
      throw error;
    }
  }

  async list(customer: CustomerId): Promise<readonly DeviceRow[]> {
    return await this.#database.kysely
      .selectFrom("devices")
      .select(columns)
      .where("customer", "=", customer)
      .where("state", "=", "alive")
      .orderBy("created_at")
      .execute();
  }

  /** False: he has no such device. Asked again, the same. */
  async remove(id: DeviceId, customer: CustomerId, actor: Actor): Promise<boolean> {
    return await this.#database.transaction(async (tables) => {
      const device = await tables
        .selectFrom("devices")
        .select("state")
        .where("id", "=", id)
        .where("customer", "=", customer)
        .forUpdate()
        .executeTakeFirst();
      if (device === undefined) return false;
      if (device.state !== "alive") return true;
      await tables.updateTable("devices").set({ state: "removed" }).where("id", "=", id).execute();
      await writeAudit(tables, { action: "device.remove", actor, subject: id, details: { customer } });
      return true;
    });
  }

  /** Gives the keys of removed devices free that no node may have any more; how many. */
  async free(most: number): Promise<number> {
    const { numAffectedRows } = await sql`update devices set state = 'freed' where id in
      (select d.id from devices d where d.state = 'removed'
        and not exists (select from placements p where p.device = d.id and p.role <> 'released')
        and not exists (select from sessions s where s.device = d.id and s.is_live)
       limit ${most} for update skip locked)`.execute(this.#database.kysely);
    return Number(numAffectedRows ?? 0);
  }
}

async function register(
  tables: Transaction<Tables>,
  { id, customer, name, publicKey, actor }: NewDevice,
): Promise<RegisterDeviceOutcome> {
  // Held, so that two at once do not count the same devices.
  const owner = await tables
    .selectFrom("customers")
    .select("closed_at")
    .where("id", "=", customer)
    .forUpdate()
    .executeTakeFirst();
  if (owner === undefined) return { kind: "unknown-customer" };
  const already = await tables
    .selectFrom("devices")
    .select(columns)
    .where("id", "=", id)
    .where("customer", "=", customer)
    .executeTakeFirst();
  if (already !== undefined) return { kind: "registered", device: already };
  if (owner.closed_at !== null) return { kind: "customer-closed" };
  const { count } = await tables
    .selectFrom("devices")
    .select((select) => select.fn.countAll<string>().as("count"))
    .where("customer", "=", customer)
    .where("state", "<>", "freed")
    .executeTakeFirstOrThrow();
  if (Number(count) >= mostDevices) return { kind: "too-many" };
  const device = await tables
    .insertInto("devices")
    .values({ id, customer, name, public_key: publicKey })
    .returning(columns)
    .executeTakeFirstOrThrow();
  await writeAudit(tables, { action: "device.register", actor, subject: id, details: { customer } });
  return { kind: "registered", device };
}
