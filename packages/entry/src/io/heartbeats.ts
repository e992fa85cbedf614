/**
 * What nodes tell entry, and are told: RegistryService. A node is whom its certificate names, and counts when an admin has registered it. Its
 * clock, its boot and the greatest generation that it knows are stored before any order is reckoned by them.
 */

import type { MessageInitShape } from "@bufbuild/protobuf";
import type { NodeStatus } from "@ropewalk/api/proto/vpn/exit";
import type { HeartbeatRequest, HeartbeatResponseSchema, RegistryService } from "@ropewalk/api/proto/vpn/registry";
import { RefusedCall } from "@ropewalk/ops/call-status";
import type { GrpcHandlers, IncomingCall } from "@ropewalk/ops/grpc-server";
import { CompiledQuery, type Transaction } from "kysely";
import { EntryError } from "../errors.ts";
import type { PresharedKeys } from "../preshared-keys.ts";
import type { NodeId } from "../pure/node-fitness.ts";
import { wantsSnapshot } from "../pure/snapshot-need.ts";
import { type CheckedStatus, checkStatus } from "../pure/told-status.ts";
import type { VpnControlSettings } from "../vpn-control-settings.ts";
import type { Database } from "./database.ts";
import { rowsOf } from "./session-rows.ts";
import { snapshotOf } from "./snapshots.ts";
import type { Tables } from "./tables.ts";

export interface HeartbeatDeps {
  readonly database: Database;
  readonly settings: VpnControlSettings;
  readonly presharedKeys: PresharedKeys;
  /** Behind the commit. */
  readonly onHeard: (heard: Heard) => void;
}

export interface Heard {
  readonly node: NodeId;
  /** It is otherwise than before, or elsewhere. */
  readonly isNews: boolean;
  /** It knew later orders than the database, which was restored: it may have removed whom the database wants there. */
  readonly wasAhead: boolean;
}

type Reply = MessageInitShape<typeof HeartbeatResponseSchema>;

export function registryHandlers(deps: HeartbeatDeps): GrpcHandlers<typeof RegistryService> {
  return {
    async heartbeat({ status }: HeartbeatRequest, call: IncomingCall): Promise<Reply> {
      const names = call.callerNames.flatMap((name) => (name.startsWith("DNS:") ? [name.slice(4)] : []));
      if (status === undefined) throw new RefusedCall("INVALID_ARGUMENT", "the heartbeat has no status");
      const checked = checkStatus({
        ...{ boot: status.clock?.boot ?? "", bootMillis: status.clock?.millis ?? 0n, exit: status.exit },
        ...{ latestGeneration: status.latestGeneration, controlAddress: status.controlAddress },
        ...{ troubles: status.troubles, version: status.version },
      });
      if (typeof checked === "string")
        throw new RefusedCall("INVALID_ARGUMENT", `the heartbeat is refused: ${checked}`);
      try {
        const heard = await deps.database.transaction((tables) => hear(tables, names, status, checked, deps));
        deps.onHeard(heard);
        return heard.reply;
      } catch (error) {
        throw refusalOf(error);
      }
    },
  };
}

function refusalOf(error: unknown): unknown {
  if (!(error instanceof EntryError)) return error;
  if (error.constraint === "exits_one_per_key")
    return new RefusedCall("ALREADY_EXISTS", "another node has the same WireGuard key: give this one its own");
  if (error.code === "ENTRY_DATABASE_CONFLICT" || error.code === "ENTRY_DATABASE_REFUSED") return error;
  return new RefusedCall("UNAVAILABLE", "entry's database does not answer: tell it again");
}

interface KnownRow {
  readonly id: NodeId;
  readonly name: string;
  readonly generation: string;
  readonly boot: string | null;
  readonly admission: string;
  readonly is_healthy: boolean;
  readonly control_address: string | null;
  readonly age: number | null;
}

const findText = `/* find_nodes */ select id, name, generation, boot, admission, is_healthy, control_address,
    extract(epoch from clock_timestamp() - heartbeat_at)::float8 * 1000 as age
  from nodes where name = any($1::text[]) order by id for no key update`;

const hearText = `/* hear_node */ update nodes set heartbeat_at = clock_timestamp(), boot = $2, boot_millis = $3::bigint,
    is_healthy = $4, troubles = $5::text[], version = $6, control_address = $7, generation = greatest(generation, $8::bigint)
  where id = $1 returning generation, extract(epoch from heartbeat_at)::float8 * 1000 as heard_at`;

const hearExitText = `/* hear_exit */ update exits set public_key = $2, endpoint = $3, addresses_v4 = $4::cidr, addresses_v6 = $5::cidr,
    own_addresses = $6::inet[], capacity = $7, active_peers = $8, quarantine_millis = $9 where node = $1`;

async function hear(
  tables: Transaction<Tables>,
  names: readonly string[],
  status: NodeStatus,
  checked: CheckedStatus,
  { settings, presharedKeys }: Pick<HeartbeatDeps, "settings" | "presharedKeys">,
): Promise<Heard & { readonly reply: Reply }> {
  const [known, second] = await rowsOf<KnownRow>(tables, findText, [names]);
  if (known === undefined || second !== undefined) {
    const what = known === undefined ? "no node is registered by" : "several nodes are registered by";
    throw new RefusedCall("PERMISSION_DENIED", `${what} the names of your certificate: ${names.join(", ") || "none"}`);
  }
  const { exit, boot, bootMillis, latestGeneration, controlAddress = null } = checked;
  const [heard] = await rowsOf<{ readonly generation: string; readonly heard_at: number }>(tables, hearText, [
    ...[known.id, boot, bootMillis, status.isHealthy, checked.troubles, checked.version ?? null],
    ...[controlAddress, latestGeneration],
  ]);
  if (exit !== undefined) {
    const { publicKey, endpoint, poolV4, poolV6, ownAddresses, capacity, activePeers, quarantineMillis } = exit;
    const told = [
      ...[known.id, publicKey, endpoint, poolV4 ?? null, poolV6 ?? null, ownAddresses],
      ...[capacity, activePeers, quarantineMillis],
    ];
    await tables.executeQuery(CompiledQuery.raw(hearExitText, told));
  }
  const isWanted = wantsSnapshot(
    { ...known, boot: known.boot ?? undefined, age: known.age ?? undefined, generation: Number(known.generation) },
    { boot, wantsSnapshot: status.wantsSnapshot, latestGeneration },
    settings.freshness,
  );
  const clock = { boot, at: bootMillis, heardAt: heard?.heard_at ?? 0 };
  const snapshot = isWanted
    ? await snapshotOf(tables, known.id, Number(heard?.generation), clock, { terms: settings.terms, presharedKeys })
    : undefined;
  const reply: Reply = {
    nextMillis: settings.heartbeat,
    isAdmitted: known.admission === "open",
    ...(snapshot === undefined ? {} : { snapshot }),
  };
  const isNews =
    known.boot !== boot || known.is_healthy !== status.isHealthy || known.control_address !== controlAddress;
  return { node: known.id, reply, isNews, wasAhead: latestGeneration > Number(known.generation) };
}
