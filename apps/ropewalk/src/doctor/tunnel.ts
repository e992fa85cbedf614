/** What would keep an end of the tunnel from its work: descriptors, ports, a certificate for the other role. Nothing where none is configured. */

import { listeningPlace } from "@ropewalk/ops/config-places";
import type { TunnelConfig } from "@ropewalk/tunnel/config";
import type { FileReading } from "@ropewalk/tunnel/io/certificate-files";
import { exposuresOf } from "@ropewalk/tunnel/pure/exposures";
import type { TunnelRole } from "../paths.ts";
import { type Finding, good, lack } from "./finding.ts";
import type { MachineLimits } from "./machine-limits.ts";

/** Besides those of streams: listeners, the API, files, threads. */
const besides = 128;

export function tunnelFindings(
  config: TunnelConfig,
  files: readonly FileReading[],
  limits: MachineLimits,
): readonly Finding[] {
  const roles = (["source", "destination"] as const).filter((role) => config[role] !== undefined);
  if (roles.length === 0) return [];
  return [
    descriptorFinding(config, limits),
    ...portFindings(config, limits),
    ...roles.flatMap((role) => roleFindings(role, files)),
    ...identityFindings(config),
  ];
}

function descriptorFinding({ maxStreams }: TunnelConfig, { descriptors }: MachineLimits): Finding {
  const needed = maxStreams + besides;
  const may = descriptors === undefined ? "unknown" : String(descriptors);
  const name = "open files";
  if (descriptors === undefined || descriptors >= needed) {
    return good("tunnel", name, `this process may have ${may}; tunnel.max_streams = ${maxStreams} takes ${needed}`);
  }
  const cure = `LimitNOFILE= of the unit, or ulimit -n ${needed}; or a smaller tunnel.max_streams`;
  const text = `this process may have ${may}, and tunnel.max_streams = ${maxStreams} takes ${needed}`;
  return lack("tunnel", name, text, "beyond that connections wait until others have ended", cure);
}

function portFindings(
  { source, destination }: TunnelConfig,
  { firstFreePort, mayBindAnyPort }: MachineLimits,
): readonly Finding[] {
  const places = [
    ...(source === undefined ? [] : exposuresOf(source.expose, source.listen)),
    ...(destination?.listen ?? []).map(listeningPlace),
  ];
  const low = places.filter(({ port }) => port < firstFreePort).map(({ address, port }) => `${address} port ${port}`);
  if (low.length === 0 || mayBindAnyPort) return [];
  const cure = "AmbientCapabilities=CAP_NET_BIND_SERVICE in the unit, root, or other ports";
  const text = `ports below ${firstFreePort} are for the privileged, and this user is not: ${low.join(", ")}`;
  return [lack("tunnel", "low ports", text, "the tunnel does not start with them", cure)];
}

const usages: Readonly<Record<TunnelRole, readonly [usage: string, command: string]>> = {
  source: ["clientAuth", "ropewalk cert client"],
  destination: ["serverAuth", "ropewalk cert server"],
};

function roleFindings(role: TunnelRole, files: readonly FileReading[]): readonly Finding[] {
  const own = files.find(({ kind }) => kind === "own");
  if (own?.kind !== "own") return [];
  const [leaf] = own.certificates;
  const [usage, command] = usages[role];
  const isFit = leaf?.extendedKeyUsages?.some((each) => each === usage) ?? false;
  const name = `certificate of the ${role}`;
  if (isFit) return [good("tunnel", name, `${own.path} is for ${usage}, as a ${role}'s must be`)];
  const cost = "the other end refuses it: wrong-role";
  return [lack("tunnel", name, `${own.path} is not for ${usage}`, cost, `have one issued where the CA is: ${command}`)];
}

function identityFindings({ certificate, key, kemKey, authorities, mode }: TunnelConfig): readonly Finding[] {
  const missing = [
    ...(certificate === undefined ? ["certificate"] : []),
    ...(key === undefined ? ["key"] : []),
    ...(authorities.length === 0 ? ["authorities"] : []),
    ...(mode === "hybrid" && kemKey === undefined ? ["kem_key"] : []),
  ];
  if (missing.length === 0) return [];
  const text = `[tunnel] does not say ${missing.join(", ")}`;
  const cure = "ropewalk cert makes them: docs/operating/certificates.md";
  return [lack("tunnel", "identity", text, "the tunnel does not start", cure)];
}
