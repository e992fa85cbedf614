/** The tables as the newest migration leaves them, for Kysely. What each column means stands in `migrations/`. */
import type { ColumnType, Generated, GeneratedAlways } from "kysely";

/** Given as text or a Date, told as a Date. */
type Time = ColumnType<Date, Date | string, Date | string>;
type NullableTime = ColumnType<Date | null, Date | string | null, Date | string | null>;
/** Set by the database unless something is given. */
type DefaultTime = ColumnType<Date, Date | string | undefined, Date | string>;
/** The driver tells 64 bits as text: not every one of them is a number of JavaScript's. */
type Count = ColumnType<string, string | number | bigint, string | number | bigint>;

export interface Tables {
  readonly nodes: NodesTable;
  readonly exits: ExitsTable;
  readonly customers: CustomersTable;
  readonly devices: DevicesTable;
  readonly sessions: SessionsTable;
  readonly retired_reconnect_keys: RetiredReconnectKeysTable;
  readonly placements: PlacementsTable;
  readonly addresses: AddressesTable;
  readonly outbox: OutboxTable;
  readonly idempotency_keys: IdempotencyKeysTable;
  readonly audit: AuditTable;
  readonly preshared_secret: PresharedSecretTable;
}

interface NodesTable {
  readonly id: string;
  readonly name: string;
  readonly roles: readonly string[];
  readonly admission: Generated<"open" | "closed" | "draining" | "disabled">;
  readonly generation: ColumnType<string, string | number | bigint | undefined, string | number | bigint>;
  readonly heartbeat_at: NullableTime;
  readonly boot: string | null;
  readonly boot_millis: ColumnType<string | null, string | number | null, string | number | null>;
  readonly is_healthy: Generated<boolean>;
  readonly troubles: Generated<readonly string[]>;
  readonly version: string | null;
  readonly control_address: string | null;
  readonly created_at: DefaultTime;
}

interface ExitsTable {
  readonly node: string;
  readonly region: string;
  readonly country: string | null;
  readonly city: string | null;
  readonly pool: Generated<string>;
  readonly endpoint: string | null;
  readonly public_key: Uint8Array | null;
  readonly addresses_v4: string | null;
  readonly addresses_v6: string | null;
  readonly capacity: Generated<number>;
  readonly active_peers: Generated<number>;
  readonly own_addresses: Generated<readonly string[]>;
  readonly quarantine_millis: Generated<number>;
}

interface CustomersTable {
  readonly id: string;
  readonly created_at: DefaultTime;
  readonly closed_at: NullableTime;
}

interface DevicesTable {
  readonly id: string;
  readonly customer: string;
  readonly name: string;
  readonly public_key: Uint8Array;
  readonly state: Generated<"alive" | "removed" | "freed">;
  readonly has_key: GeneratedAlways<boolean>;
  readonly created_at: DefaultTime;
}

interface SessionsTable {
  readonly id: string;
  readonly customer: string;
  readonly device: string;
  readonly state: "requested" | "provisioning" | "active" | "terminating" | "terminated" | "failed";
  readonly is_live: GeneratedAlways<boolean>;
  readonly reconnect_hash: Uint8Array | null;
  readonly former_reconnect_hash: Uint8Array | null;
  readonly created_at: DefaultTime;
  readonly ended_at: NullableTime;
  readonly failure: "refused" | "silent" | null;
}

interface RetiredReconnectKeysTable {
  readonly hash: Uint8Array;
  readonly session: string;
  readonly retired_at: DefaultTime;
}

interface PlacementsTable {
  readonly id: string;
  readonly session: string;
  readonly device: string;
  readonly node: string;
  readonly role: "coming" | "current" | "draining" | "orphaned" | "released";
  readonly generation: Count;
  readonly may_last_until: Time;
  readonly created_at: DefaultTime;
  readonly is_held: GeneratedAlways<boolean>;
  readonly wants_live: GeneratedAlways<boolean | null>;
  readonly wants_key: GeneratedAlways<boolean | null>;
}

interface AddressesTable {
  readonly node: string;
  readonly address: string;
  /** Null: it rests. */
  readonly placement: string | null;
  readonly family: GeneratedAlways<number>;
  readonly is_held: Generated<boolean>;
  readonly rests_until: NullableTime;
}

interface OutboxTable {
  readonly id: GeneratedAlways<string>;
  readonly node: string;
  readonly placement: string;
  readonly kind: "place" | "remove";
  readonly generation: Count;
  readonly until_boot: string | null;
  readonly until_millis: ColumnType<string | null, string | number | null, string | number | null>;
  readonly attempts: Generated<number>;
  readonly claimed_by: string | null;
  readonly claimed_until: NullableTime;
  readonly created_at: DefaultTime;
}

interface IdempotencyKeysTable {
  readonly key_hash: Uint8Array;
  readonly request_hash: Uint8Array;
  readonly status: number | null;
  readonly sealed_answer: Uint8Array | null;
  readonly claimed_by: string | null;
  readonly claimed_until: NullableTime;
  readonly created_at: DefaultTime;
  readonly expires_at: Time;
}

interface AuditTable {
  readonly id: GeneratedAlways<string>;
  readonly at: DefaultTime;
  readonly actor_kind: "admin" | "customer" | "node" | "entry";
  readonly actor: string;
  readonly action: string;
  readonly subject: string | null;
  readonly details: ColumnType<Readonly<Record<string, unknown>>, string | undefined, string>;
}

interface PresharedSecretTable {
  readonly is_the_one: Generated<boolean>;
  readonly fingerprint: Uint8Array;
  readonly noted_at: DefaultTime;
}
