/**
 * The lease database of ISC dhclient: `lease { … }` and `lease6 { … }` blocks, appended as they are granted, so that of
 * several for one interface the last is the current one. Source: dhclient.leases(5), ISC DHCP 4.4.3
 * client/dhclient.c write_client_lease.
 */
import { type IpAddress, parseIpAddress } from "@ropewalk/kernel/addresses";
import { isAndroidMeteredHex, isAndroidMeteredText } from "./android-metered.ts";
import { parseStatements, type Statement } from "./braced-statements.ts";
import { endOfLease, infiniteLifetime, type Lease } from "./lease.ts";
import { type LinkName, parseServers } from "./server-address.ts";

/** The last IPv4 and the last IPv6 lease of the link; leases of other interfaces are passed over. */
export function parseDhclientLeases(text: string, link: LinkName): readonly Lease[] {
  const leases = new Map<string, Lease>();
  for (const { words, block } of parseStatements(text)) {
    const [kind = ""] = words;
    if (block === undefined || wordOf(block, "interface") !== link.name) continue;
    if (kind === "lease") leases.set(kind, leaseOf(block, link));
    if (kind === "lease6") leases.set(kind, lease6Of(block, link));
  }
  return [...leases.values()];
}

function leaseOf(block: readonly Statement[], link: LinkName): Lease {
  const lifetime = numberOf(optionOf(block, "dhcp-lease-time")?.[0]);
  // With an infinite lease dhclient still writes an end, some 136 years off.
  const end = lifetime === infiniteLifetime ? undefined : timeOf(wordsOf(block, "expire"));
  const vendor = optionOf(block, "vendor-encapsulated-options")?.[0] ?? "";
  return {
    family: "ipv4",
    address: parseIpAddress(wordOf(block, "fixed-address") ?? ""),
    servers: addressesOf(block, "domain-name-servers", link),
    routers: addressesOf(block, "routers", link),
    obtainedAt: end === undefined || lifetime === undefined ? undefined : end - lifetime * 1000,
    expiresAt: end,
    isAndroidMetered: isAndroidMeteredText(vendor) || isAndroidMeteredHex(vendor),
  };
}

/** Its servers are good as long as the longest-lived address or prefix in it. Source: RFC 8415 §21.4, §21.6. */
function lease6Of(block: readonly Statement[], link: LinkName): Lease {
  const ends: (number | undefined)[] = [];
  const starts: number[] = [];
  for (const { block: addresses = [] } of block) {
    for (const { block: address } of addresses) {
      const start = numberOf(address === undefined ? undefined : wordOf(address, "starts"));
      if (address === undefined || start === undefined) continue;
      starts.push(start * 1000);
      ends.push(endOfLease(start * 1000, numberOf(wordOf(address, "max-life"))));
    }
  }
  return {
    family: "ipv6",
    address: undefined,
    servers: addressesOf(block, "dhcp6.name-servers", link),
    routers: [],
    obtainedAt: starts.length === 0 ? undefined : Math.max(...starts),
    expiresAt: latestEnd(ends),
    isAndroidMetered: false,
  };
}

function latestEnd(ends: readonly (number | undefined)[]): number | undefined {
  if (ends.length === 0 || ends.includes(undefined)) return undefined;
  return Math.max(...ends.map((end) => end ?? 0));
}

/** `6 2026/11/21 00:34:02` (UTC; the first word is the day of the week), `epoch 1795221490`, or `never`. */
function timeOf(words: readonly string[] | undefined): number | undefined {
  const [first, second = "", third = ""] = words ?? [];
  if (first === "epoch") {
    const seconds = numberOf(second);
    return seconds === undefined ? undefined : seconds * 1000;
  }
  const date = /^(\d{4})\/(\d{2})\/(\d{2})$/.exec(second);
  const time = /^(\d{2}):(\d{2}):(\d{2})$/.exec(third);
  if (date === null || time === null) return undefined;
  const [year = 0, month = 0, day = 0] = date.slice(1).map(Number);
  const [hour = 0, minute = 0, second_ = 0] = time.slice(1).map(Number);
  return Date.UTC(year, month - 1, day, hour, minute, second_);
}

function addressesOf(block: readonly Statement[], option: string, link: LinkName): readonly IpAddress[] {
  return parseServers(
    (optionOf(block, option) ?? []).flatMap((word) => word.split(",")),
    link,
  );
}

function optionOf(block: readonly Statement[], name: string): readonly string[] | undefined {
  return block.findLast(({ words }) => words[0] === "option" && words[1] === name)?.words.slice(2);
}

function wordsOf(block: readonly Statement[], name: string): readonly string[] | undefined {
  return block.findLast(({ words }) => words[0] === name)?.words.slice(1);
}

function wordOf(block: readonly Statement[], name: string): string | undefined {
  return wordsOf(block, name)?.[0];
}

/** At most fifteen digits, so that the result in milliseconds stays exact. */
function numberOf(text: string | undefined): number | undefined {
  return text !== undefined && /^\d{1,12}$/.test(text) ? Number(text) : undefined;
}
