/** What an exit needs before anything of it is made: settings, files that are its own, and the right to change the machine. */
import { statSync } from "node:fs";
import { dirname } from "node:path";
import { readAbilities } from "@ropewalk/host/linux/abilities";
import type { Native } from "@ropewalk/host/linux/native";
import type { HostPort } from "@ropewalk/kernel/host-port";
import type { SecretBytes } from "@ropewalk/kernel/secret-bytes";
import type { CoreConfig } from "@ropewalk/vpn/node/config";
import { type GuardedFile, lackingSettings, productionFaults } from "@ropewalk/vpn/node/pure/guardrails";
import { AppError } from "../../errors.ts";
import type { ControlFiles } from "./control-identity.ts";

export interface RequiredSettings {
  readonly endpoint: HostPort;
  readonly files: ControlFiles;
}

/** Throws APP_CONFIG with everything that is missing. */
export function requireSettings(core: CoreConfig): RequiredSettings {
  const { endpoint, control } = core;
  const { certificate, key, authorities } = control;
  const missing = lackingSettings(core);
  if (endpoint === undefined || certificate === undefined || key === undefined || missing.length > 0) {
    throw new AppError(
      "APP_CONFIG",
      `the configuration lacks ${missing.join(", ")}; docs/operating/vpn-exit.md says how to come by them`,
    );
  }
  return { endpoint, files: { certificate, key, authorities } };
}

/** Throws APP_PERMISSION. */
export function requirePrivilege(native: Native): void {
  if (readAbilities(native).netAdmin) return;
  throw new AppError(
    "APP_PERMISSION",
    "an exit makes an interface and a firewall, and needs CAP_NET_ADMIN: run it as root, or by deploy/systemd/ropewalk-core.service",
  );
}

export interface ProductionParts {
  readonly uid: number;
  /** Besides those of control: the key of the device, and the configuration where there is a file. */
  readonly paths: readonly string[];
  readonly key: SecretBytes;
}

/** Throws APP_CONFIG with all that an exit in production does not start with; elsewhere nothing is asked. */
export function requireProduction(core: CoreConfig, { uid, paths, key }: ProductionParts): void {
  if (core.environment !== "production") return;
  const files = [...paths, ...paths.map(dirname)].map(guardedFile);
  const faults = productionFaults(core, { uid, files, privateKey: key.reveal().toBase64() });
  if (faults.length === 0) return;
  const lines = faults.map((fault) => `  ${fault}`);
  throw new AppError(
    "APP_CONFIG",
    ["this exit does not start in production (core.environment, APP_ENV):", ...lines].join("\n"),
  );
}

function guardedFile(path: string): GuardedFile {
  const { uid: owner, mode } = statSync(path);
  return { path, owner, mode };
}
