/** Reads who manages an interface, and what networkd is told of others' rules, from files that those programs leave in plain sight. */
import { existsSync } from "node:fs";
import { basename, join } from "node:path";
import { listBoundedFolder, readBoundedFile } from "@ropewalk/backhaul/io/bounded-file";
import { parseNetworkdLink } from "@ropewalk/backhaul/io/networkd-files";
import { bytes } from "@ropewalk/kernel/units";
import type { LinkOwner } from "../doctor/coexistence.ts";

const mostBytes = bytes(64 * 1024);

export interface OwnedLink {
  readonly name: string;
  readonly ifindex: number;
}

/** The first that says so; undefined when nobody does. `root` is "/" but in tests. */
export function ownerOf(link: OwnedLink, root: string): LinkOwner | undefined {
  const { name, ifindex } = link;
  const networkd = textOf(join(root, `run/systemd/netif/links/${ifindex}`));
  if (networkd !== undefined && parseNetworkdLink(networkd, link).isManaged) return "systemd-networkd";
  if (/^managed=true$/m.test(textOf(join(root, `run/NetworkManager/devices/${ifindex}`)) ?? ""))
    return "NetworkManager";
  const pids = ["pid", `${name}.pid`, `${name}-4.pid`, `${name}-6.pid`].map((file) => join(root, "run/dhcpcd", file));
  return [...pids, join(root, "run/dhcpcd.pid")].some((file) => existsSync(file)) ? "dhcpcd" : undefined;
}

/** In falling precedence; of drop-ins with one name the first folder's counts. Source: networkd.conf(5). */
const folders = ["etc/systemd", "run/systemd", "usr/local/lib/systemd", "usr/lib/systemd"];
const mostFiles = 100;

/** The main file, then the drop-ins by name: the order in which they count. */
export function networkdConfiguration(root: string): readonly string[] {
  const main = folders.map((folder) => textOf(join(root, folder, "networkd.conf"))).find((text) => text !== undefined);
  const dropIns = new Map<string, string>();
  for (const folder of folders.toReversed()) {
    const inside = join(root, folder, "networkd.conf.d");
    const listed = listBoundedFolder(inside, mostFiles, (name) => name.endsWith(".conf"));
    if (listed.kind === "content") for (const name of listed.names) dropIns.set(basename(name), join(inside, name));
  }
  const paths = [...dropIns].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([, path]) => path);
  return [main, ...paths.map(textOf)].filter((text) => text !== undefined);
}

function textOf(path: string): string | undefined {
  const file = readBoundedFile(path, mostBytes);
  return file.kind === "content" ? new TextDecoder().decode(file.bytes) : undefined;
}
