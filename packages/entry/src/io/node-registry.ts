/** The nodes as admins see and change them. */
import { randomUUID } from "node:crypto";
import type { Millis } from "@ropewalk/kernel/units";
import { CompiledQuery, type Insertable, type Transaction, type Updateable } from "kysely";
import { EntryError } from "../errors.ts";
import type { NodeId } from "../pure/node-fitness.ts";
import type { Actor, NewNode, NodeChange, NodeView, RegisterOutcome } from "../vpn-control.ts";
import type { Database } from "./database.ts";
import { type NodeFacts, readNodes } from "./fleet.ts";
import type { Tables } from "./tables.ts";

export async function registerNode(database: Database, node: NewNode, actor: Actor): Promise<RegisterOutcome> {
  const id = randomUUID();
  const { name, region, country, city, pool } = node;
  try {
    await database.transaction(async (tables) => {
      await tables.insertInto("nodes").values({ id, name, roles: node.roles }).execute();
      const place = { country: country ?? null, city: city ?? null, ...(pool === undefined ? {} : { pool }) };
      await tables
        .insertInto("exits")
        .values({ node: id, region, ...place })
        .execute();
      await writeAudit(tables, actor, "node.register", id);
    });
  } catch (error) {
    if (error instanceof EntryError && error.constraint === "nodes_one_per_name") return { kind: "name-taken" };
    throw error;
  }
  const view = await viewNode(database, id as string as NodeId);
  if (view === undefined) throw new EntryError("ENTRY_DATABASE_CONTENDED", "the node is gone again; ask anew");
  return { kind: "registered", node: view };
}

/** Undefined: there is no such node. */
export async function changeNode(
  database: Database,
  node: NodeId,
  change: NodeChange,
  actor: Actor,
): Promise<NodeView | undefined> {
  const { admission, region, country, city, pool } = change;
  const place: Updateable<Tables["exits"]> = {
    ...(region === undefined ? {} : { region }),
    ...(country === undefined ? {} : { country }),
    ...(city === undefined ? {} : { city }),
    ...(pool === undefined ? {} : { pool }),
  };
  const isThere = await database.transaction(async (tables) => {
    const known = await tables
      .selectFrom("nodes")
      .select("id")
      .where("id", "=", node)
      .forNoKeyUpdate()
      .executeTakeFirst();
    if (known === undefined) return false;
    if (admission !== undefined) await tables.updateTable("nodes").set({ admission }).where("id", "=", node).execute();
    if (Object.keys(place).length > 0) await tables.updateTable("exits").set(place).where("node", "=", node).execute();
    await writeAudit(tables, actor, "node.change", node);
    return true;
  });
  return isThere ? viewNode(database, node) : undefined;
}

export async function viewNodes(database: Database): Promise<readonly NodeView[]> {
  const text = `/* placements_of_nodes */ select node, count(*)::integer as count from placements where role <> 'released' group by node`;
  const [nodes, counted] = await Promise.all([
    readNodes(database),
    database.kysely.executeQuery(CompiledQuery.raw(text, [])),
  ]);
  const counts = new Map(
    (counted.rows as readonly { readonly node: NodeId; readonly count: number }[]).map(({ node, count }) => [
      node,
      count,
    ]),
  );
  return nodes.map((facts) => viewOf(facts, counts.get(facts.id) ?? 0));
}

async function viewNode(database: Database, id: NodeId): Promise<NodeView | undefined> {
  return (await viewNodes(database)).find((node) => node.id === id);
}

function viewOf(facts: NodeFacts, placements: number): NodeView {
  const { id, name, roles, admission, region, country, city, pool, troubles, version } = facts;
  const { isHealthy, endpoint, capacity, activePeers } = facts;
  const heartbeatAge: Millis | undefined = facts.heartbeatAge;
  return {
    ...{ id, name, roles, admission, region, country, city, pool, heartbeatAge, isHealthy, troubles, version },
    ...{ endpoint, capacity, placements, activePeers },
  };
}

async function writeAudit(tables: Transaction<Tables>, actor: Actor, action: string, subject: string): Promise<void> {
  const row: Insertable<Tables["audit"]> = { actor_kind: actor.kind, actor: actor.name, action, subject };
  await tables.insertInto("audit").values(row).execute();
}
