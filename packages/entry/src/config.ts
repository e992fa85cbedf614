/**
 * The `[entry]` table: where the control plane's database is, where it is asked, who may be asked by what keys, and how nodes and it prove themselves.
 * Every key has a value or is made at the first start: a machine that runs no entry has no faults here.
 */
import { familyOf, isLoopback, type Prefix, parseIpAddress, parsePrefix } from "@ropewalk/kernel/addresses";
import type { Millis } from "@ropewalk/kernel/units";
import { type ListenText, listeningPlace, listenText, reading } from "@ropewalk/ops/config-places";
import { durationSchema, table } from "@ropewalk/ops/config-schema";
import type { ConfigSection } from "@ropewalk/ops/config-section";
import { type Secret, secretSchema } from "@ropewalk/ops/secret";
import { z } from "zod";
import { formerVariables, refusedVariables } from "./config/former-variables.ts";

export interface EntryConfig {
  /** In production what is for trials only is refused. */
  readonly environment: "development" | "production";
  /** `url`: undefined: a database of its own. */
  readonly database: { readonly url: Secret | undefined };
  readonly http: EntryHttpConfig;
  /** Undefined: one of its own, in a file of the state folder. */
  readonly admin: { readonly keys: Secret | undefined };
  readonly tokens: TokensConfig;
  /** Of which preshared keys are derived; undefined: one of its own. */
  readonly preshared: { readonly secret: Secret | undefined };
  readonly nodes: NodesConfig;
  /** For which it is known who did what. */
  readonly audit: { readonly retention: Millis };
}

export interface EntryHttpConfig {
  readonly listen: ListenText;
  /** PEM; both or none. */
  readonly certificate: string | undefined;
  readonly key: string | undefined;
  /** Proxies that are believed of whom they ask for. */
  readonly trustedProxies: readonly Prefix[];
  readonly networkRate: number;
  readonly networkBurst: number;
  readonly customerRate: number;
  readonly customerBurst: number;
}

export interface TokensConfig {
  /** "kid:secret,…"; undefined: one of its own. */
  readonly keys: Secret | undefined;
  readonly activeKid: string | undefined;
  readonly lifetime: Millis;
  readonly issuer: string;
  readonly audience: string;
}

export interface NodesConfig {
  /** Where nodes tell of themselves, by gRPC over mutual TLS. */
  readonly listen: ListenText | "off";
  readonly certificate: string | undefined;
  readonly key: string | undefined;
  readonly authorities: readonly string[];
  /** Nodes that were not heard of for longer are given nothing. */
  readonly freshness: Millis;
}

const file = z.string().min(1).max(4096);
const name = z.string().min(1).max(128);
const rate = z.number().positive().max(1_000_000);
const burst = z.int().min(1).max(1_000_000);

/** Who trusts everybody trusts what anybody says of himself. */
const networkText = reading((text) => {
  const address = parseIpAddress(text);
  const written = address === undefined ? text : `${text}/${familyOf(address) === "ipv4" ? 32 : 128}`;
  const prefix = parsePrefix(written);
  return prefix?.length === 0 ? undefined : prefix;
}, 'an address or a network: "10.0.0.5", "10.0.0.0/8", "2001:db8::/32"');

const shape = {
  environment: z.enum(["development", "production"]).default("development"),
  database: table({ url: secretSchema.optional() }),
  http: table({
    listen: listenText.prefault("127.0.0.1:7440"),
    certificate: file.optional(),
    key: file.optional(),
    trusted_proxies: z.array(networkText).max(256).default([]),
    network_rate: rate.default(2000),
    network_burst: burst.default(4000),
    customer_rate: rate.default(20),
    customer_burst: burst.default(60),
  }),
  admin: table({ keys: secretSchema.optional() }),
  tokens: table({
    keys: secretSchema.optional(),
    active_kid: z
      .string()
      .regex(/^[A-Za-z0-9._-]{1,64}$/)
      .optional(),
    lifetime: durationSchema
      .refine((lifetime) => lifetime >= 1000 && lifetime <= 86_400_000, "expected 1 second to 1 day")
      .prefault("15m"),
    issuer: name.default("ropewalk-entry"),
    audience: name.default("ropewalk-entry"),
  }),
  preshared: table({ secret: secretSchema.optional() }),
  nodes: table({
    listen: z.union([z.literal("off"), listenText]).prefault("off"),
    certificate: file.optional(),
    key: file.optional(),
    authorities: z.array(file).max(64).default([]),
    freshness: durationSchema
      .refine((freshness) => freshness >= 4000 && freshness <= 3_600_000, "expected 4 seconds to 1 hour")
      .prefault("60s"),
  }),
  audit: table({
    retention: durationSchema
      .refine((retention) => retention >= 86_400_000 && retention <= 3_660 * 86_400_000, "expected 1 day to 3660 days")
      .prefault("400d"),
  }),
};

const schema = table(shape).check((context) => {
  if (context.issues.length > 0) return;
  for (const { path, reason } of faultsOf(context.value as EntryConfig))
    context.issues.push({ code: "custom", input: context.value, path: [...path], message: reason });
});

interface Fault {
  readonly path: readonly string[];
  readonly reason: string;
}

function faultsOf({ http, nodes }: EntryConfig): readonly Fault[] {
  const faults: Fault[] = [];
  if ((http.certificate === undefined) !== (http.key === undefined))
    faults.push({ path: ["http", "certificate"], reason: "a certificate needs its key, and a key its certificate" });
  const isBeyond = !isLoopback(listeningPlace(http.listen).address);
  if (isBeyond && http.certificate === undefined && http.trustedProxies.length === 0)
    faults.push({
      path: ["http", "listen"],
      reason:
        "plain HTTP beyond loopback shows keys to whoever listens: give entry.http.certificate and key, or entry.http.trusted_proxies, which alone are answered then",
    });
  if (
    nodes.listen !== "off" &&
    (nodes.certificate === undefined || nodes.key === undefined || nodes.authorities.length === 0)
  )
    faults.push({
      path: ["nodes", "listen"],
      reason: "nodes and entry prove themselves by certificates: entry.nodes.certificate, key and authorities",
    });
  return faults;
}

export const entrySection: ConfigSection<EntryConfig> = {
  name: "entry",
  schema: schema as z.ZodType<EntryConfig>,
  formerVariables,
  refusedVariables,
  secondsAliases: { "nodes.freshness_secs": "nodes.freshness" },
};
