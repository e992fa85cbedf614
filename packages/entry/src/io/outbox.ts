/**
 * Orders in the database: who has claimed one sends it until the claim is over, and then whoever finds it may. Several replicas look at once,
 * and none waits for another.
 */
import { type Millis, millis } from "@ropewalk/kernel/units";
import { CompiledQuery } from "kysely";
import type { NodeId } from "../pure/node-fitness.ts";
import type { Generation, PlacementId } from "../pure/vpn-placement.ts";
import type { SessionId } from "../pure/vpn-session.ts";
import type { Database } from "./database.ts";
import type { ClaimedOrder } from "./order.ts";
import type { Claim } from "./session-writes.ts";

interface OrderRow {
  readonly node: NodeId;
  readonly session: SessionId;
  readonly placement: PlacementId;
  readonly generation: string;
  readonly kind: "place" | "remove";
  readonly public_key: Uint8Array;
  readonly addresses: readonly string[];
  readonly until_boot: string | null;
  readonly until_millis: string | null;
}

/**
 * A node that does not answer is asked less and less often, and no less than each half minute. Orders to those that this replica fails to reach are left
 * to the others for two seconds, its own that it gave away among them.
 */
const claimText = `/* claim_orders */ with mine as (
    update outbox o set claimed_by = $1::uuid, attempts = o.attempts + 1,
      claimed_until = clock_timestamp() + make_interval(secs => $2::float8 * least(6, greatest(1, o.attempts)))
    where o.id = any(array(select id from outbox where claimed_until is null
        or claimed_until <= clock_timestamp() - make_interval(secs => case when node = any($4::uuid[]) then 2 else 0 end)
      order by id limit $3::integer for update skip locked))
    returning o.*)
  select m.node, p.session, m.placement, m.generation, m.kind, d.public_key, m.until_boot, m.until_millis,
    array(select host(a.address) from addresses a where a.placement = m.placement order by a.family) as addresses
  from mine m join placements p on p.id = m.placement join devices d on d.id = p.device order by m.id`;

export async function claimOrders(
  database: Database,
  claim: Claim,
  count: number,
  outOfReach: readonly NodeId[],
): Promise<readonly ClaimedOrder[]> {
  const rows = await ask<OrderRow>(database, claimText, [claim.by, claim.seconds, count, outOfReach]);
  return rows.map(({ node, session, placement, generation, kind, public_key: publicKey, ...row }): ClaimedOrder => {
    const common = { node, session, placement, generation: Number(generation) as Generation, publicKey };
    if (kind === "remove") return { ...common, what: { kind } };
    const until = { boot: row.until_boot ?? "", at: Number(row.until_millis) };
    return { ...common, what: { kind, addresses: row.addresses, until } };
  });
}

export interface Found {
  readonly session: SessionId;
  readonly placement: PlacementId;
  readonly generation: Generation;
}

/** Nothing was heard of these in time, nor will it count. */
const silentText = `/* silent_orders */ select p.session, p.id as placement, p.generation from outbox o
  join placements p on p.id = o.placement and p.generation = o.generation
  where p.role in ('coming', 'draining') and o.created_at <= clock_timestamp() - make_interval(secs => $1::float8)
  order by o.created_at limit $2::integer`;

export async function findSilent(database: Database, delivery: Millis, count: number): Promise<readonly Found[]> {
  const rows = await ask<{ readonly session: SessionId; readonly placement: PlacementId; readonly generation: string }>(
    database,
    silentText,
    [delivery / 1000, count],
  );
  return rows.map((row) => ({ ...row, generation: Number(row.generation) as Generation }));
}

/** Renewals that nobody takes any more: whoever has a lease is asked again when the next third of it is over. */
const vainText = `/* vain_orders */ delete from outbox o where o.id = any(array(
    select o.id from outbox o join placements p on p.id = o.placement
    where o.kind = 'place' and p.role = 'current' and o.created_at <= clock_timestamp() - make_interval(secs => $1::float8)
    limit $2::integer for update of o skip locked))`;

export async function dropVain(database: Database, delivery: Millis, count: number): Promise<void> {
  await ask(database, vainText, [delivery / 1000, count]);
}

const waitingText = `/* waiting_orders */ select count(*)::integer as count,
  coalesce(extract(epoch from clock_timestamp() - min(created_at)), 0)::float8 * 1000 as oldest from outbox`;

export interface WaitingOrders {
  readonly count: number;
  /** Since its transaction. */
  readonly oldest: Millis;
}

export async function waitingOrders(database: Database): Promise<WaitingOrders> {
  const [row] = await ask<{ readonly count: number; readonly oldest: number }>(database, waitingText, []);
  return { count: row?.count ?? 0, oldest: millis(Math.max(0, row?.oldest ?? 0)) };
}

async function ask<Row>(database: Database, text: string, values: readonly unknown[]): Promise<readonly Row[]> {
  return (await database.kysely.executeQuery(CompiledQuery.raw(text, [...values]))).rows as readonly Row[];
}
