/** The `[backhaul]` table. Nothing in it makes Ropewalk change a route but `monitor_only = false`. */
import { type MacAddress, macAddressFromBytes } from "@ropewalk/kernel/addresses";
import { durationSchema, table } from "@ropewalk/ops/config-schema";
import type { ConfigSection } from "@ropewalk/ops/config-section";
import { z } from "zod";
import { type DecisionLogConfig, decisionLogTable } from "./decision-log-section.ts";
import { healthTables, ipAddressText, profileName } from "./health-section.ts";
import type { UplinkEntry } from "./pure/entries.ts";
import { entryFaults } from "./pure/entry-faults.ts";
import type { HealthConfig } from "./pure/health/health-config.ts";
import type { SteeringConfig } from "./pure/steering/steering-config.ts";

export interface BackhaulConfig extends HealthConfig, SteeringConfig {
  readonly decisionLog: DecisionLogConfig;
  readonly dns: DnsConfig;
}

export interface DnsConfig {
  /** Whether the machine asks the resolvers of the uplink in use; only while this node moves traffic. */
  readonly follow: boolean;
}

/** IFNAMSIZ of linux/if.h is 16 with the closing zero; a pattern may be as long as a name and have stars besides. */
const interfacePattern = z
  .string()
  .min(1)
  .max(31)
  .refine((text) => !/[/:\s]/.test(text), {
    error: 'expected the name of an interface, perhaps with "*": "eth0", "wwan*"',
  });

const macAddressText = z.string().transform((text, context): MacAddress => {
  const isMac = /^[0-9a-fA-F]{2}(:[0-9a-fA-F]{2}){5}$/.test(text);
  const octets = isMac ? text.split(":").map((octet) => Number.parseInt(octet, 16)) : [];
  const address = macAddressFromBytes(Uint8Array.from(octets));
  if (address !== undefined) return address;
  context.issues.push({ code: "custom", input: text, message: 'expected a MAC address: "02:00:5e:10:00:01"' });
  return z.NEVER;
});

/** One `[[backhaul.uplink]]`: which uplink it speaks of, by exactly one of three keys, and what it says of it. */
const uplinkEntry = table({
  interface: interfacePattern.optional(),
  mac: macAddressText.optional(),
  id: z.string().min(1).max(256).optional(),
  name: z
    .string()
    .min(1)
    .max(64)
    .regex(/^[^\p{Cc}\p{Zl}\p{Zp}]*$/u, "must not hold control characters")
    .optional(),
  role: z.enum(["auto", "include", "exclude"]).default("auto"),
  metered: z.boolean().optional(),
  resolvers: z.array(ipAddressText).min(1).max(8).optional(),
  profile: profileName.optional(),
  addresses: z.enum(["found", "dhcp"]).optional(),
});

type WrittenEntry = z.output<typeof uplinkEntry>;

const uplinkEntries = z
  .array(uplinkEntry.transform((written, context) => entryFrom(written, context)))
  .max(256)
  .default([])
  .check((context) => {
    // Entries with faults of their own are not typed yet and cannot be compared.
    if (context.issues.length > 0) return;
    for (const { index, key, reason } of entryFaults(context.value)) {
      context.issues.push({ code: "custom", input: context.value, path: [index, key], message: reason });
    }
  });

function entryFrom(written: WrittenEntry, context: { readonly issues: z.core.$ZodRawIssue[] }): UplinkEntry {
  const { role, name, metered, resolvers, profile, addresses } = written;
  const selectors = selectorsOf(written);
  const [selector] = selectors;
  if (selector === undefined || selectors.length > 1) {
    const message = "expected exactly one of interface, mac and id, to say which uplink is meant";
    context.issues.push({ code: "custom", input: written, message });
    return z.NEVER;
  }
  return { selector, role, label: name, metered, resolvers, profile, addresses };
}

function selectorsOf({ interface: pattern, mac, id }: WrittenEntry): readonly UplinkEntry["selector"][] {
  return [
    ...(pattern === undefined ? [] : [{ kind: "interface", pattern } as const]),
    ...(mac === undefined ? [] : [{ kind: "mac", mac } as const]),
    ...(id === undefined ? [] : [{ kind: "id", id } as const]),
  ];
}

export const backhaulSection: ConfigSection<BackhaulConfig> = {
  name: "backhaul",
  schema: table({
    monitor_only: z.boolean().default(true),
    execute_commands: z.boolean().default(true),
    confirm_within: durationSchema.prefault("60s"),
    drain_grace: durationSchema.prefault("30s"),
    ...healthTables,
    decision_log: decisionLogTable,
    dns: table({ follow: z.boolean().default(true) }),
    uplink: uplinkEntries,
  }),
  secondsAliases: { "probe.interval_secs": "probe.normal.interval" },
  refused: {
    routing_config: "its keys are backhaul.monitor_only and backhaul.execute_commands; tables and priorities are fixed",
  },
};
