/** Schema and defaults of what measures, judges and chooses: `[backhaul.probe]`, `.quality`, `.settling`, `.damping`, `.score`, `.choice`. */
import { type IpAddress, parseIpAddress } from "@ropewalk/kernel/addresses";
import { durationSchema, table } from "@ropewalk/ops/config-schema";
import { z } from "zod";
import type { HealthConfig, ProbeTarget } from "./pure/health/health-config.ts";
import type { ProbeProfileName } from "./status.ts";

export const ipAddressText: z.ZodType<IpAddress, string> = z.string().transform((text, context): IpAddress => {
  const address = parseIpAddress(text);
  if (address !== undefined) return address;
  context.issues.push({ code: "custom", input: text, message: 'expected an IP address: "9.9.9.9", "2620:fe::fe"' });
  return z.NEVER;
});

export const profileName: z.ZodType<ProbeProfileName> = z.enum(["fast", "normal", "eco"]);
const share = z.number().min(0).max(1);
const points = z.number().min(0).max(100_000);

/**
 * Three providers, so that the fault of one is not the uplink's. The first two are the seed's (004 "Health Probing"); each
 * address proves its name, as its operator documents.
 */
const publicTargets: readonly ProbeTarget[] = [
  ["cloudflare", "1.1.1.1", "one.one.one.one"],
  ["google", "8.8.8.8", "dns.google"],
  ["quad9", "9.9.9.9", "dns.quad9.net"],
  ["cloudflare", "2606:4700:4700::1111", "one.one.one.one"],
  ["google", "2001:4860:4860::8888", "dns.google"],
  ["quad9", "2620:fe::fe", "dns.quad9.net"],
].map(([name = "", address = "", tlsName]) => {
  return { name, address: address as IpAddress, port: 443, tlsName };
});

/** The zone's operator publishes them (developers.google.com/speed/public-dns). */
const dnsAddresses: readonly IpAddress[] = ["8.8.8.8", "8.8.4.4", "2001:4860:4860::8888", "2001:4860:4860::8844"].map(
  (address) => address as IpAddress,
);

const target = table({
  name: z.string().min(1).max(64),
  address: ipAddressText,
  port: z.int().min(1).max(65_535).default(443),
  tls_name: z.string().min(1).max(253).optional(),
});

/** Below it timers are no longer kept, above it nobody would wait. */
function durationFrom(least: number, most: number) {
  const words = `expected ${least} to ${most} ms`;
  return durationSchema.refine((value) => value >= least && value <= most, { error: words });
}

const hour = 3_600_000;

function profile(interval: string, cycle: string) {
  return table({
    interval: durationFrom(20, hour).prefault(interval),
    cycle: durationFrom(1_000, 24 * hour).prefault(cycle),
  });
}

type HealthTables = { readonly [Key in keyof HealthConfig]: z.ZodType<HealthConfig[Key]> };

/** Keys of `[backhaul]` that say how uplinks are measured, judged and chosen. */
export const healthTables: HealthTables = {
  mode: z.enum(["failover", "balance"]).default("failover"),
  probe: table({
    enabled: z.boolean().default(true),
    profile: profileName.default("normal"),
    metered_profile: profileName.default("eco"),
    require: z.int().min(1).max(8).default(1),
    target: z
      .array(target)
      .min(1)
      .max(1_000)
      .default([...publicTargets])
      .refine((targets) => new Set(targets.map(({ address }) => address)).size === targets.length, {
        error: "two targets have one address",
      }),
    http: table({
      url: z
        .string()
        .regex(/^http:\/\/[^\s/?#@]+(\/[^\s#]*)?$/, 'expected a plain "http://host/path"')
        .default("http://connectivitycheck.gstatic.com/generate_204"),
      status: z.int().min(100).max(599).default(204),
      body: z.string().max(4_096).default(""),
      enabled: z.boolean().default(true),
    }).transform(({ enabled, ...check }) => (enabled ? check : undefined)),
    dns: table({
      name: z.string().min(1).max(253).default("dns.google"),
      addresses: z
        .array(ipAddressText)
        .max(16)
        .default([...dnsAddresses]),
      enabled: z.boolean().default(true),
    }).transform(({ enabled, ...check }) => (enabled ? check : undefined)),
    ca_file: z.string().min(1).optional(),
    fast: profile("50ms", "10s"),
    normal: profile("1s", "30s"),
    eco: profile("60s", "1h"),
  }),
  quality: table({
    loss_above: share.default(0.05),
    rtt_above: durationSchema.prefault("400ms"),
    dns_above: durationSchema.prefault("1s"),
  }),
  settling: table({
    degrade_after: durationSchema.prefault("2s"),
    recover_after: durationSchema.prefault("10s"),
    return_after: durationSchema.prefault("10s"),
    min_duration: durationSchema.prefault("5s"),
  }),
  damping: table({
    enabled: z.boolean().default(true),
    penalty: points.default(1_000),
    half_life: durationFrom(1, 24 * hour).prefault("15s"),
    suppress_above: points.default(2_000),
    reuse_below: points.default(750),
    max_suppress: durationSchema.prefault("40s"),
  }),
  score: table({
    weight_latency: points.default(300),
    weight_loss: points.default(200),
    weight_success: points.default(500),
    enable_policy_bias: z.boolean().default(true),
    policy_bias_multiplier: z.number().min(0).max(100).default(1),
    max_rtt: durationSchema.prefault("200ms"),
    max_loss: share.default(0.1),
  }),
  choice: table({
    margin: points.default(100),
    better_for: durationSchema.prefault("60s"),
    return_for: durationSchema.prefault("10s"),
  }),
};
