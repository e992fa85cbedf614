/** The table of a node that starts: what its store holds and, where it has none, whom the kernel lets through. */
import type { WireGuardState } from "@ropewalk/host/wireguard/device";
import type { Clock } from "@ropewalk/kernel/clock";
import type { Millis } from "@ropewalk/kernel/units";
import type { ExitFirewall } from "./exit-firewall.ts";
import type { LeaseStore } from "./lease-store.ts";
import type { Rest } from "./pure/held.ts";
import type { LeaseTable } from "./pure/lease-table.ts";
import type { PlacementId } from "./pure/order.ts";
import { reopen } from "./pure/reopen.ts";
import { strangersAmong } from "./pure/wanted-peer.ts";

export interface OpenTableDeps {
  readonly tunnel: string;
  readonly firewall: Pick<ExitFirewall, "leases">;
  readonly clock: Pick<Clock, "now">;
  readonly quarantine: Millis;
}

/** What is over goes from the store. Throws OpsError, OPS_STORE_*. */
export async function openTable(
  store: LeaseStore,
  { peers }: Pick<WireGuardState, "peers">,
  { tunnel, firewall, clock, quarantine }: OpenTableDeps,
): Promise<LeaseTable> {
  const { stored, boot } = store;
  const mayBeStrangers = stored === undefined || stored.watermark === 0;
  const leases = mayBeStrangers ? ((await firewall.leases()) ?? []) : [];
  const strangers = strangersAmong(
    peers.values(),
    leases.filter((lease) => lease.tunnel === tunnel),
  );
  const table = reopen(boot, stored, strangers, clock.now(), quarantine);
  if (stored?.boot !== boot) return table;
  const over = stored.held.filter(({ placement }) => table.find(placement) === undefined);
  const rests = new Map<string, Rest | undefined>(stored.resting.map(({ address }) => [address, table.rest(address)]));
  for (const { peer } of over.filter((held) => held.kind === "present"))
    for (const address of peer.addresses) rests.set(address, table.rest(address));
  store.write({
    rows: new Map(over.map(({ placement }): [PlacementId, undefined] => [placement, undefined])),
    ...{ rests, watermark: undefined },
  });
  return table;
}
