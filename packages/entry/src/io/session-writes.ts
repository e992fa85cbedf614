/**
 * What a transaction of steps leaves, in as few statements as the constraints allow: a role is left by one placement before another
 * takes it, and everything else is one statement of the parts that are wanted, whose keys are looked at when it ends.
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

/** A part of the statement, with parameters of its own that are counted from one. */
interface Part {
  readonly name: string;
  readonly text: string;
  readonly values: readonly unknown[];
  /** One that has nothing to do is left out: each that is there costs the server as much as a row. */
  readonly rows: number;
}

function partsOf(writes: StepWrites, lastMoved: readonly Placement[], claim: Claim): readonly Part[] {
  const { begun, changed, retired, placed, moved, counters, orders, audit } = writes;
  const given = placed.flatMap(({ placement }) =>
    placement.addresses.map((address) => [placement.node, address, placement.id] as const),
  );
  const released = moved.filter(({ role }) => role === "released").map(({ id }) => id);
  const passed = passedBy(writes, released);
  return [
    { name: "moved", text: movePlacements, values: movedColumns(lastMoved), rows: lastMoved.length },
    {
      ...{ name: "begun", rows: begun.length },
      text: `insert into sessions (id, customer, device, state, reconnect_hash)
        select id, customer, device, state, decode(reconnect, 'base64')
        from unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::text[], $5::text[]) b(id, customer, device, state, reconnect)`,
      values: [
        ...columns(begun, [
          ({ step }) => step.id,
          (one) => one.customer,
          (one) => one.device,
          ({ step }) => step.state,
        ]),
        begun.map(({ reconnect }) => reconnect ?? null),
      ],
    },
    {
      ...{ name: "changed", rows: changed.length },
      text: `update sessions s set state = c.state, failure = c.failure,
          reconnect_hash = decode(c.reconnect, 'base64'), former_reconnect_hash = decode(c.former, 'base64'),
          ended_at = case when c.state in ('terminated', 'failed') then coalesce(s.ended_at, clock_timestamp()) end
        from unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::text[]) c(id, state, failure, reconnect, former)
        where s.id = c.id`,
      values: [
        ...columns(changed, [
          ({ step }) => step.id,
          ({ step }): SessionState => step.state,
          (one) => one.failure ?? null,
        ]),
        ...columns(changed, [(one) => one.reconnect ?? null, (one) => one.former ?? null]),
      ],
    },
    {
      ...{ name: "retired", rows: retired.length },
      text: `insert into retired_reconnect_keys (hash, session)
        select decode(hash, 'base64'), session from unnest($1::text[], $2::uuid[]) r(hash, session) on conflict do nothing`,
      values: columns(retired, [({ hash }) => hash, ({ session }) => session]),
    },
    {
      ...{ name: "placed", rows: placed.length },
      text: `insert into placements (id, session, device, node, role, generation, may_last_until)
        select id, session, device, node, role, generation, to_timestamp(until / 1000.0)
        from unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::uuid[], $5::text[], $6::bigint[], $7::float8[])
          p(id, session, device, node, role, generation, until)`,
      values: [
        ...columns(placed, [({ placement }) => placement.id, (one) => one.session, (one) => one.device]),
        ...columns(placed, [({ placement }) => placement.node, ({ placement }) => placement.role]),
        ...columns(placed, [({ placement }) => placement.generation, ({ placement }) => placement.mayLastUntil]),
      ],
    },
    {
      ...{ name: "given", rows: given.length },
      text: `insert into addresses (node, address, placement)
        select node, address, placement from unnest($1::uuid[], $2::inet[], $3::uuid[]) a(node, address, placement)`,
      values: columns(given, [([node]) => node, ([, address]) => address, ([, , placement]) => placement]),
    },
    {
      ...{ name: "freed", rows: released.length },
      text: `delete from addresses a using exits e
        where a.placement = any($1::uuid[]) and e.node = a.node and e.quarantine_millis = 0`,
      values: [released],
    },
    {
      ...{ name: "rested", rows: released.length },
      text: `update addresses a
        set placement = null, rests_until = clock_timestamp() + make_interval(secs => e.quarantine_millis * 1.001 / 1000.0)
        from exits e where a.placement = any($1::uuid[]) and e.node = a.node and e.quarantine_millis > 0`,
      values: [released],
    },
    {
      ...{ name: "counted", rows: counters.size },
      text: `update nodes n set generation = greatest(n.generation, c.generation)
        from unnest($1::uuid[], $2::bigint[]) c(id, generation) where n.id = c.id`,
      values: [[...counters.keys()], [...counters.values()]],
    },
    {
      ...{ name: "passed", rows: passed.length },
      text: `delete from outbox o using unnest($1::uuid[], $2::bigint[]) a(placement, generation)
        where o.placement = a.placement and o.generation <= a.generation`,
      values: columns(passed, [({ placement }) => placement, ({ generation }) => generation]),
    },
    {
      ...{ name: "ordered", rows: orders.length },
      text: `insert into outbox (node, placement, kind, generation, until_boot, until_millis, claimed_by, claimed_until, attempts, created_at)
        select node, placement, kind, generation, boot, millis, $1::uuid, clock_timestamp() + make_interval(secs => $2::float8), 1, clock_timestamp()
        from unnest($3::uuid[], $4::uuid[], $5::text[], $6::bigint[], $7::text[], $8::bigint[])
          o(node, placement, kind, generation, boot, millis)`,
      values: [
        ...[claim.by, claim.seconds],
        ...columns(orders, [({ node }) => node, ({ placement }) => placement, ({ what }) => what.kind]),
        ...columns(orders, [({ generation }) => generation, (one) => untilOf(one)?.boot ?? null]),
        orders.map((one) => untilOf(one)?.at ?? null),
      ],
    },
    {
      ...{ name: "told", rows: audit.length },
      text: `insert into audit (actor_kind, actor, action, subject, details)
        select kind, actor, action, subject, case when node is null then '{}'::jsonb else jsonb_build_object('node', node) end
        from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[]) t(kind, actor, action, subject, node)`,
      values: [
        ...columns(audit, [({ actor }) => actor.kind, ({ actor }) => actor.name, ({ action }) => action]),
        ...columns(audit, [({ subject }) => subject, ({ node }) => node ?? null]),
      ],
    },
  ];
}

/** What was ordered of a placement before is in vain. One that is new was never ordered. */
function passedBy({ answered, orders, placed }: StepWrites, released: readonly PlacementId[]) {
  const isNew = new Set(placed.map(({ placement }) => placement.id));
  const earlier = orders.filter(({ placement }) => !isNew.has(placement));
  return [
    ...answered,
    ...earlier.map(({ placement, generation }) => ({ placement, generation: generation - 1 })),
    ...released.map((placement) => ({ placement, generation: Number.MAX_SAFE_INTEGER })),
  ];
}

/** Sent, and done or not with the transaction. */
export function writeSteps(pipeline: Pipeline, writes: StepWrites, claim: Claim): void {
  const inPhases = phases.map((roles) => writes.moved.filter(({ role }) => roles.includes(role)));
  const waves = inPhases.filter((wave) => wave.length > 0);
  const last = waves.pop() ?? [];
  for (const wave of waves) pipeline.change(CompiledQuery.raw(moveText, [...movedColumns(wave)]));
  const query = joined(partsOf(writes, last, claim));
  if (query !== undefined) pipeline.change(query);
}

/** One statement, prepared under a letter for each of its parts. */
function joined(all: readonly Part[]): CompiledQuery | undefined {
  const parts = all.filter(({ rows }) => rows > 0);
  if (parts.length === 0) return undefined;
  const letters = parts.map((part) => "abcdefghijkl"[all.indexOf(part)]).join("");
  const text = joinedTexts.get(letters) ?? joinedText(letters, parts);
  return CompiledQuery.raw(
    text,
    parts.flatMap(({ values }) => values),
  );
}

/** By their letters: a part has the same text whenever it is there. */
const joinedTexts = new Map<string, string>();

function joinedText(letters: string, parts: readonly Part[]): string {
  let before = 0;
  const texts = parts.map(({ name, text, values }) => {
    const first = before;
    before += values.length;
    return `${name} as (${text.replaceAll(/\$(\d+)/g, (_, own) => `$${first + Number(own)}`)})`;
  });
  const whole = `/* write_steps_${letters} */ with ${texts.join(",\n")} select 1`;
  joinedTexts.set(letters, whole);
  return whole;
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
