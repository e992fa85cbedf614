/** Which files a daemon of the tunnel proves itself by: all of them are in its configuration, or it does not start. */
import type { TunnelConfig } from "@ropewalk/tunnel/config";
import type { IdentityFiles } from "@ropewalk/tunnel/io/identity";
import { AppError } from "../../errors.ts";
import type { TunnelRole } from "../../paths.ts";

/** Throws APP_CONFIG with everything that is missing for this role. */
export function identityFiles(config: TunnelConfig, role: TunnelRole): IdentityFiles {
  const { certificate, key, kemKey, authorities, revocationLists, mode } = config;
  const isHybrid = mode === "hybrid";
  const missing = [
    ...(config[role] === undefined ? [`[tunnel.${role}], which makes this end a ${role}`] : []),
    ...(certificate === undefined ? ["tunnel.certificate"] : []),
    ...(key === undefined ? ["tunnel.key"] : []),
    ...(isHybrid && kemKey === undefined ? ['tunnel.kem_key (or tunnel.mode = "mlkem768" at both ends)'] : []),
    ...(authorities.length === 0 ? ["tunnel.authorities"] : []),
  ];
  if (certificate === undefined || key === undefined || missing.length > 0) {
    const advice = "docs/operating/certificates.md says how to make them, docs/operating/tunnel.md where they go";
    throw new AppError("APP_CONFIG", `the configuration lacks ${missing.join(", ")}; ${advice}`);
  }
  return { certificate, key, kemKey: isHybrid ? kemKey : undefined, authorities, revocationLists };
}
