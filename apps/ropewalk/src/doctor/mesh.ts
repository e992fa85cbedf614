/** What would keep a node from the mesh: a key that cannot be used, ports that it may not have. Nothing where no mesh is configured. */
import { isLoopback } from "@ropewalk/kernel/addresses";
import { describeError } from "@ropewalk/kernel/errors";
import type { MeshConfig } from "@ropewalk/mesh/config";
import type { IdentityFacts } from "@ropewalk/mesh/io/identity-file";
import { listeningPlace } from "@ropewalk/ops/config-places";
import { ownIdentityFile } from "../paths.ts";
import { type Finding, good, lack, note } from "./finding.ts";
import type { MachineLimits } from "./machine-limits.ts";

export interface MeshFiles {
  readonly exists: (path: string) => boolean;
  /** Throws what is wrong with the file. */
  readonly identity: (path: string) => IdentityFacts;
}

export function meshFindings(
  config: MeshConfig | undefined,
  stateDirectory: string,
  files: MeshFiles,
  limits: MachineLimits,
): readonly Finding[] {
  if (config === undefined) return [];
  return [identityFinding(config, ownIdentityFile(stateDirectory), files), ...placeFindings(config, limits)];
}

const cost = "the node runs, and is part of no mesh";

function identityFinding({ identity }: MeshConfig, ownFile: string, files: MeshFiles): Finding {
  const name = "identity";
  const path = identity.file ?? ownFile;
  if (identity.file === undefined && !files.exists(path))
    return note("mesh", name, `${path} is not there; the first start makes it`);
  try {
    const { address, isSealed } = files.identity(path);
    const cure = "mesh.identity.passphrase_file names the file whose first line opens it";
    if (isSealed && identity.passphraseFile === undefined)
      return lack("mesh", name, `${path} is sealed with a passphrase, and none is given`, cost, cure);
    return good("mesh", name, `this node is ${address}, by ${path}`);
  } catch (error) {
    return lack(
      "mesh",
      name,
      describeError(error),
      cost,
      "ropewalk mesh id show says what is in a file, and id new makes one",
    );
  }
}

function placeFindings({ transport, discovery }: MeshConfig, limits: MachineLimits): readonly Finding[] {
  const places = transport.listen.map(listeningPlace);
  const low = places.filter(({ port }) => port !== 0 && port < limits.firstFreePort).map(({ port }) => port);
  const isBarred = low.length > 0 && !limits.mayBindAnyPort;
  const barred = `ports below ${limits.firstFreePort} are for the privileged, and this user is not: ${low.join(", ")}`;
  const isHeard = places.some(({ address }) => !isLoopback(address));
  const unheard = "discovery is on, and links are accepted from this machine alone, so nobody is told of it";
  return [
    ...(isBarred ? [lack("mesh", "low ports", barred, cost, "other ports in mesh.transport.listen")] : []),
    ...(discovery.enabled && !isHeard ? [note("mesh", "discovery", unheard)] : []),
  ];
}
