/**
 * What this replica knows of the nodes: their rows, read every second, and what it has placed and released itself since each node's last heartbeat.
 * It helps to choose; who may have what is decided by the rows that a transaction has locked.
 */

import { parsePrefix } from "@ropewalk/kernel/addresses";
import type { Clock } from "@ropewalk/kernel/clock";
import { type Millis, millis } from "@ropewalk/kernel/units";
import { CompiledQuery } from "kysely";
import type { FleetNode, NodeId } from "../pure/node-fitness.ts";
import { usableAddresses } from "../pure/pool-size.ts";
import type { Database } from "./database.ts";

/** As its rows tell it. */
export interface NodeFacts {
  readonly id: NodeId;
  readonly name: string;
  readonly roles: readonly string[];
  readonly admission: "open" | "draining" | "disabled";
  readonly region: string;
  readonly country: string | undefined;
  readonly city: string | undefined;
  readonly pool: string;
  readonly isHealthy: boolean;
  readonly troubles: readonly string[];
  readonly version: string | undefined;
  readonly controlAddress: string | undefined;
  readonly endpoint: string | undefined;
  readonly publicKey: Uint8Array | undefined;
  /** How many peers its pools have addresses for. */
  readonly addresses: number;
  readonly capacity: number;
  readonly activePeers: number;
  /** By the database's clock; undefined: it sent none. */
  readonly heardAt: Millis | undefined;
  /** When this was read. */
  readonly heartbeatAge: Millis | undefined;
}

/** The version of the protocol between entry and node that both are written to. */
export const protocolVersion = 1;

const nodesText = `/* fleet */
  select n.id, n.name, n.roles, n.admission, n.is_healthy, n.troubles, n.version, n.control_address,
    extract(epoch from n.heartbeat_at)::float8 * 1000 as heard_at,
    extract(epoch from clock_timestamp() - n.heartbeat_at)::float8 * 1000 as age,
    e.region, e.country, e.city, e.pool, e.endpoint, e.public_key, e.addresses_v4::text, e.addresses_v6::text,
    array(select host(o) from unnest(e.own_addresses) o) as own_addresses, e.capacity, e.active_peers
  from nodes n left join exits e on e.node = n.id order by n.name`;

interface NodeRow {
  readonly id: NodeId;
  readonly name: string;
  readonly roles: readonly string[];
  readonly admission: "open" | "closed" | "draining" | "disabled";
  readonly is_healthy: boolean;
  readonly troubles: readonly string[];
  readonly version: string | null;
  readonly control_address: string | null;
  readonly heard_at: number | null;
  readonly age: number | null;
  readonly region: string | null;
  readonly country: string | null;
  readonly city: string | null;
  readonly pool: string | null;
  readonly endpoint: string | null;
  readonly public_key: Uint8Array | null;
  readonly addresses_v4: string | null;
  readonly addresses_v6: string | null;
  readonly own_addresses: readonly string[];
  readonly capacity: number | null;
  readonly active_peers: number | null;
}

export async function readNodes(database: Database): Promise<readonly NodeFacts[]> {
  const { rows } = await database.kysely.executeQuery(CompiledQuery.raw(nodesText, []));
  return (rows as readonly NodeRow[]).map(factsOf);
}

/** What is stored as "closed" was written by a version that knew no other word for it. */
function factsOf(row: NodeRow): NodeFacts {
  const pools = [row.addresses_v4, row.addresses_v6].flatMap((text) => parsePrefix(text ?? "") ?? []);
  return {
    ...{ id: row.id, name: row.name, roles: row.roles, isHealthy: row.is_healthy, troubles: row.troubles },
    admission: row.admission === "closed" ? "draining" : row.admission,
    ...{ region: row.region ?? "", country: row.country ?? undefined, city: row.city ?? undefined },
    ...{ pool: row.pool ?? "", version: row.version ?? undefined, controlAddress: row.control_address ?? undefined },
    ...{ endpoint: row.endpoint ?? undefined, publicKey: row.public_key ?? undefined },
    addresses: usableAddresses(pools, row.own_addresses),
    ...{ capacity: row.capacity ?? 0, activePeers: row.active_peers ?? 0 },
    heardAt: row.heard_at === null ? undefined : (row.heard_at as Millis),
    heartbeatAge: row.age === null ? undefined : millis(Math.max(0, row.age)),
  };
}

/** Of this replica, at a moment of the database's clock. */
interface OwnChange {
  readonly at: Millis;
  readonly count: number;
}

export class Fleet {
  readonly #clock: Pick<Clock, "now">;
  #facts: ReadonlyMap<NodeId, NodeFacts> = new Map();
  #readAt: Millis = millis(0);
  readonly #changes = new Map<NodeId, OwnChange[]>();
  readonly #shunned = new Set<NodeId>();

  constructor(clock: Pick<Clock, "now">) {
    this.#clock = clock;
  }

  async refresh(database: Database): Promise<void> {
    const before = this.#clock.now();
    const facts = await readNodes(database);
    this.#facts = new Map(facts.map((one) => [one.id, one]));
    this.#readAt = before;
    this.#shunned.clear();
    for (const [id, changes] of this.#changes) {
      // What a node was told of before it told its figures is in them.
      const left = changes.filter(({ at }) => at > (this.#facts.get(id)?.heardAt ?? 0));
      if (left.length === 0) this.#changes.delete(id);
      else this.#changes.set(id, left);
    }
  }

  find(id: NodeId): NodeFacts | undefined {
    return this.#facts.get(id);
  }

  all(): Iterable<NodeFacts> {
    return this.#facts.values();
  }

  /** Placements that a committed transaction has made there, or released where the count is below zero. */
  note(id: NodeId, count: number, at: Millis): void {
    const changes = this.#changes.get(id);
    if (changes === undefined) this.#changes.set(id, [{ at, count }]);
    else changes.push({ at, count });
  }

  /** A transaction found no room there: it is not chosen before the rows are read again. */
  shun(id: NodeId): void {
    this.#shunned.add(id);
  }

  nodes(): readonly FleetNode[] {
    const since = this.#clock.now() - this.#readAt;
    return [...this.#facts.values()].map((facts) => this.#nodeOf(facts, since));
  }

  #nodeOf(facts: NodeFacts, since: number): FleetNode {
    const own = (this.#changes.get(facts.id) ?? []).reduce((sum, { count }) => sum + count, 0);
    const sessions = Math.max(0, facts.activePeers + own);
    const isReady = facts.isHealthy && facts.endpoint !== undefined && facts.controlAddress !== undefined;
    return {
      ...{ id: facts.id, roles: facts.roles, region: facts.region, pool: facts.pool, capacity: facts.capacity },
      ...{ country: facts.country ?? "", city: facts.city ?? "", sessions, admission: facts.admission },
      freeAddresses: this.#shunned.has(facts.id) ? 0 : Math.max(0, facts.addresses - sessions),
      // Nodes tell how many peers they have and may have, and no other measure of what they bear.
      load: 0,
      health: isReady ? "healthy" : "unhealthy",
      heartbeatAge: facts.heartbeatAge === undefined ? undefined : millis(facts.heartbeatAge + since),
      version: protocolVersion,
    };
  }
}
