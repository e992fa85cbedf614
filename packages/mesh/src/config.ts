/** The `[mesh]` table: that it is there makes the node part of a mesh. Every key of it has a default. */
import { InternalError } from "@ropewalk/kernel/errors";
import type { HostPort } from "@ropewalk/kernel/host-port";
import type { Millis } from "@ropewalk/kernel/units";
import { hostPort, type ListenText, listenText, reading } from "@ropewalk/ops/config-places";
import { durationSchema, optionalTable, type TableOutput, table } from "@ropewalk/ops/config-schema";
import type { ConfigSection } from "@ropewalk/ops/config-section";
import { z } from "zod";
import { formerKeys, formerSeconds } from "./config/former-keys.ts";
import { type LimitsConfig, limitsTable } from "./config/limits.ts";
import { type PresetName, presetNames, presets } from "./config/presets.ts";
import { type StoreConfig, storeTable } from "./config/store.ts";
import { type MeshAddress, parseMeshAddress } from "./pure/mesh-address.ts";
import { mostHops } from "./pure/wire/announce.ts";
import type { NodeKind } from "./pure/wire/link-frame.ts";

export interface MeshConfig {
  /** What holds for the keys that are not given. */
  readonly preset: PresetName;
  /** Whom it gives its own internet to. */
  readonly kind: NodeKind;
  readonly identity: IdentityConfig;
  readonly announce: AnnounceConfig;
  readonly routing: RoutingConfig;
  readonly transport: TransportConfig;
  readonly discovery: DiscoveryConfig;
  readonly limits: LimitsConfig;
  readonly store: StoreConfig;
  /** Who is dialled, whether he is discovered or not. */
  readonly peer: readonly PeerConfig[];
}

export interface IdentityConfig {
  /** Undefined: a file in the node's state folder, which is made where there is none. */
  readonly file: string | undefined;
  /** Its first line opens the file. */
  readonly passphraseFile: string | undefined;
}

export interface AnnounceConfig {
  readonly interval: Millis;
  /** For which an announce holds without another; whole seconds. */
  readonly maxAge: Millis;
  readonly maxHops: number;
}

export interface RoutingConfig {
  readonly maxRoutes: number;
  /** Whose routes never give way to others'. */
  readonly contacts: readonly MeshAddress[];
}

export interface TransportConfig {
  /** "[::]" takes IPv4 too, and is "0.0.0.0" on a machine without IPv6. None: nobody can dial this node. */
  readonly listen: readonly ListenText[];
  /** Neighbours at a time. */
  readonly maxLinks: number;
}

export interface DiscoveryConfig {
  /** Whether it says on its own networks that it is there, and dials who says so. */
  readonly enabled: boolean;
  /** Of those who do, so many are dialled: the nearest by address, and some by chance. */
  readonly maxPeers: number;
}

export interface PeerConfig {
  readonly at: HostPort;
  /** Who must be there; undefined: whoever is. */
  readonly address: MeshAddress | undefined;
}

const file = z.string().min(1).max(4096);
const meshAddress = reading(parseMeshAddress, "an address in the mesh: 32 hexadecimal digits");
const hour = 3_600_000;

function between(least: number, most: number, words: string) {
  return durationSchema.refine((value) => value >= least && value <= most, { error: `expected ${words}` });
}

const interval = between(1_000, 24 * hour, "1 second to 24 hours").optional();
/** What sixteen bits of an announce hold. */
const maxAge = between(1_000, 18 * hour, "1 second to 18 hours")
  .refine((value) => value % 1000 === 0, { error: "expected whole seconds" })
  .optional();

const shape = {
  preset: z.enum(presetNames).default("usual"),
  kind: z.enum(["standard", "open", "universal"]).default("standard"),
  identity: table({ file: file.optional(), passphrase_file: file.optional() }),
  announce: table({ interval, max_age: maxAge, max_hops: z.int().min(1).max(mostHops).default(mostHops) }),
  routing: table({
    max_routes: z.int().min(16).max(1_000_000).optional(),
    contacts: z.array(meshAddress).max(1024).default([]),
  }),
  transport: table({
    listen: z.array(listenText).max(16).prefault(["[::]:7412"]),
    max_links: z.int().min(1).max(1024).optional(),
  }),
  discovery: table({ enabled: z.boolean().default(true), max_peers: z.int().min(2).max(256).optional() }),
  limits: limitsTable,
  store: storeTable,
  peer: z
    .array(table({ at: hostPort, address: meshAddress.optional() }))
    .max(256)
    .default([]),
};

function withPreset(written: TableOutput<typeof shape>): MeshConfig {
  const preset = presets[written.preset];
  const { announce, routing, transport, discovery } = written;
  return {
    ...written,
    announce: {
      ...announce,
      interval: announce.interval ?? preset.interval,
      maxAge: announce.maxAge ?? preset.maxAge,
    },
    routing: { ...routing, maxRoutes: routing.maxRoutes ?? preset.maxRoutes },
    transport: { ...transport, maxLinks: transport.maxLinks ?? preset.maxLinks },
    discovery: { ...discovery, maxPeers: discovery.maxPeers ?? preset.maxPeers },
  };
}

const schema = optionalTable(shape).transform((written, context): MeshConfig | undefined => {
  const config = written && withPreset(written);
  if (config === undefined || config.announce.maxAge > config.announce.interval) return config;
  const message = "must be longer than mesh.announce.interval: routes would run out before they are announced again";
  context.issues.push({ code: "custom", input: written, path: ["announce", "max_age"], message });
  return z.NEVER;
});

/** Undefined: the node is part of no mesh. */
export const meshSection: ConfigSection<MeshConfig | undefined> = {
  name: "mesh",
  schema,
  refused: formerKeys,
  secondsAliases: formerSeconds,
};

/** For programs of their own: `written` is what the table would hold, in its names. Throws a ZodError that says what is wrong. */
export function meshConfig(written: Readonly<Record<string, unknown>>): MeshConfig {
  const config = schema.parse(written);
  if (config === undefined) throw new InternalError("a table that is there makes a mesh");
  return config;
}
