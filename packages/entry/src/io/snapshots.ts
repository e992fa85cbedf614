/** All that is wanted of a node, in the transaction that has its counter locked: what is not wanted any more has drawn from it, or waits to. */
import type { MessageInitShape } from "@bufbuild/protobuf";
import type { SnapshotSchema } from "@ropewalk/api/proto/vpn/exit";
import { ipAddress, ipAddressBytes } from "@ropewalk/kernel/addresses";
import { type Millis, millis } from "@ropewalk/kernel/units";
import type { Transaction } from "kysely";
import type { PresharedKeys } from "../preshared-keys.ts";
import type { LeaseTerms } from "../pure/lease-terms.ts";
import { mayBeTakenUntil } from "../pure/node-clock.ts";
import type { NodeId } from "../pure/node-fitness.ts";
import { namedBySnapshot } from "../pure/node-snapshot.ts";
import type { Generation, PlacementId } from "../pure/vpn-placement.ts";
import { rowsOf } from "./session-rows.ts";
import type { Tables } from "./tables.ts";

interface WantedRow {
  readonly id: PlacementId;
  readonly role: "coming" | "current";
  readonly generation: string;
  readonly may_last_until: number;
  readonly addresses: readonly string[];
  readonly public_key: Uint8Array;
}

const wantedText = `/* wanted_of_node */ select p.id, p.role, p.generation, d.public_key,
    extract(epoch from p.may_last_until)::float8 * 1000 as may_last_until,
    array(select host(a.address) from addresses a where a.placement = p.id order by a.family) as addresses
  from placements p join devices d on d.id = p.device
  where p.node = $1 and p.role in ('coming', 'current') order by p.generation`;
const reserveText = `/* reserve_named */ update placements p
  set may_last_until = greatest(p.may_last_until, to_timestamp(n.until / 1000.0))
  from unnest($1::uuid[], $2::float8[]) n(id, until) where p.id = n.id`;

/** `heard` is the heartbeat that it answers. */
export async function snapshotOf(
  tables: Transaction<Tables>,
  node: NodeId,
  watermark: number,
  heard: { readonly boot: string; readonly at: number; readonly heardAt: number },
  { terms, presharedKeys }: { readonly terms: LeaseTerms; readonly presharedKeys: PresharedKeys },
): Promise<MessageInitShape<typeof SnapshotSchema>> {
  const rows = await rowsOf<WantedRow>(tables, wantedText, [node]);
  const keys = new Map(rows.map(({ id, public_key }) => [id, public_key]));
  const wanted = rows.map(({ id, role, generation, may_last_until, addresses }) => ({
    ...{ id, node, role, addresses, generation: Number(generation) as Generation },
    mayLastUntil: may_last_until as Millis,
  }));
  const now = millis(heard.heardAt);
  const named = namedBySnapshot(wanted, node, now, terms);
  if (named.length > 0)
    await rowsOf(tables, reserveText, [named.map(({ id }) => id), named.map(({ mayLastUntil }) => mayLastUntil)]);
  const { boot, at } = mayBeTakenUntil({ boot: heard.boot, at: millis(heard.at), heardAt: now }, now, terms);
  const until = { boot, millis: BigInt(Math.floor(at)) };
  const placements = named.map(({ id, generation, addresses }) => ({
    ...{ placement: id, generation: BigInt(generation), leaseMillis: terms.lease, until },
    peer: {
      publicKey: keys.get(id) ?? new Uint8Array(),
      addresses: addresses.map((address) => ipAddressBytes(ipAddress(address))),
      presharedKey: presharedKeys.of(id),
    },
  }));
  return { watermark: BigInt(watermark), boot, placements };
}
