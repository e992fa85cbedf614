/** Sessions as those who ask are told of them. */
import { CompiledQuery } from "kysely";
import type { Placement } from "../pure/vpn-placement.ts";
import type { SessionId } from "../pure/vpn-session.ts";
import type { CustomerId, SessionPlace, SessionView } from "../vpn-control.ts";
import type { Database } from "./database.ts";
import type { Fleet, NodeFacts } from "./fleet.ts";
import { readSessions, type StoredSession } from "./session-rows.ts";

export function viewSession(session: StoredSession, fleet: Fleet): SessionView {
  const { step, customer, device, createdAt } = session;
  return { id: step.id, customer, device, state: step.state, place: placeOf(session, fleet), createdAt };
}

function placeOf({ step }: StoredSession, fleet: Fleet): SessionPlace | undefined {
  const current = step.placements.find(({ role }) => role === "current");
  const facts = current === undefined ? undefined : fleet.find(current.node);
  if (current === undefined || facts === undefined) return undefined;
  return toldPlace(facts, current);
}

function toldPlace(facts: NodeFacts, { id: placement, addresses }: Placement): SessionPlace | undefined {
  const { id, name, region, country, city, endpoint, publicKey } = facts;
  if (endpoint === undefined || publicKey === undefined) return undefined;
  return { placement, node: id, nodeName: name, region, country, city, endpoint, publicKey, addresses };
}

/** Undefined: it has none that is not over. */
export async function currentSession(
  database: Database,
  fleet: Fleet,
  customer: CustomerId,
): Promise<SessionView | undefined> {
  const text = `/* current_session */ select id from sessions
    where customer = $1 and state in ('requested', 'provisioning', 'active', 'terminating')`;
  const [view] = await views(database, fleet, text, [customer]);
  return view;
}

export async function listSessions(
  database: Database,
  fleet: Fleet,
  most: number,
  before: SessionId | undefined,
): Promise<readonly SessionView[]> {
  const text = `/* list_sessions */ select id from sessions
    where $2::uuid is null or (created_at, id) < (select created_at, id from sessions where id = $2::uuid)
    order by created_at desc, id desc limit $1::integer`;
  return views(database, fleet, text, [most, before ?? null]);
}

async function views(
  database: Database,
  fleet: Fleet,
  text: string,
  values: readonly unknown[],
): Promise<readonly SessionView[]> {
  const sessions = await database.transaction(async (tables) => {
    const found = await tables.executeQuery(CompiledQuery.raw(text, [...values]));
    const ids = (found.rows as readonly { readonly id: SessionId }[]).map(({ id }) => id);
    const read = new Map((await readSessions(tables, ids)).sessions.map((session) => [session.step.id, session]));
    return ids.flatMap((id) => read.get(id) ?? []);
  });
  const isKnown = (session: StoredSession) =>
    session.step.placements.every(({ node }) => fleet.find(node) !== undefined);
  if (!sessions.every(isKnown)) await fleet.refresh(database);
  return sessions.map((session) => viewSession(session, fleet));
}
