/**
 * The `[tunnel]` table: who this end is, whom it lets in, how much strangers may cost, what a session may; and, where they
 * are there, what a source exposes and what a destination offers.
 */
import type { Millis } from "@ropewalk/kernel/units";
import { durationSchema, table } from "@ropewalk/ops/config-schema";
import type { ConfigSection } from "@ropewalk/ops/config-section";
import { z } from "zod";
import { type DestinationConfig, destinationTable } from "./config/destination-table.ts";
import { formerKeys, formerSeconds, formerTables } from "./config/former-keys.ts";
import { type HttpConfig, httpTable } from "./config/http-table.ts";
import { listeningFaults } from "./config/listening-faults.ts";
import { type SessionConfig, sessionFaults, sessionShape } from "./config/session-table.ts";
import { type SourceConfig, sourceTable } from "./config/source-table.ts";
import type { Mode } from "./pure/handshake/message.ts";

export interface TunnelConfig extends SessionConfig {
  /** PEM or DER, this end's own first. */
  readonly certificate: string | undefined;
  readonly key: string | undefined;
  /** The McEliece key that mode hybrid needs, as `ropewalk cert --out-kem-key` writes it. */
  readonly kemKey: string | undefined;
  readonly authorities: readonly string[];
  /** Where there is one, there must be one of every CA. */
  readonly revocationLists: readonly string[];
  readonly mode: Mode;
  /** Names of certificates of which a peer's must have one; undefined lets in whoever a CA signed for the role. */
  readonly allow: readonly string[] | undefined;
  readonly handshake: HandshakeLimits;
  readonly http: HttpConfig;
  /** Undefined: this end is none. */
  readonly source: SourceConfig | undefined;
  /** Undefined: this end is none. */
  readonly destination: DestinationConfig | undefined;
}

export interface HandshakeLimits {
  /** Until it is known who the peer is. */
  readonly within: Millis;
  /** Connections that have not sent their first message whole. */
  readonly unheard: number;
  /** Handshakes whose peer is not known yet. */
  readonly begun: number;
  /** New ones each second from one network: an IPv4 /24, an IPv6 /56. */
  readonly rate: number;
  /** How many may come from there at once. */
  readonly burst: number;
}

const file = z.string().min(1).max(4096);
const name = z.string().min(1).max(512);

const shape = {
  certificate: file.optional(),
  key: file.optional(),
  kem_key: file.optional(),
  authorities: z.array(file).max(64).default([]),
  revocation_lists: z.array(file).max(64).default([]),
  mode: z.enum(["hybrid", "mlkem768"]).default("hybrid"),
  allow: z
    .array(name)
    .min(1, { error: "an empty list lets nobody in; leave it out to let in whoever the CA signed for the role" })
    .max(10_000)
    .optional(),
  handshake: table({
    within: durationSchema.prefault("10s"),
    unheard: z.int().min(1).max(4096).default(256),
    begun: z.int().min(1).max(1024).default(96),
    rate: z.number().positive().max(10_000).default(20),
    burst: z.int().min(1).max(10_000).default(40),
  }),
  ...sessionShape,
  http: httpTable,
  source: sourceTable,
  destination: destinationTable,
};

const schema = table(shape).check((context) => {
  // What has faults of its own is not typed yet and cannot be compared.
  if (context.issues.length > 0) return;
  const config = context.value as TunnelConfig;
  for (const { path, reason } of [...sessionFaults(config), ...listeningFaults(config)]) {
    context.issues.push({ code: "custom", input: context.value, path: [...path], message: reason });
  }
});

export const tunnelSection: ConfigSection<TunnelConfig> = {
  name: "tunnel",
  schema: schema as z.ZodType<TunnelConfig>,
  refused: formerKeys,
  secondsAliases: formerSeconds,
  formerTables,
};
