/**
 * The `[core]` table: the device of an exit node, who gets which addresses behind it, what its peers may reach, and how entry and
 * it find and prove each other. Every key has a value or is asked for when an exit starts: a machine that is none has no faults here.
 */
import { isQuotable } from "@ropewalk/host/interface-name";
import type { Prefix } from "@ropewalk/kernel/addresses";
import type { HostPort } from "@ropewalk/kernel/host-port";
import type { Millis } from "@ropewalk/kernel/units";
import { hostPort, type ListenText, port } from "@ropewalk/ops/config-places";
import { table } from "@ropewalk/ops/config-schema";
import type { ConfigSection } from "@ropewalk/ops/config-section";
import { z } from "zod";
import { type ControlConfig, controlTable, type EntryConfig, entryTable } from "./config/control-tables.ts";
import { durationWithin, loopbackText, networkText, ownPrefix, peerService } from "./config/exit-texts.ts";
import { formerVariables, refusedVariables } from "./config/former-variables.ts";
import type { DriverWish } from "./pure/device-plan.ts";
import type { PeerService } from "./pure/exit-table.ts";
import { leastMtu, poolCapacity, poolFaults } from "./pure/pools.ts";

export interface CoreConfig {
  /** In production what is for trials only is refused. */
  readonly environment: "development" | "production";
  readonly interface: string;
  /** Whose WireGuard the device is of; `auto`: the kernel's where it has one. */
  readonly driver: DriverWish;
  /** The node's own addresses in the tunnel; the network of each is a pool. */
  readonly addresses: readonly Prefix[];
  readonly listenPort: number;
  /** Where customers send; asked for when an exit starts. */
  readonly endpoint: HostPort | undefined;
  /** Undefined: in the state folder. */
  readonly privateKeyFile: string | undefined;
  /** Of the tunnel's interface, in octets. */
  readonly mtu: number;
  /** Peers at once. Undefined: as many as the pools have. */
  readonly capacity: number | undefined;
  /** What peers may use at the node's own addresses in the tunnel, besides echo. */
  readonly services: readonly PeerService[];
  readonly managementPrefixes: readonly Prefix[];
  readonly openedPrefixes: readonly Prefix[];
  readonly natDriver: "native" | "cli";
  /** For which an address that was freed belongs to nobody. */
  readonly quarantine: Millis;
  /** From one comparison of the device with what is to be there to the next. */
  readonly reconcile: Millis;
  /** Whether what each peer has sent and received is told over the Unix socket. */
  readonly byteCounts: boolean;
  readonly http: { readonly listen: ListenText | "off" };
  readonly control: ControlConfig;
  readonly entry: EntryConfig;
}

const most = 1_000_000;

const shape = {
  environment: z.enum(["development", "production"]).default("development"),
  interface: z.string().refine(isQuotable, { error: 'expected the name of an interface, "wg0"' }).default("wg0"),
  driver: z.enum(["auto", "kernel", "wireguard-go"]).default("auto"),
  addresses: z.array(ownPrefix).min(1).max(2).prefault(["10.90.0.1/16", "fd72:6f70:6577::1/64"]),
  listen_port: port.default(51_820),
  endpoint: hostPort.optional(),
  private_key_file: z.string().min(1).max(4096).optional(),
  mtu: z.int().min(leastMtu.ipv4).max(65_455).default(1420),
  capacity: z.int().min(1).max(most).optional(),
  services: z.array(peerService).max(64).default([]),
  management_prefixes: z.array(networkText).max(1024).default([]),
  opened_prefixes: z.array(networkText).max(1024).default([]),
  nat_driver: z.enum(["native", "cli"]).default("native"),
  quarantine: durationWithin(0, 86_400_000, "at most 1 day").prefault("30s"),
  reconcile: durationWithin(1_000, 3_600_000, "1 second to 1 hour").prefault("30s"),
  byte_counts: z.boolean().default(false),
  http: table({ listen: loopbackText.prefault("127.0.0.1:7430") }),
  control: controlTable,
  entry: entryTable,
};

const schema = table(shape).check((context) => {
  if (context.issues.length > 0) return;
  const config = context.value as CoreConfig;
  for (const { path, reason } of poolFaults(config)) {
    context.issues.push({ code: "custom", input: context.value, path: [path], message: reason });
  }
});

export const coreSection: ConfigSection<CoreConfig> = {
  name: "core",
  schema: schema as z.ZodType<CoreConfig>,
  ...{ formerVariables, refusedVariables },
};

/** Peers at once: as configured, or as the pools have room. */
export function capacityOf({ addresses, capacity }: Pick<CoreConfig, "addresses" | "capacity">): number {
  return capacity ?? Math.min(most, poolCapacity(addresses));
}
