/**
 * Sessions with what a step needs of them, locked in one order by everybody: customers, then sessions, then nodes, each by their ids. So no two
 * transactions wait for each other. Who has all his locks writes, and not before.
 */
import type { Millis } from "@ropewalk/kernel/units";
import { CompiledQuery } from "kysely";
import type { HeardClock } from "../pure/node-clock.ts";
import type { NodeId } from "../pure/node-fitness.ts";
import type { Generation, Placement, PlacementId, PlacementRole } from "../pure/vpn-placement.ts";
import type { SessionId, SessionState, VpnSession } from "../pure/vpn-session.ts";
import type { CustomerId, DeviceId } from "../vpn-control.ts";
import type { Statements } from "./pipeline.ts";

/** A row and its placements that are not released. */
export interface StoredSession {
  readonly step: VpnSession;
  readonly customer: CustomerId;
  readonly device: DeviceId;
  readonly publicKey: Uint8Array;
  /** Hashes in base64. */
  readonly reconnect: string | undefined;
  readonly former: string | undefined;
  /** Milliseconds since 1970. */
  readonly createdAt: number;
  readonly failure: "refused" | "silent" | undefined;
}

export interface LockedNode {
  readonly id: NodeId;
  readonly generation: Generation;
  readonly clock: HeardClock | undefined;
}

export async function rowsOf<Row>(
  tables: Statements,
  text: string,
  values: readonly unknown[],
): Promise<readonly Row[]> {
  return (await tables.executeQuery<Row>(CompiledQuery.raw(text, [...values]) as CompiledQuery<Row>)).rows;
}

const liveStates = "('requested', 'provisioning', 'active', 'terminating')";
const millisOf = (what: string) => `extract(epoch from ${what})::float8 * 1000`;

const lockCustomersText = `/* lock_customers */
  select id from customers where id = any($1::uuid[]) order by id for no key update`;

export async function lockCustomers(tables: Statements, customers: readonly CustomerId[]): Promise<void> {
  if (customers.length > 0) await rowsOf(tables, lockCustomersText, [customers]);
}

const sessionColumns = `s.id, s.customer, s.device, s.state, s.failure, d.public_key, ${millisOf("s.created_at")} as created_at,
  encode(s.reconnect_hash, 'base64') as reconnect, encode(s.former_reconnect_hash, 'base64') as former`;
const meantSessions = `any(array(
    select unnest($1::uuid[]) union select id from sessions where customer = any($2::uuid[]) and state in ${liveStates}))`;
const lockSessionsText = `/* lock_sessions */
  select ${sessionColumns}, ${millisOf("clock_timestamp()")} as now
  from sessions s join devices d on d.id = s.device
  where s.id = ${meantSessions}
  order by s.id for no key update of s`;
const readSessionsText = `/* read_sessions */
  select ${sessionColumns}, ${millisOf("clock_timestamp()")} as now
  from sessions s join devices d on d.id = s.device where s.id = any($1::uuid[])`;
const placementsText = `/* placements */
  select p.id, p.session, p.node, p.role, p.generation, ${millisOf("p.may_last_until")} as may_last_until,
    array(select host(a.address) from addresses a where a.placement = p.id order by a.family) as addresses
  from placements p where p.session = ${meantSessions} and p.role <> 'released' order by p.generation`;

interface SessionRow {
  readonly id: SessionId;
  readonly customer: CustomerId;
  readonly device: DeviceId;
  readonly state: SessionState;
  readonly failure: "refused" | "silent" | null;
  readonly public_key: Uint8Array;
  readonly created_at: number;
  readonly reconnect: string | null;
  readonly former: string | null;
  readonly now: number;
}

interface PlacementRow {
  readonly id: PlacementId;
  readonly session: SessionId;
  readonly node: NodeId;
  readonly role: PlacementRole;
  readonly generation: string;
  readonly may_last_until: number;
  readonly addresses: readonly string[];
}

export interface LoadedSessions {
  readonly sessions: readonly StoredSession[];
  /** The database's clock; 0 when nothing was found. */
  readonly now: Millis;
}

/** Those, and the live ones of these customers, who are locked; both stay as they are until the transaction ends. */
export function lockSessions(
  tables: Statements,
  ids: readonly SessionId[],
  customers: readonly CustomerId[],
): Promise<LoadedSessions> {
  return withPlacements(
    rowsOf<SessionRow>(tables, lockSessionsText, [ids, customers]),
    // It is another statement, for it is to see what others did until the lock was had.
    rowsOf<PlacementRow>(tables, placementsText, [ids, customers]),
  );
}

/** As they are, for who only tells. */
export function readSessions(tables: Statements, ids: readonly SessionId[]): Promise<LoadedSessions> {
  return withPlacements(
    rowsOf<SessionRow>(tables, readSessionsText, [ids]),
    rowsOf<PlacementRow>(tables, placementsText, [ids, []]),
  );
}

async function withPlacements(
  sessions: Promise<readonly SessionRow[]>,
  placements: Promise<readonly PlacementRow[]>,
): Promise<LoadedSessions> {
  const [rows, placed] = await Promise.all([sessions, placements]);
  const bySession = Map.groupBy(placed, ({ session }) => session);
  return {
    sessions: rows.map((row) => storedOf(row, bySession.get(row.id) ?? [])),
    now: Math.max(0, ...rows.map(({ now }) => now)) as Millis,
  };
}

function storedOf(row: SessionRow, placed: readonly PlacementRow[]): StoredSession {
  const publicKey = row.public_key;
  const placements = placed.map(placementOf);
  return {
    step: { id: row.id, publicKey: Buffer.from(publicKey).toString("base64"), state: row.state, placements },
    ...{ customer: row.customer, device: row.device, publicKey, createdAt: row.created_at },
    ...{ reconnect: row.reconnect ?? undefined, former: row.former ?? undefined, failure: row.failure ?? undefined },
  };
}

function placementOf(row: PlacementRow): Placement {
  const { id, node, addresses, role } = row;
  const generation = Number(row.generation) as Generation;
  return { id, node, addresses, role, generation, mayLastUntil: row.may_last_until as Millis };
}

const lockNodesText = `/* lock_nodes */
  select id, generation, boot, boot_millis, ${millisOf("heartbeat_at")} as heard_at, ${millisOf("clock_timestamp()")} as now
  from nodes where id = any($1::uuid[]) order by id for no key update`;

interface NodeRow {
  readonly id: NodeId;
  readonly generation: string;
  readonly boot: string | null;
  readonly boot_millis: string | null;
  readonly heard_at: number | null;
  readonly now: number;
}

/** Whose counters stand still until the transaction ends. */
export async function lockNodes(
  tables: Statements,
  ids: readonly NodeId[],
): Promise<{ readonly nodes: ReadonlyMap<NodeId, LockedNode>; readonly now: Millis }> {
  const rows = ids.length === 0 ? [] : await rowsOf<NodeRow>(tables, lockNodesText, [ids]);
  const nodes = rows.map(({ id, generation, boot, boot_millis, heard_at }): [NodeId, LockedNode] => {
    const isHeard = boot !== null && heard_at !== null;
    const clock = isHeard ? { boot, at: Number(boot_millis) as Millis, heardAt: heard_at as Millis } : undefined;
    return [id, { id, generation: Number(generation) as Generation, clock }];
  });
  return { nodes: new Map(nodes), now: Math.max(0, ...rows.map(({ now }) => now)) as Millis };
}
