/** What the configuration makes of an exit's firewall. Pure. */
import { type Family, families, familyOf, networkOf } from "@ropewalk/kernel/addresses";
import type { CoreConfig } from "@ropewalk/vpn/node/config";
import type { ExitTable } from "@ropewalk/vpn/node/pure/exit-table";

export function exitTableOf(core: CoreConfig): ExitTable {
  const { addresses, services, managementPrefixes, openedPrefixes } = core;
  return {
    tunnels: [core.interface],
    pools: addresses.map(networkOf),
    ownAddresses: addresses.map(({ address }) => address),
    ...{ services, managementPrefixes, openedPrefixes },
  };
}

export function familiesOf({ addresses }: Pick<CoreConfig, "addresses">): readonly Family[] {
  return families.filter((family) => addresses.some(({ address }) => familyOf(address) === family));
}
