/** Whether what is said of sessions is so: in the tables, and on the exits. Source: docs/protocols/vpn-control.md, "The invariant". */
import assert from "node:assert/strict";
import type { Database } from "@ropewalk/entry/io/database";
import type { NodeId } from "@ropewalk/entry/pure/node-fitness";
import { until } from "../../../../../packages/entry/test/system/condition.ts";

export interface PlacedExit {
  readonly exit: { readonly name: string; peers(): readonly string[] | Promise<readonly string[]> };
  readonly id: NodeId;
}

/** Each active session is carried by the node of its current placement, and nobody else is carried; no order waits. */
export async function settle(database: Database, exits: readonly PlacedExit[], limitMs?: number): Promise<void> {
  let why = "";
  const isSettled = async () => {
    why = await unsettled(database, exits);
    return why === "";
  };
  await until("all is settled", isSettled, limitMs).catch((error) => assert.fail(`${error.message}: ${why}`));
}

async function unsettled(database: Database, exits: readonly PlacedExit[]): Promise<string> {
  const { kysely } = database;
  const waiting = await kysely.selectFrom("outbox").select(["kind", "placement"]).execute();
  if (waiting.length > 0) return `${waiting.length} orders wait, ${waiting[0]?.kind} the first`;
  const held = await kysely
    .selectFrom("placements as p")
    .innerJoin("sessions as s", "s.id", "p.session")
    .innerJoin("devices as d", "d.id", "p.device")
    .select(["p.node", "p.role", "s.state", "d.public_key"])
    .where("p.role", "<>", "released")
    .execute();
  const odd = held.find(({ role, state }) => role !== "current" || state !== "active");
  if (odd !== undefined) return `a placement is ${odd.role}, its session ${odd.state}`;
  const live = await kysely.selectFrom("sessions").select("state").where("is_live", "=", true).execute();
  if (live.length !== held.length) return `${live.length} sessions live, ${held.length} have places`;
  for (const { exit, id } of exits) {
    const wanted = held.filter(({ node }) => node === id).map((one) => Buffer.from(one.public_key).toString("base64"));
    const peers = await exit.peers();
    if (wanted.toSorted().join() !== peers.toSorted().join())
      return `${exit.name} carries ${peers.length}, and is to carry ${wanted.length}`;
  }
  return "";
}
