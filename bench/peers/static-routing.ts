/**
 * What a site with two uplinks has whatever watches them: a table for each uplink, and a rule that what has an uplink's source
 * looks there. Without it no monitor's probes would stay on the uplink that they ask about.
 */
import type { Lab } from "@ropewalk/lab/lab";
import { ipv4AddressOf, ipv4GatewayOf } from "./addresses.ts";

const firstTable = 1_001;

/** It stays as long as the lab. */
export async function prepareStaticRouting(lab: Lab): Promise<void> {
  const lines = lab.uplinks.flatMap(({ name, slot }) => [
    `route replace default via ${ipv4GatewayOf(lab, name)} dev ${name} table ${firstTable + slot}`,
    `rule add from ${ipv4AddressOf(lab, name)} lookup ${firstTable + slot}`,
  ]);
  await lab.host("edge").exec("ip", ["-batch", "-"], { input: `${lines.join("\n")}\n` });
}

/**
 * A shell program that moves ordinary traffic: with the argument `away` to `uplink`, with anything else back to the routes
 * that edge has.
 */
export function moveScript(lab: Lab, uplink: string): string {
  const route = `default via ${ipv4GatewayOf(lab, uplink)} dev ${uplink} metric 50`;
  return `if [ "$1" = away ]; then ip route replace ${route}; else ip route del ${route} 2>/dev/null; fi\n`;
}
