/**
 * Finds the DHCP lease of one interface among the files of every client program we know. The one granted last wins, and
 * a lease that has ended is told as such. One that Ropewalk itself got, by udhcpc, comes before those of others, which are of
 * another time. Another udhcpc keeps no lease file: what its script does with a lease is the script's affair.
 */
import { join } from "node:path";
import { type Family, families } from "@ropewalk/kernel/addresses";
import { kibibytes } from "@ropewalk/kernel/units";
import type { LeaseFacts, LeaseProgram } from "../pure/resolver-facts.ts";
import { type FileContent, listBoundedFolder, readBoundedFile } from "./bounded-file.ts";
import { parseDhclientLeases } from "./dhclient-leases.ts";
import { decodeDhcpcdLease, decodeDhcpcdLease6 } from "./dhcpcd-leases.ts";
import type { Lease } from "./lease.ts";
import { parseNetworkManagerDevice } from "./network-manager-device.ts";
import { distinctServers, type LinkName } from "./server-address.ts";
import { parseUdhcpcLease } from "./udhcpc-lease.ts";

/** Where the files of the machine are; tests put copies of real trees elsewhere. */
export interface FileRoots {
  /** "/run" */
  readonly run: string;
  /** "/var/lib" */
  readonly varLib: string;
  /** "/etc" */
  readonly etc: string;
  /** Where the leases are that Ropewalk itself gets; undefined when it gets none. */
  readonly ownLeases?: string | undefined;
}

interface FoundLease extends Lease {
  readonly program: LeaseProgram;
  readonly file: string;
  /** `obtainedAt` of the lease, else the time its file was written. */
  readonly since: number;
}

/** dhclient rewrites its file every twenty leases or so; a lease has about 1 KiB. */
const largestFile = kibibytes(256);
const mostFiles = 64;

/** A folder, which of its files may speak of a link, and how to read one. */
interface LeaseFolder {
  readonly program: LeaseProgram;
  readonly path: (roots: FileRoots) => string | undefined;
  readonly isWanted: (fileName: string, link: LinkName) => boolean;
  /** Which of the wanted files are left when all are known; every one without it. */
  readonly narrow?: (fileNames: readonly string[], link: LinkName) => readonly string[];
  readonly parse: (file: FileContent & { readonly kind: "content" }, name: string, link: LinkName) => readonly Lease[];
}

const leaseFolders: readonly LeaseFolder[] = [
  {
    program: "udhcpc",
    path: ({ ownLeases }) => ownLeases,
    isWanted: (name, link) => name === `${link.name}.lease`,
    parse: (file) => found(parseUdhcpcLease(textOf(file))),
  },
  {
    program: "NetworkManager",
    path: ({ run }) => join(run, "NetworkManager/devices"),
    isWanted: (name, link) => name === String(link.ifindex),
    parse: (file, _name, link) => found(parseNetworkManagerDevice(textOf(file), link)),
  },
  // Debian and ifupdown; Red Hat; NetworkManager when it is told to use dhclient.
  dhclientFolder("dhcp", isDhclientFile),
  dhclientFolder("dhclient", isDhclientFile),
  dhclientFolder("NetworkManager", (name, link) => name.startsWith("dhclient") && name.endsWith(`-${link.name}.lease`)),
  {
    // A wireless link has one file for each network it was in, NAME-SSID.lease, and none without an SSID; so beside
    // NAME.lease the file NAME-5.lease is that of another link, NAME-5.
    program: "dhcpcd",
    path: ({ varLib }) => join(varLib, "dhcpcd"),
    isWanted: (name, link) => isDhcpcdFile(name, link.name),
    narrow: (names, link) => {
      const exact = names.filter((name) => name.startsWith(`${link.name}.`));
      return exact.length > 0 ? exact : names;
    },
    parse: ({ bytes, modifiedAt }, name) =>
      found(name.endsWith("6") ? decodeDhcpcdLease6(bytes, modifiedAt) : decodeDhcpcdLease(bytes, modifiedAt)),
  },
];

function dhclientFolder(name: string, isWanted: LeaseFolder["isWanted"]): LeaseFolder {
  return {
    program: "dhclient",
    path: ({ varLib }) => join(varLib, name),
    isWanted,
    parse: (file, _name, link) => parseDhclientLeases(textOf(file), link),
  };
}

function isDhclientFile(name: string): boolean {
  return /^dhclient.*\.leases?$/.test(name);
}

/** The folders in which leases appear, for whoever watches them. */
export function leaseFolderPaths(roots: FileRoots): readonly string[] {
  return leaseFolders.flatMap((folder) => found(folder.path(roots)));
}

/** The lease of `link` at the wall time `now`. */
export function readLeases(roots: FileRoots, link: LinkName, now: number): LeaseFacts {
  const unreadable: string[] = [];
  const leases: FoundLease[] = [];
  for (const folder of leaseFolders) {
    const path = folder.path(roots);
    if (path === undefined) continue;
    const listed = listBoundedFolder(path, mostFiles, (name) => folder.isWanted(name, link));
    if (listed.kind === "unreadable") unreadable.push(`${path}: ${listed.reason}`);
    const names = listed.kind === "content" ? listed.names : [];
    for (const name of folder.narrow?.(names, link) ?? names) {
      const file = join(path, name);
      const content = readBoundedFile(file, largestFile);
      if (content.kind === "unreadable") unreadable.push(`${file}: ${content.reason}`);
      if (content.kind !== "content") continue;
      for (const lease of folder.parse(content, name, link)) {
        const since = folder.program === "udhcpc" ? Number.POSITIVE_INFINITY : (lease.obtainedAt ?? content.modifiedAt);
        leases.push({ ...lease, program: folder.program, file, since });
      }
    }
  }
  return chooseLease(leases, unreadable, now);
}

/** The newest lease of each family; of those the ones that have not ended, told as one. */
function chooseLease(leases: readonly FoundLease[], unreadable: readonly string[], now: number): LeaseFacts {
  const newest = families.flatMap((family) => found(newestOf(leases, family)));
  const [last] = newest.toSorted((a, b) => b.since - a.since);
  if (last === undefined) return { kind: "none", unreadable };
  const valid = newest.filter(({ expiresAt }) => expiresAt === undefined || expiresAt > now);
  const [first] = valid;
  if (first === undefined) {
    return { kind: "expired", program: last.program, file: last.file, expiredAt: last.expiresAt ?? now };
  }
  const [wayOut] = valid.flatMap((lease) => found(lease.wayOut));
  const ends = valid.flatMap(({ expiresAt }) => found(expiresAt));
  return {
    kind: "lease",
    program: first.program,
    ...(wayOut === undefined ? {} : { wayOut }),
    address: valid.find(({ address }) => address !== undefined)?.address,
    servers: distinctServers(valid.flatMap(({ servers }) => servers)),
    routers: distinctServers(valid.flatMap(({ routers }) => routers)),
    expiresAt: ends.length === 0 ? undefined : Math.min(...ends),
    isAndroidMetered: valid.some((lease) => lease.isAndroidMetered),
    file: valid.map(({ file }) => file).join(" and "),
  };
}

function newestOf(leases: readonly FoundLease[], family: Family): FoundLease | undefined {
  return leases
    .filter((lease) => lease.family === family)
    .reduce<FoundLease | undefined>(
      (newest, lease) => (newest === undefined || lease.since >= newest.since ? lease : newest),
      undefined,
    );
}

function isDhcpcdFile(name: string, interfaceName: string): boolean {
  if (!name.startsWith(interfaceName)) return false;
  return /^(-.*)?\.lease6?$/.test(name.slice(interfaceName.length));
}

function textOf({ bytes }: { readonly bytes: Uint8Array }): string {
  return new TextDecoder().decode(bytes);
}

function found<T>(value: T | undefined): readonly T[] {
  return value === undefined ? [] : [value];
}
