/** What a transaction reads beside the sessions: what starts are judged by, and which addresses of nodes are free. */
import { families, type IpAddress } from "@ropewalk/kernel/addresses";
import type { Millis } from "@ropewalk/kernel/units";
import { lowestFree } from "../pure/address-gaps.ts";
import { AddressHints } from "../pure/address-hints.ts";
import type { NodeId } from "../pure/node-fitness.ts";
import type { CustomerId, SessionRequest } from "../vpn-control.ts";
import type { Statements } from "./pipeline.ts";
import { rowsOf } from "./session-rows.ts";

/** Of a customer, who is locked. */
export interface RequestFacts {
  /** Undefined: he has no such device, or is closed. */
  readonly publicKey: Uint8Array | undefined;
  /** Of the session that the shown key was of, before its successor was used. */
  readonly retiredOf: string | undefined;
  /** How a session has ended that the same key was of, now or before; another customer's counts as one that is over, whatever it is. */
  readonly earlier: "terminated" | "failed" | undefined;
  readonly earlierFailure: "refused" | "silent" | undefined;
  readonly occupied: readonly NodeId[];
}

const factsText = `/* start_facts */
  select d.public_key, r.session as retired_of, case when o.customer <> a.customer then 'terminated' else o.state end as earlier, o.failure as earlier_failure,
    array(select distinct p.node::text from placements p join devices dd on dd.id = p.device
      where dd.customer = a.customer and p.role <> 'released') as occupied,
    extract(epoch from clock_timestamp())::float8 * 1000 as now
  from unnest($1::uuid[], $2::uuid[], $3::bytea[], $4::bytea[]) with ordinality a(customer, device, hash, former, number)
  left join devices d on d.id = a.device and d.customer = a.customer and d.state = 'alive'
    and exists (select from customers c where c.id = a.customer and c.closed_at is null)
  left join retired_reconnect_keys r on r.hash = a.former
  left join lateral (
    select o.* from (
      select customer, state, failure from sessions where reconnect_hash = a.hash
      union all select customer, state, failure from sessions where former_reconnect_hash = a.hash
      union all select s.customer, s.state, s.failure from retired_reconnect_keys k join sessions s on s.id = k.session where k.hash = a.hash
    ) o where o.customer <> a.customer or o.state in ('terminated', 'failed') limit 1) o on true
  order by a.number`;

interface FactsRow {
  readonly public_key: Uint8Array | null;
  readonly retired_of: string | null;
  readonly earlier: "terminated" | "failed" | null;
  readonly earlier_failure: "refused" | "silent" | null;
  readonly occupied: readonly NodeId[];
  readonly now: number;
}

/** In the order of the requests. */
export async function readStartFacts(
  tables: Statements,
  requests: readonly SessionRequest[],
): Promise<{ readonly facts: readonly RequestFacts[]; readonly now: Millis }> {
  if (requests.length === 0) return { facts: [], now: 0 as Millis };
  const rows = await rowsOf<FactsRow>(tables, factsText, [
    requests.map(({ customer }) => customer),
    requests.map(({ device }) => device),
    requests.map(({ reconnectHash }) => reconnectHash),
    requests.map(({ formerReconnectHash }) => formerReconnectHash ?? null),
  ]);
  const facts = rows.map((row) => ({
    ...{ publicKey: row.public_key ?? undefined, retiredOf: row.retired_of ?? undefined, occupied: row.occupied },
    ...{ earlier: row.earlier ?? undefined, earlierFailure: row.earlier_failure ?? undefined },
  }));
  return { facts, now: Math.max(0, ...rows.map(({ now }) => now)) as Millis };
}

/** Of each customer, the nodes where he has a placement that is not released. */
export async function readOccupied(
  tables: Statements,
  customers: readonly CustomerId[],
): Promise<ReadonlyMap<CustomerId, readonly NodeId[]>> {
  if (customers.length === 0) return new Map();
  const text = `/* occupied */ select d.customer, array_agg(distinct p.node::text) as nodes
    from placements p join devices d on d.id = p.device
    where d.customer = any($1::uuid[]) and p.role <> 'released' group by d.customer`;
  const rows = await rowsOf<{ readonly customer: CustomerId; readonly nodes: readonly NodeId[] }>(tables, text, [
    customers,
  ]);
  return new Map(rows.map(({ customer, nodes }) => [customer, nodes]));
}

/**
 * What lies free between a pool's first and last address, or behind another, and those that placements have or that rest, read in the order of the
 * index and no further than is asked for. The node is locked: nobody else gives its addresses away meanwhile.
 */
const gapsText = `/* address_gaps */
  select w.node, f.family, host(g.a) as after, host(coalesce(g.b, f.last)) as before,
    array(select host(o) from unnest(e.own_addresses) o) as own
  from unnest($1::uuid[], $2::integer[], $3::inet[], $4::inet[]) w(node, count, from4, from6)
  join exits e on e.node = w.node
  cross join lateral (
    select family, greatest(set_masklen(host(pool)::inet, bits), behind) as first, set_masklen(broadcast(pool), bits) as last
    from (values (4, e.addresses_v4, 32, w.from4), (6, e.addresses_v6, 128, w.from6)) v(family, pool, bits, behind)
    where pool is not null) f
  cross join lateral (
    (select f.first as a, (select min(x.address) from addresses x
      where x.node = w.node and x.address > f.first and x.address < f.last) as b)
    union all
    (select a, b from (
      select x.address as a, lead(x.address) over (order by x.address) as b from addresses x
      where x.node = w.node and x.address > f.first and x.address < f.last
    ) pairs where b is null or b > a + 1 order by a limit w.count + cardinality(e.own_addresses))
  ) g
  order by w.node, f.family, g.a`;

interface GapRow {
  readonly node: NodeId;
  readonly family: number;
  readonly after: IpAddress;
  readonly before: IpAddress;
  /** The node's, of both families. */
  readonly own: readonly IpAddress[];
}

export type FreeAddresses = ReadonlyMap<NodeId, readonly (readonly IpAddress[])[]>;

/** For each node as many sets of addresses as it is asked for, or as many as it has. */
export async function freeAddresses(
  tables: Statements,
  counts: ReadonlyMap<NodeId, number>,
  hints: AddressHints,
): Promise<FreeAddresses> {
  const behind = await findFree(tables, counts, hints);
  const lacking = [...counts].filter(([node, count]) => (behind.get(node)?.length ?? 0) < count);
  const anywhere = await findFree(tables, new Map(lacking), new AddressHints());
  const found = new Map([...behind, ...anywhere]);
  for (const [node, sets] of found) hints.note(node, sets);
  return found;
}

async function findFree(
  tables: Statements,
  counts: ReadonlyMap<NodeId, number>,
  hints: AddressHints,
): Promise<FreeAddresses> {
  if (counts.size === 0) return new Map();
  const nodes = [...counts.keys()];
  const from = families.map((family) => nodes.map((node) => hints.of(node, family) ?? null));
  const rows = await rowsOf<GapRow>(tables, gapsText, [nodes, [...counts.values()], ...from]);
  const byNode = Map.groupBy(rows, ({ node }) => node);
  return new Map(
    [...byNode].map(([node, ofNode]) => {
      const families = [...Map.groupBy(ofNode, ({ family }) => family).values()];
      const free = families.map((ofFamily) => lowestFree(ofFamily, ofFamily[0]?.own ?? [], counts.get(node) ?? 0));
      const whole = Math.min(...free.map(({ length }) => length));
      return [node, Array.from({ length: whole }, (_, index) => free.flatMap((list) => list[index] ?? []))];
    }),
  );
}
