/** The configuration of the whole program: every section there is, and how it is read for one user. */
import { type BackhaulConfig, backhaulSection } from "@ropewalk/backhaul/config";
import { type EntryConfig, entrySection } from "@ropewalk/entry/config";
import { describeError } from "@ropewalk/kernel/errors";
import { type MeshConfig, meshSection } from "@ropewalk/mesh/config";
import { type ConfigResult, type LoadedConfig, loadConfig } from "@ropewalk/ops/config";
import { type ConfigFault, describeFault } from "@ropewalk/ops/config-fault";
import { readConfigFile, readSecretFile } from "@ropewalk/ops/config-file";
import type { ConfigSection } from "@ropewalk/ops/config-section";
import { type LogConfig, logSection } from "@ropewalk/ops/log-section";
import { type TunnelConfig, tunnelSection } from "@ropewalk/tunnel/config";
import { type CoreConfig, coreSection } from "@ropewalk/vpn/node/config";
import { AppError } from "./errors.ts";
import { type NodeConfig, nodeSection } from "./node-config.ts";
import { type ConfigPath, configPath, type PathsInput } from "./paths.ts";

/** A type, not an interface: only types have the index signature that `Sections` asks for. */
export type AppSections = {
  readonly node: ConfigSection<NodeConfig>;
  readonly log: ConfigSection<LogConfig>;
  readonly backhaul: ConfigSection<BackhaulConfig>;
  readonly tunnel: ConfigSection<TunnelConfig>;
  readonly mesh: ConfigSection<MeshConfig | undefined>;
  readonly core: ConfigSection<CoreConfig>;
  readonly entry: ConfigSection<EntryConfig>;
};

const sections: AppSections = {
  node: nodeSection,
  log: logSection,
  backhaul: backhaulSection,
  tunnel: tunnelSection,
  mesh: meshSection,
  core: coreSection,
  entry: entrySection,
};

/** Names that start like configuration and are none. */
const otherNames = ["ROPEWALK_CONFIG", "ROPEWALK_STATE_DIR", "ROPEWALK_RUNTIME_DIR"];

export interface ReadConfiguration {
  readonly file: ConfigPath;
  /** False when the default file is absent and the defaults hold. */
  readonly hasFile: boolean;
  readonly result: ConfigResult<AppSections>;
}

/** Reads and checks; faults of the file itself (absent though named, unreadable) are in the result like all others. */
export function readConfiguration(input: PathsInput, named: string | undefined): ReadConfiguration {
  const file = configPath(input, named);
  const fault = (reason: string): ReadConfiguration => ({
    file,
    hasFile: true,
    result: { kind: "faults", faults: [{ path: "", value: undefined, reason, origin: file.path }] },
  });
  try {
    const text = readConfigFile(file.path);
    if (text === undefined && file.isNamed) return fault("there is no such file");
    const source = text === undefined ? {} : { text };
    const result = loadConfig({ sections, ...source, env: input.environment, readSecretFile, otherNames });
    return { file, hasFile: text !== undefined, result };
  } catch (error) {
    return fault(describeError(error));
  }
}

/** The configuration, or APP_CONFIG with every fault in its message. */
export function requireConfiguration(read: ReadConfiguration): LoadedConfig<AppSections> {
  if (read.result.kind === "ok") return read.result;
  throw new AppError("APP_CONFIG", faultsText(read.result.faults));
}

export function faultsText(faults: readonly ConfigFault[]): string {
  const heading =
    faults.length === 1 ? "the configuration has a fault:" : `the configuration has ${faults.length} faults:`;
  return [heading, ...faults.map((fault) => `  ${describeFault(fault)}`)].join("\n");
}
