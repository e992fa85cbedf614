/** `[tunnel.destination]`: where sources reach it, and what they may reach through it. That it is there makes this end a destination. */
import { type Prefix, parseIpAddress } from "@ropewalk/kernel/addresses";
import type { Millis } from "@ropewalk/kernel/units";
import { hostPort, type ListenText, listenText, port } from "@ropewalk/ops/config-places";
import { optionalTable, table } from "@ropewalk/ops/config-schema";
import { z } from "zod";
import type { AllowedTarget } from "../pure/allow-list.ts";
import type { Service } from "../pure/services.ts";
import { hostPattern, networkText, portRange } from "./network-texts.ts";
import { durationWithin } from "./session-table.ts";
import { serviceName } from "./source-table.ts";

export interface DestinationConfig {
  /** At least one; `listeningPlace` reads them. */
  readonly listen: readonly ListenText[];
  /** To one target, its name looked up and every address tried. */
  readonly connectWithin: Millis;
  /** That one source may have: a source has one, and for a while those that it has left without a word. */
  readonly maxSessionsPerSource: number;
  /** Of all sources together. */
  readonly maxSessions: number;
  readonly service: readonly Service[];
  readonly allowTarget: readonly AllowedTarget[];
}

const service = table({
  name: serviceName,
  port: port.optional(),
  target: hostPort,
  max_connections: z.int().min(1).max(65_536).default(100),
}).transform((written): Service => ({ ...written, port: written.port }));

const allowTarget = table({
  host: hostPattern.optional(),
  cidr: networkText.optional(),
  ports: z.array(portRange).min(1).max(64),
}).transform((written, context): AllowedTarget => {
  const { host, cidr, ports } = written;
  const ownNetworks = host === undefined ? undefined : networksOf(host);
  if (ownNetworks !== undefined && cidr === undefined) return { host: undefined, networks: ownNetworks, ports };
  if (ownNetworks === undefined && (host !== undefined || cidr !== undefined)) {
    return { host, networks: cidr === undefined ? [] : [cidr], ports };
  }
  const message =
    cidr === undefined
      ? "expected host, cidr or both, to say which targets are meant"
      : "is an address already: cidr narrows names only; keep one of host and cidr";
  context.issues.push({ code: "custom", input: written, path: cidr === undefined ? [] : ["host"], message });
  return z.NEVER;
});

/** An address is a network of one, and localhost is nothing that is looked up (RFC 6761 §6.3). */
function networksOf(host: string): readonly Prefix[] | undefined {
  const texts = host === "localhost" ? ["127.0.0.1", "::1"] : [host];
  const networks = texts.flatMap((text) => {
    const address = parseIpAddress(text);
    return address === undefined ? [] : [{ address, length: address.includes(":") ? 128 : 32 }];
  });
  return networks.length === 0 ? undefined : networks;
}

const services = z
  .array(service)
  .max(1024)
  .default([])
  .check((context) => {
    if (context.issues.length > 0) return;
    for (const [index, { name, port }] of context.value.entries()) {
      const before = context.value.slice(0, index);
      const taken = {
        name: before.findIndex((other) => other.name === name),
        port: port === undefined ? -1 : before.findIndex((other) => other.port === port),
      };
      for (const [key, earlier] of Object.entries(taken)) {
        if (earlier < 0) continue;
        const message = `destination.service[${earlier}] has this ${key} already`;
        context.issues.push({ code: "custom", input: context.value, path: [index, key], message });
      }
    }
  });

export const destinationTable: z.ZodType<DestinationConfig | undefined> = optionalTable({
  listen: z.array(listenText).min(1).max(64).prefault(["0.0.0.0:8443"]),
  connect_within: durationWithin(100, 300_000, "100 ms to 5 minutes").prefault("5s"),
  max_sessions_per_source: z.int().min(1).max(1024).default(16),
  max_sessions: z.int().min(1).max(65_536).default(1024),
  service: services,
  allow_target: z.array(allowTarget).max(1024).default([]),
});
