/**
 * What a transaction of steps leaves, in as few statements as the constraints allow: a role is left by one placement before another
 * takes it, and everything else is one statement, whose keys are looked at when it ends.
 */
import { CompiledQuery } from "kysely";
import type { NodeId } from "../pure/node-fitness.ts";
import type { Generation, Placement, PlacementId, PlacementRole } from "../pure/vpn-placement.ts";
import type { SessionId, SessionState } from "../pure/vpn-session.ts";
import type { Actor } from "../vpn-control.ts";
import type { ClaimedOrder } from "./order.ts";
import type { Pipeline } from "./pipeline.ts";
import type { StoredSession } from "./session-rows.ts";

export interface AuditEntry {
  readonly actor: Actor;
  readonly action: string;
  readonly subject: string;
  readonly node?: NodeId;
}

export interface NewPlacement {
  readonly session: SessionId;
  readonly device: string;
  readonly placement: Placement;
}

export interface StepWrites {
  readonly begun: readonly StoredSession[];
  readonly changed: readonly StoredSession[];
  readonly retired: readonly { readonly hash: string; readonly session: SessionId }[];
  readonly placed: readonly NewPlacement[];
  readonly moved: readonly Placement[];
  readonly counters: ReadonlyMap<NodeId, Generation>;
  readonly orders: readonly ClaimedOrder[];
  /** Their orders are over. */
  readonly answered: readonly { readonly placement: PlacementId; readonly generation: Generation }[];
  readonly audit: readonly AuditEntry[];
}

export interface Claim {
  /** The replica. */
  readonly by: string;
  readonly seconds: number;
}

/** Who gives a role up goes first. */
const phases: readonly (readonly PlacementRole[])[] = [["released", "orphaned"], ["draining"], ["current"], ["coming"]];

const movePlacements = `update placements p set role = c.role, generation = c.generation,
    may_last_until = greatest(p.may_last_until, to_timestamp(c.until / 1000.0))
  from unnest($1::uuid[], $2::text[], $3::bigint[], $4::float8[]) c(id, role, generation, until) where p.id = c.id`;
const moveText = `/* move_placements */ ${movePlacements}`;

const writeText = `/* write_steps */ with
  moved as (${movePlacements} returning p.id, p.role),
  begun as (insert into sessions (id, customer, device, state, reconnect_hash)
    select id, customer, device, state, decode(reconnect, 'base64')
    from unnest($5::uuid[], $6::uuid[], $7::uuid[], $8::text[], $9::text[]) b(id, customer, device, state, reconnect)),
  changed as (update sessions s set state = c.state, failure = c.failure,
      reconnect_hash = decode(c.reconnect, 'base64'), former_reconnect_hash = decode(c.former, 'base64'),
      ended_at = case when c.state in ('terminated', 'failed') then coalesce(s.ended_at, clock_timestamp()) end
    from unnest($10::uuid[], $11::text[], $12::text[], $13::text[], $14::text[]) c(id, state, failure, reconnect, former)
    where s.id = c.id),
  retired as (insert into retired_reconnect_keys (hash, session)
    select decode(hash, 'base64'), session from unnest($15::text[], $16::uuid[]) r(hash, session) on conflict do nothing),
  placed as (insert into placements (id, session, device, node, role, generation, may_last_until)
    select id, session, device, node, role, generation, to_timestamp(until / 1000.0)
    from unnest($17::uuid[], $18::uuid[], $19::uuid[], $20::uuid[], $21::text[], $22::bigint[], $23::float8[])
      p(id, session, device, node, role, generation, until)),
  given as (insert into addresses (node, address, placement)
    select node, address, placement from unnest($24::uuid[], $25::inet[], $26::uuid[]) a(node, address, placement)),
  freed as (delete from addresses a using exits e
    where a.placement = any($27::uuid[]) and e.node = a.node and e.quarantine_millis = 0),
  rested as (update addresses a
    set placement = null, rests_until = clock_timestamp() + make_interval(secs => e.quarantine_millis * 1.001 / 1000.0)
    from exits e where a.placement = any($27::uuid[]) and e.node = a.node and e.quarantine_millis > 0),
  counted as (update nodes n set generation = greatest(n.generation, c.generation)
    from unnest($28::uuid[], $29::bigint[]) c(id, generation) where n.id = c.id),
  passed as (delete from outbox o using unnest($30::uuid[], $31::bigint[]) a(placement, generation)
    where o.placement = a.placement and o.generation <= a.generation),
  ordered as (insert into outbox (node, placement, kind, generation, until_boot, until_millis, claimed_by, claimed_until, attempts, created_at)
    select node, placement, kind, generation, boot, millis, $32::uuid, clock_timestamp() + make_interval(secs => $33::float8), 1, clock_timestamp()
    from unnest($34::uuid[], $35::uuid[], $36::text[], $37::bigint[], $38::text[], $39::bigint[])
      o(node, placement, kind, generation, boot, millis)),
  told as (insert into audit (actor_kind, actor, action, subject, details)
    select kind, actor, action, subject, case when node is null then '{}'::jsonb else jsonb_build_object('node', node) end
    from unnest($40::text[], $41::text[], $42::text[], $43::text[], $44::text[]) t(kind, actor, action, subject, node))
  select 1`;

/** Sent, and done or not with the transaction. */
export function writeSteps(pipeline: Pipeline, writes: StepWrites, claim: Claim): void {
  const { begun, changed, retired, placed, moved, counters, orders, audit } = writes;
  const inPhases = phases.map((roles) => moved.filter(({ role }) => roles.includes(role)));
  const waves = inPhases.filter((wave) => wave.length > 0);
  const last = waves.pop() ?? [];
  for (const wave of waves) pipeline.change(CompiledQuery.raw(moveText, [...movedColumns(wave)]));
  const given = placed.flatMap(({ placement }) =>
    placement.addresses.map((address) => [placement.node, address, placement.id] as const),
  );
  const released = moved.filter(({ role }) => role === "released").map(({ id }) => id);
  // What was ordered of a placement before is in vain.
  const passed = [
    ...writes.answered,
    ...orders.map(({ placement, generation }) => ({ placement, generation: generation - 1 })),
  ];
  passed.push(...released.map((placement) => ({ placement, generation: Number.MAX_SAFE_INTEGER })));
  const values = [
    ...movedColumns(last),
    ...columns(begun, [({ step }) => step.id, (one) => one.customer, (one) => one.device, ({ step }) => step.state]),
    begun.map(({ reconnect }) => reconnect ?? null),
    ...columns(changed, [({ step }) => step.id, ({ step }): SessionState => step.state, (one) => one.failure ?? null]),
    ...columns(changed, [(one) => one.reconnect ?? null, (one) => one.former ?? null]),
    ...columns(retired, [({ hash }) => hash, ({ session }) => session]),
    ...columns(placed, [({ placement }) => placement.id, (one) => one.session, (one) => one.device]),
    ...columns(placed, [({ placement }) => placement.node, ({ placement }) => placement.role]),
    ...columns(placed, [({ placement }) => placement.generation, ({ placement }) => placement.mayLastUntil]),
    ...columns(given, [([node]) => node, ([, address]) => address, ([, , placement]) => placement]),
    released,
    [...counters.keys()],
    [...counters.values()],
    ...columns(passed, [({ placement }) => placement, ({ generation }) => generation]),
    claim.by,
    claim.seconds,
    ...columns(orders, [({ node }) => node, ({ placement }) => placement, ({ what }) => what.kind]),
    ...columns(orders, [({ generation }) => generation, (one) => untilOf(one)?.boot ?? null]),
    orders.map((one) => untilOf(one)?.at ?? null),
    ...columns(audit, [({ actor }) => actor.kind, ({ actor }) => actor.name, ({ action }) => action]),
    ...columns(audit, [({ subject }) => subject, ({ node }) => node ?? null]),
  ];
  pipeline.change(CompiledQuery.raw(writeText, values));
}

function untilOf({ what }: ClaimedOrder): { readonly boot: string; readonly at: number } | undefined {
  return what.kind === "place" ? what.until : undefined;
}

function movedColumns(moved: readonly Placement[]): readonly unknown[] {
  return columns(moved, [({ id }) => id, ({ role }) => role, (one) => one.generation, (one) => one.mayLastUntil]);
}

/** As unnest takes them. */
function columns<Row>(rows: readonly Row[], of: readonly ((row: Row) => unknown)[]): readonly (readonly unknown[])[] {
  return of.map((column) => rows.map(column));
}
