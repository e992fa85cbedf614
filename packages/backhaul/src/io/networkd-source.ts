/** What systemd-networkd says of a link, from the files it keeps for as long as it runs. */
import { join } from "node:path";
import { kibibytes } from "@ropewalk/kernel/units";
import type { NetworkdFacts } from "../pure/resolver-facts.ts";
import { readBoundedFile } from "./bounded-file.ts";
import { parseNetworkdLease, parseNetworkdLink } from "./networkd-files.ts";
import type { LinkName } from "./server-address.ts";

const largestFile = kibibytes(64);

/** The folders that networkd writes to. */
export function networkdFolders(run: string): { readonly links: string; readonly leases: string } {
  return { links: join(run, "systemd/netif/links"), leases: join(run, "systemd/netif/leases") };
}

/** `run` is the folder that stands for /run. */
export function readNetworkd(run: string, link: LinkName): NetworkdFacts {
  const folders = networkdFolders(run);
  const file = join(folders.links, String(link.ifindex));
  const content = readBoundedFile(file, largestFile);
  switch (content.kind) {
    case "absent":
      return { kind: "absent" };
    case "unreadable":
      return { kind: "unreadable", file, reason: content.reason };
    case "content": {
      const { isManaged, networkFile, servers } = parseNetworkdLink(new TextDecoder().decode(content.bytes), link);
      if (!isManaged) return { kind: "unmanaged" };
      const lease = readBoundedFile(join(folders.leases, String(link.ifindex)), largestFile);
      const leaseText = lease.kind === "content" ? new TextDecoder().decode(lease.bytes) : "";
      return { kind: "managed", servers, networkFile, file, ...parseNetworkdLease(leaseText, link) };
    }
  }
}
