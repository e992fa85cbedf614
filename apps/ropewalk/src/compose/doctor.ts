/** Gathers the facts that `ropewalk doctor` judges. It changes nothing and leaves nothing open. */
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { readPresentResolvConf } from "@ropewalk/backhaul/io/resolv-conf-file";
import { resolvedName } from "@ropewalk/backhaul/io/resolved-session";
import { systemRoots } from "@ropewalk/backhaul/io/resolver-sources";
import type { NetworkFacts, RuleFacts } from "@ropewalk/host/facts";
import { readAbilities } from "@ropewalk/host/linux/abilities";
import { createNative, type Native } from "@ropewalk/host/linux/native";
import { createNetworkReader } from "@ropewalk/host/linux/network-reader";
import { createNetworkWatch } from "@ropewalk/host/linux/network-watch";
import { describeError } from "@ropewalk/kernel/errors";
import { readIdentityFacts } from "@ropewalk/mesh/io/identity-file";
import { type NamedFiles, readCertificateFiles } from "@ropewalk/tunnel/io/certificate-files";
import type { CommandContext } from "../command-context.ts";
import { readConfiguration } from "../configuration.ts";
import { certificateFindings } from "../doctor/certificates.ts";
import { coexistenceFindings } from "../doctor/coexistence.ts";
import { coreFindings } from "../doctor/core.ts";
import { deadRouteFindings } from "../doctor/dead-routes.ts";
import { entryFindings } from "../doctor/entry.ts";
import { type Finding, fault, good, lack, note } from "../doctor/finding.ts";
import { folderFindings } from "../doctor/folders.ts";
import { kernelFindings, privilegeFindings } from "../doctor/kernel.ts";
import { leaseFindings } from "../doctor/leases.ts";
import { readMachineLimits } from "../doctor/machine-limits.ts";
import { type ManagerFacts, managerFindings, managerPaths } from "../doctor/managers.ts";
import { meshFindings } from "../doctor/mesh.ts";
import { foreignKeysOf } from "../doctor/networkd-config.ts";
import { probingFindings } from "../doctor/probing.ts";
import { programFindings } from "../doctor/programs.ts";
import { resolverListFindings } from "../doctor/resolvers.ts";
import { reversePathFindings } from "../doctor/reverse-path.ts";
import { tunnelFindings } from "../doctor/tunnel.ts";
import { stateDirectory } from "../paths.ts";
import { ownedBusNames } from "./bus-names.ts";
import { readCoreFacts } from "./core/doctor-facts.ts";
import { readEntryFacts } from "./entry/doctor-facts.ts";
import { networkdConfiguration, ownerOf } from "./link-owners.ts";

export async function examine(context: CommandContext): Promise<readonly Finding[]> {
  const own = [
    ...folderFindings(context),
    ...configuredFindings(context),
    ...(await controlFindings(context)),
    ...programFindings(context.environment["PATH"]),
  ];
  try {
    const native = createNative();
    const abilities = readAbilities(native);
    return [
      ...kernelFindings(abilities),
      ...(await networkFindings(native, context)),
      ...privilegeFindings(abilities, context.user.uid, isToMoveTraffic(context)),
      ...own,
    ];
  } catch (error) {
    const cure = "start Ropewalk with its launcher, on Linux";
    return [fault("kernel", "native calls", describeError(error), "the node does not start", cure), ...own];
  }
}

/** By the configuration that a node started here would have. */
function configuredFindings(context: CommandContext): readonly Finding[] {
  const { result } = readConfiguration(context, undefined);
  if (result.kind === "ok") {
    const { backhaul, tunnel, mesh } = result.values;
    const files = readCertificateFiles(tunnel);
    const certificates = certificateFindings(files, tunnel, context.clock.wall());
    const limits = readMachineLimits("/");
    const meshFiles = { exists: existsSync, identity: readIdentityFacts, beginning: namesBeginning };
    return [
      ...probingFindings(backhaul),
      ...certificates,
      ...tunnelFindings(tunnel, files, limits),
      ...meshFindings(mesh, stateDirectory(context).path, meshFiles, limits),
    ];
  }
  return [note("probing", "configuration", "it has faults: `ropewalk config check` lists them")];
}

/** Of the VPN's control plane, where one runs here or is to; and what it and an exit prove themselves by. */
async function controlFindings(context: CommandContext): Promise<readonly Finding[]> {
  const { result } = readConfiguration(context, undefined);
  if (result.kind !== "ok") return [];
  const { core, entry } = result.values;
  const now = context.clock.wall();
  const ofExit = { name: "the exit", table: "[core.control]" } as const;
  const ofEntry = { name: "entry", table: "[entry]" } as const;
  const certificates = [
    ...certificateFindings(namedFiles(core.control), own(core.control.key), now, ofExit),
    ...certificateFindings(namedFiles(entry.nodes), own(entry.nodes.key), now, ofEntry),
    ...certificateFindings(namedFiles({ ...entry.http, authorities: [] }), own(entry.http.key), now, ofEntry),
  ];
  try {
    const facts = await readEntryFacts(entry, context);
    return [...certificates, ...(facts === undefined ? [] : entryFindings(entry, facts))];
  } catch (error) {
    const cure = "ropewalk config check";
    return [...certificates, lack("vpn", "entry", describeError(error), "entry does not start", cure)];
  }
}

function namedFiles({ certificate, authorities }: Pick<NamedFiles, "certificate" | "authorities">) {
  return readCertificateFiles({ certificate, authorities, revocationLists: [] });
}

function own(key: string | undefined) {
  return { key, kemKey: undefined };
}

/** As the configuration of a node started here says; false where that has faults. */
function isToMoveTraffic(context: CommandContext): boolean {
  const { result } = readConfiguration(context, undefined);
  return result.kind === "ok" && !result.values.backhaul.monitorOnly;
}

/** Who else manages the interfaces by which default routes leave. */
function neighbourFindings({ links, routes }: NetworkFacts, rules: readonly RuleFacts[]): readonly Finding[] {
  const used = new Set(routes.flatMap(({ nextHops }) => nextHops.map(({ ifindex }) => ifindex)));
  const owned = [...links.values()]
    .filter(({ ifindex }) => used.has(ifindex))
    .flatMap((link) => {
      const owner = ownerOf(link, "/");
      return owner === undefined ? [] : [{ interfaceName: link.name, owner }];
    });
  const networkdForeignKeys = foreignKeysOf(networkdConfiguration("/"));
  return coexistenceFindings({ owned, networkdForeignKeys, rules, defaultRoutes: routes });
}

function givenFindings(network: NetworkFacts, context: CommandContext): readonly Finding[] {
  const { result } = readConfiguration(context, undefined);
  const entries = result.kind === "ok" ? result.values.backhaul.uplink : [];
  return leaseFindings({ network, entries, ownerOf: (link) => ownerOf(link, "/") });
}

function exitFindings(native: Native, network: NetworkFacts, context: CommandContext): readonly Finding[] {
  const { result } = readConfiguration(context, undefined);
  return result.kind === "ok"
    ? coreFindings(result.values.core, () => readCoreFacts(native, network, stateDirectory(context).path))
    : [];
}

/** Without a configuration that can be read, as the defaults say. */
function listFindings(ownedNames: ManagerFacts["ownedNames"], context: CommandContext): readonly Finding[] {
  const { result } = readConfiguration(context, undefined);
  return resolverListFindings({
    list: readPresentResolvConf(join(systemRoots.etc, "resolv.conf")),
    isResolvedOnBus: ownedNames?.has(resolvedName),
    isFollowed: result.kind !== "ok" || result.values.backhaul.dns.follow,
  });
}

async function networkFindings(native: Native, context: CommandContext): Promise<readonly Finding[]> {
  try {
    const isDefault = (length: number) => length === 0;
    await using watch = await createNetworkWatch(native, context.clock, {
      keepRoute: ({ destination }) => isDefault(destination.length),
    });
    const { links, routes } = watch.facts;
    const facts: ManagerFacts = {
      ownedNames: await ownedBusNames(context),
      paths: new Set(managerPaths.filter((path) => existsSync(path))),
      links: [...links.values()],
      defaultRoutes: routes,
      rules: createNetworkReader(native).rules(),
    };
    const seen = `${links.size} interfaces and ${routes.length} default routes read`;
    return [
      good("kernel", "rtnetlink", seen),
      ...deadRouteFindings(watch.facts),
      ...reversePathFindings(watch.facts),
      ...managerFindings(facts),
      ...(isToMoveTraffic(context) ? neighbourFindings(watch.facts, facts.rules) : []),
      ...(isToMoveTraffic(context) ? givenFindings(watch.facts, context) : []),
      ...listFindings(facts.ownedNames, context),
      ...exitFindings(native, watch.facts, context),
    ];
  } catch (error) {
    const cure = "allow AF_NETLINK sockets to this process (seccomp, RestrictAddressFamilies=)";
    return [fault("kernel", "rtnetlink", describeError(error), "the node does not start", cure)];
  }
}

/** Of a folder that is not there, or not this user's, none. */
function namesBeginning(folder: string, name: string): readonly string[] {
  try {
    return readdirSync(folder).filter((each) => each.startsWith(name));
  } catch {
    return [];
  }
}
