/** How an ISP sends an uplink's packets through the relay and back: one table and one rule for each way and family. */
import { interfaces } from "./topology.ts";

/** The relay's TUN devices: `near` faces the customer, `far` the internet. */
export const relayDevices = { near: "near", far: "far" } as const;

interface Way {
  readonly from: string;
  readonly device: string;
  readonly table: number;
}

const ways: readonly Way[] = [
  { from: interfaces.customer, device: relayDevices.near, table: 100 },
  { from: interfaces.upstream, device: relayDevices.far, table: 101 },
];

/** Lines for `ip -batch`, once the devices are there; they alone send nothing yet. */
export function relayRouteLines(): readonly string[] {
  return ways.flatMap(({ device, table }) => [
    `link set dev ${device} up`,
    `route replace 0.0.0.0/0 dev ${device} table ${table}`,
    `route replace ::/0 dev ${device} table ${table}`,
  ]);
}

/** Arguments of `ip`, a command each: in a batch, `rule` cannot be told its family. */
export function relayRuleCommands(verb: "add" | "del"): readonly (readonly string[])[] {
  return ["-4", "-6"].flatMap((family) =>
    ways.map(({ from, table }) => [family, "rule", verb, "iif", from, "table", String(table), "pref", String(table)]),
  );
}
