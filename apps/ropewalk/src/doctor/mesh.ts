/** What would keep a node from the mesh: a key that cannot be used, ports that it may not have; and what became of its messages. Nothing where no mesh is configured. */
import { join } from "node:path";
import { isLoopback } from "@ropewalk/kernel/addresses";
import { describeError } from "@ropewalk/kernel/errors";
import type { MeshConfig } from "@ropewalk/mesh/config";
import type { IdentityFacts } from "@ropewalk/mesh/io/identity-file";
import { listeningPlace } from "@ropewalk/ops/config-places";
import { meshFolder, ownIdentityFile } from "../paths.ts";
import { type Finding, good, lack, note } from "./finding.ts";
import type { MachineLimits } from "./machine-limits.ts";

export interface MeshFiles {
  readonly exists: (path: string) => boolean;
  /** Throws what is wrong with the file. */
  readonly identity: (path: string) => IdentityFacts;
  /** What begins so in a folder; nothing where the folder is not there or may not be read. */
  readonly beginning: (folder: string, name: string) => readonly string[];
}

export function meshFindings(
  config: MeshConfig | undefined,
  stateDirectory: string,
  files: MeshFiles,
  limits: MachineLimits,
): readonly Finding[] {
  if (config === undefined) return [];
  return [
    identityFinding(config, ownIdentityFile(stateDirectory), files),
    ...placeFindings(config, limits),
    ...storeFindings(config, meshFolder(stateDirectory), files),
  ];
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

function storeFindings({ store }: MeshConfig, folder: string, files: MeshFiles): readonly Finding[] {
  if (!store.enabled)
    return [note("mesh", "messages", "mesh.store.enabled is false: it carries none, not even others'")];
  const damaged = files.beginning(folder, "messages.corrupt-").filter((name) => !/-(?:wal|shm)$/.test(name));
  const newest = damaged.toSorted().at(-1);
  if (newest === undefined) return [];
  const text = `their store was found damaged, the last time as it is in ${join(folder, newest)}; what could be read goes on`;
  return [note("mesh", "messages", `${text}. Look at the disk, then remove it`)];
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
