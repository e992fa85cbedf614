/**
 * Whether names can follow the uplink in use: told from whose the machine's list of resolvers is. Somebody else's list is not fought
 * over, and then names go where he says.
 */
import type { ResolvConfOwner } from "@ropewalk/backhaul/pure/resolv-conf-owner";
import { type Finding, good, lack, note } from "./finding.ts";

export interface ResolverListFacts {
  readonly list:
    | { readonly kind: "unreadable"; readonly reason: string }
    | { readonly kind: "readable"; readonly owner: ResolvConfOwner };
  /** Undefined when there is no system bus to ask. */
  readonly isResolvedOnBus: boolean | undefined;
  /** `backhaul.dns.follow`. */
  readonly isFollowed: boolean;
}

const title = "resolv.conf";
const cost =
  "after a change of uplinks names are still asked of the resolvers that it says, and may wait for one that is gone";

/** What makes a program leave the file alone. Source: NetworkManager.conf(5), dhcpcd.conf(5), dhclient-script(8), tailscale-set, openresolv. */
const cures: ReadonlyMap<string, string> = new Map([
  [
    "NetworkManager",
    "let systemd-resolved keep the list (dns=systemd-resolved in NetworkManager.conf), or set dns=none and make it a plain file",
  ],
  ["dhcpcd", "write `nohook resolv.conf` into /etc/dhcpcd.conf"],
  ["resolvconf", "remove resolvconf, or let systemd-resolved keep the list"],
  ["dhclient", "define an empty make_resolv_conf in /etc/dhcp/dhclient-enter-hooks"],
  ["tailscale", "tailscale set --accept-dns=false"],
]);

export function resolverListFindings({ list, isResolvedOnBus, isFollowed }: ResolverListFacts): readonly Finding[] {
  if (!isFollowed) return [note("manager", title, "names do not follow the uplink: backhaul.dns.follow is false")];
  if (list.kind === "unreadable") {
    return [
      lack("manager", title, `it cannot be read: ${list.reason}`, cost, "make it a plain file that root may read"),
    ];
  }
  const { owner } = list;
  switch (owner.kind) {
    case "nobody":
      return [
        good(
          "manager",
          title,
          "a plain file: while Ropewalk moves traffic it names the resolvers of the uplink in use",
        ),
      ];
    case "resolved":
      return [fromResolved(owner.evidence, isResolvedOnBus)];
    case "program": {
      const cure =
        cures.get(owner.program) ??
        `have ${owner.program} ask the resolvers of the uplink in use, or make it a plain file`;
      return [lack("manager", title, `it is kept by ${owner.program}: ${owner.evidence}`, cost, cure)];
    }
  }
}

function fromResolved(evidence: string, isOnBus: boolean | undefined): Finding {
  const text = `it is kept by systemd-resolved: ${evidence}`;
  if (isOnBus === true)
    return good("manager", title, `${text}; while Ropewalk moves traffic it is told whose resolvers to ask`);
  const where = isOnBus === undefined ? "there is no system bus to reach it by" : "it does not run";
  return lack("manager", title, `${text}, and ${where}`, cost, "systemctl enable --now systemd-resolved");
}
