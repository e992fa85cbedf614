/** `[tunnel.source]`: where the destinations are, and what is exposed here. That it is there makes this end a source. */
import type { IpAddress } from "@ropewalk/kernel/addresses";
import { formatHostPort, type HostPort } from "@ropewalk/kernel/host-port";
import type { Millis } from "@ropewalk/kernel/units";
import { hostPort, ipAddressText, port } from "@ropewalk/ops/config-places";
import { optionalTable, table } from "@ropewalk/ops/config-schema";
import { z } from "zod";
import type { WrittenExposure } from "../pure/exposures.ts";
import { isServiceName, type ServiceName } from "../pure/services.ts";
import { durationWithin } from "./session-table.ts";

export interface SourceConfig {
  /** In order of preference; at least one. */
  readonly destinations: readonly HostPort[];
  /** Of which a destination's certificate must have one; none: the host that it was reached by. */
  readonly serverNames: readonly string[];
  /** Of exposed ports that do not say. */
  readonly listen: IpAddress;
  /** To one destination, until the session is there. */
  readonly connectWithin: Millis;
  readonly reconnect: ReconnectConfig;
  /** Each goes, without service and target, where the destination has that port. */
  readonly expose: readonly WrittenExposure[];
}

export interface ReconnectConfig {
  readonly first: Millis;
  readonly longest: Millis;
  readonly breaker: BreakerConfig;
}

/** So many attempts within `window` that were refused, or found no answer: then one attempt each `pause`, until one succeeds. */
export interface BreakerConfig {
  readonly restarts: number;
  readonly window: Millis;
  readonly pause: Millis;
}

const hour = 3_600_000;

export const serviceName: z.ZodType<ServiceName> = z.string().refine(isServiceName, {
  error: 'expected a name of at most 64 lower-case letters, digits, ".", "_" and "-": "db"',
});

const breaker = table({
  restarts: z.int().min(1).max(1000).default(5),
  window: durationWithin(1_000, hour, "1 second to 1 hour").prefault("1m"),
  pause: durationWithin(1_000, hour, "1 second to 1 hour").prefault("30s"),
});

const reconnect = table({
  first: durationWithin(10, 60_000, "10 ms to 1 minute").prefault("100ms"),
  longest: durationWithin(10, hour, "10 ms to 1 hour").prefault("30s"),
  breaker,
}).refine(({ first, longest }) => first <= longest, {
  path: ["longest"],
  error: "must not be shorter than reconnect.first",
});

const exposedPort = table({
  port,
  listen: ipAddressText.optional(),
  service: serviceName.optional(),
  target: hostPort.optional(),
  max_connections: z.int().min(1).max(65_536).default(1000),
}).refine(({ service, target }) => service === undefined || target === undefined, {
  path: ["target"],
  error: "the entry names a service already: keep one of service and target",
});

const destinations = z
  .array(hostPort)
  .min(1)
  .max(16)
  .check((context) => {
    if (context.issues.length > 0) return;
    const seen = new Map<string, number>();
    for (const [index, place] of context.value.entries()) {
      const earlier = seen.getOrInsert(formatHostPort(place), index);
      if (earlier === index) continue;
      const message = `is source.destinations[${earlier}] already: keep one`;
      context.issues.push({ code: "custom", input: context.value, path: [index], message });
    }
  });

export const sourceTable: z.ZodType<SourceConfig | undefined> = optionalTable({
  destinations,
  server_names: z.array(z.string().min(1).max(512)).max(64).default([]),
  listen: ipAddressText.prefault("127.0.0.1"),
  connect_within: durationWithin(100, 300_000, "100 ms to 5 minutes").prefault("10s"),
  reconnect,
  expose: z.array(exposedPort).max(1024).default([]),
});
