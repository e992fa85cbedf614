/** The configurations of entry and an exit in the lab: what nobody can guess, and nothing else. */

export interface EndFiles {
  readonly certificate: string;
  readonly key: string;
  readonly authority: string;
}

const controlPort = 7_431;
const nodesPort = 7_441;

export function entryToml(files: EndFiles, { httpsPort }: { readonly httpsPort: number }): string {
  return [
    ...["[entry.http]", `listen = "0.0.0.0:${httpsPort}"`, ...pair(files)],
    ...["[entry.nodes]", `listen = "0.0.0.0:${nodesPort}"`, ...pair(files), authorities(files), ""],
  ].join("\n");
}

export function coreToml(
  files: EndFiles,
  at: { readonly exitAt: string; readonly entryAt: string; readonly entryName: string },
): string {
  return [
    ...["[core]", `endpoint = "${at.exitAt}:51820"`],
    ...["[core.control]", `listen = "0.0.0.0:${controlPort}"`, `advertise = "${at.exitAt}:${controlPort}"`],
    ...[...pair(files), authorities(files), `entry_name = "${at.entryName}"`],
    ...["[core.entry]", `addresses = ["${at.entryAt}:${nodesPort}"]`, ""],
  ].join("\n");
}

function pair({ certificate, key }: EndFiles): readonly string[] {
  return [`certificate = ${JSON.stringify(certificate)}`, `key = ${JSON.stringify(key)}`];
}

function authorities({ authority }: EndFiles): string {
  return `authorities = [${JSON.stringify(authority)}]`;
}
