/**
 * What time does to sessions and orders: claims that are over are claimed anew, orders that nobody answers are given up, leases are prolonged,
 * places are freed, and what is over is forgotten. Every replica does it, and none must.
 */
import type { Clock } from "@ropewalk/kernel/clock";
import { supervise } from "@ropewalk/kernel/supervise";
import { type Millis, millis, seconds } from "@ropewalk/kernel/units";
import { CompiledQuery } from "kysely";
import { renewalAt } from "../pure/lease-terms.ts";
import type { NodeId } from "../pure/node-fitness.ts";
import type { SessionEvent, SessionId } from "../pure/vpn-session.ts";
import type { VpnControlSettings } from "../vpn-control-settings.ts";
import { forgetAudit } from "./audit.ts";
import type { Database } from "./database.ts";
import type { ClaimedOrder } from "./order.ts";
import { claimOrders, dropVain, findSilent } from "./outbox.ts";
import type { Claim } from "./session-writes.ts";
import { Wake } from "./wake.ts";

export interface SweeperDeps {
  readonly database: Database;
  readonly clock: Clock;
  readonly chance: () => number;
  readonly settings: VpnControlSettings;
  readonly claim: Claim;
  readonly send: (orders: readonly ClaimedOrder[], claimedAt: Millis) => void;
  /** Nodes to which calls of this replica fail. */
  readonly outOfReach: () => readonly NodeId[];
  readonly step: (session: SessionId, event: SessionEvent) => Promise<unknown>;
  readonly refresh: () => Promise<void>;
  /** Called when others have given orders away. */
  readonly hints: Wake;
  readonly onFailure: (task: string, error: unknown) => void;
}

/** Rows at a time: who finds as many looks again at once. */
const most = 500;
/** Whoever sent an order gives it up first. */
const patience = millis(500);

interface Task {
  readonly name: string;
  readonly every: Millis;
  /** How many there were. */
  readonly run: () => Promise<number>;
  /** Called, it is done at once. */
  readonly wake?: Wake;
}

/** Until the signal aborts. */
export async function sweep(deps: SweeperDeps, signal: AbortSignal): Promise<void> {
  const { clock, chance } = deps;
  const tasks = tasksOf(deps).map(({ name, every, run, wake = new Wake() }) =>
    supervise(
      {
        name,
        run: async (aborted) => {
          while (!aborted.aborted) {
            const found = await run();
            if (found < most) await wake.rest(clock, name, millis(every * (0.75 + chance() / 2)), aborted);
          }
        },
        onFailure: ({ error }) => deps.onFailure(name, error),
        backoff: { first: millis(200), longest: seconds(5) },
      },
      { clock, chance },
      signal,
    ),
  );
  await Promise.all(tasks);
}

function tasksOf(deps: SweeperDeps): readonly Task[] {
  const { database, clock, settings, claim } = deps;
  const { delivery } = settings.terms;
  const giveUp = millis(delivery + patience);
  const stepEach = async (ids: readonly SessionId[], event: SessionEvent) => {
    await Promise.all(ids.map((id) => deps.step(id, event)));
    return ids.length;
  };
  return [
    {
      name: "orders of others",
      every: millis(500),
      wake: deps.hints,
      run: async () => {
        const claimedAt = clock.now();
        const orders = await claimOrders(database, claim, most, deps.outOfReach());
        deps.send(orders, claimedAt);
        return orders.length;
      },
    },
    {
      name: "orders without an answer",
      every: seconds(1),
      run: async () => {
        const found = await findSilent(database, giveUp, most);
        await Promise.all(found.map(({ session, ...of }) => deps.step(session, { kind: "silent", ...of })));
        await dropVain(database, giveUp, most);
        return found.length;
      },
    },
    { name: "nodes", every: seconds(1), run: () => deps.refresh().then(() => 0) },
    {
      name: "renewals",
      every: millis(Math.min(5_000, settings.terms.lease / 20)),
      run: async () => stepEach(await findDue(database, settings), { kind: "renew" }),
    },
    {
      name: "places to free",
      every: millis(Math.min(5_000, settings.terms.lease / 20)),
      run: async () => stepEach(await findLapsed(database), { kind: "lapse" }),
    },
    { name: "addresses that have rested", every: seconds(1), run: () => freeRested(database) },
    { name: "what is over", every: seconds(60), run: () => forget(database, settings.retention) },
    { name: "old audit", every: seconds(600), run: () => forgetAudit(database, settings.auditRetention, most) },
  ];
}

/** Of nodes that are heard of: others are given nothing. */
async function findDue(database: Database, { terms, freshness }: VpnControlSettings): Promise<readonly SessionId[]> {
  // What may last until then has had a third of its lease at 0.
  const left =
    terms.delivery + terms.lease + terms.margin - renewalAt(millis(terms.delivery + terms.lease + terms.margin), terms);
  const text = `/* due_renewals */ select p.session as id from placements p join nodes n on n.id = p.node
    where p.role = 'current' and p.may_last_until <= clock_timestamp() + make_interval(secs => $1::float8)
      and n.heartbeat_at >= clock_timestamp() - make_interval(secs => $2::float8)
    order by p.may_last_until limit $3::integer`;
  return idsOf(database, text, [left / 1000, freshness / 1000, most]);
}

/** Whose current place is there. */
export function findCurrent(database: Database, node: NodeId): Promise<readonly SessionId[]> {
  return idsOf(database, "select session as id from placements where node = $1 and role = 'current'", [node]);
}

function findLapsed(database: Database): Promise<readonly SessionId[]> {
  const text = `/* lapsed_places */ select distinct session as id from placements
    where role in ('draining', 'orphaned') and may_last_until <= clock_timestamp() limit $1::integer`;
  return idsOf(database, text, [most]);
}

async function freeRested(database: Database): Promise<number> {
  const text = `/* rested_addresses */ delete from addresses where ctid = any(array(
    select ctid from addresses where rests_until <= clock_timestamp() limit $1::integer for update skip locked)) returning 1`;
  const { rows } = await database.kysely.executeQuery(CompiledQuery.raw(text, [most]));
  return rows.length;
}

async function forget(database: Database, retention: Millis): Promise<number> {
  const keys = `/* old_idempotency_keys */ delete from idempotency_keys where key_hash = any(array(
    select key_hash from idempotency_keys where expires_at <= clock_timestamp() limit $1::integer for update skip locked))
    returning 1`;
  const { rows } = await database.kysely.executeQuery(CompiledQuery.raw(keys, [most]));
  const sessions = await database.transaction(async (tables) => {
    const found = `/* old_sessions */ select s.id from sessions s
      where s.ended_at <= clock_timestamp() - make_interval(secs => $1::float8)
        and not exists (select from placements p where p.session = s.id and p.role <> 'released')
      order by s.ended_at limit $2::integer for update skip locked`;
    const old = await tables.executeQuery(CompiledQuery.raw(found, [retention / 1000, most]));
    const ids = (old.rows as readonly { readonly id: SessionId }[]).map(({ id }) => id);
    if (ids.length === 0) return 0;
    await tables.deleteFrom("placements").where("session", "in", ids).execute();
    await tables.deleteFrom("sessions").where("id", "in", ids).execute();
    return ids.length;
  });
  return Math.max(rows.length, sessions);
}

async function idsOf(database: Database, text: string, values: readonly unknown[]): Promise<readonly SessionId[]> {
  const { rows } = await database.kysely.executeQuery(CompiledQuery.raw(text, [...values]));
  return (rows as readonly { readonly id: SessionId }[]).map(({ id }) => id);
}
