/**
 * The rules of nftables that keep each forwarded flow on the uplink on which it began: translated, it has that uplink's
 * address and can go by no other. Nothing outside our bits of a mark is changed, and nothing outside our table.
 *
 *   prerouting    from the LAN: the flow's mark → the packet's mark, by which a rule of routing chooses the uplink's table
 *   forward       a flow without an uplink of ours: marked with the one by which it leaves, else by which it came
 *   postrouting   an uplink's address on another uplink: dropped, whoever sent it
 */
import { type Family, families, familyOf, type IpAddress } from "@ropewalk/kernel/addresses";
import { InternalError } from "@ropewalk/kernel/errors";
import { firewallTable, uplinkMarkMask } from "../allocations.ts";
import { isQuotable } from "./interface-name.ts";

/** Each interface and each mark is in a list once. */
export interface MarkedUplink {
  readonly interfaceName: string;
  /** Bits of `uplinkMarkMask` only. */
  readonly mark: number;
  /** Those that are its own: what has one of them leaves by no other, and flows from before the marks are known by them. */
  readonly addresses: readonly IpAddress[];
}

/** Whether its name can be written in a ruleset. */
export function isMarkable({ interfaceName }: MarkedUplink): boolean {
  return isQuotable(interfaceName);
}

/** What stands in our table, the same for the same uplinks in whatever order. All of them must be markable. */
export function flowMarkRules(uplinks: readonly MarkedUplink[]): string {
  for (const uplink of uplinks) requireSound(uplink);
  requireDistinct(uplinks);
  const sorted = uplinks.toSorted((one, other) => one.mark - other.mark);
  return [
    set("uplinks", "ifname", sorted.map(nameOf)),
    ...families.map((family) => addressSets(family, sorted)),
    ...sorted.map(({ mark }) => chainsOf(mark)),
    prerouting(sorted),
    forward(sorted),
    postrouting,
  ].join("\n");
}

/**
 * Replaces our table, or makes it, in one transaction. An empty chain with the name `seal` stands in it, by which it is
 * recognised later: comments of tables came to nft and the kernel late.
 */
export function replaceTable(rules: string, seal: string): string {
  return `${removeTable}table inet ${firewallTable} {\n  chain ${seal} { }\n${rules}\n}\n`;
}

/** Removes our table; succeeds when there is none. */
export const removeTable: string = `table inet ${firewallTable}\ndelete table inet ${firewallTable}\n`;

function requireSound(uplink: MarkedUplink): void {
  const { interfaceName, mark } = uplink;
  if (!isMarkable(uplink)) throw new InternalError(`the name ${JSON.stringify(interfaceName)} fits in no ruleset`);
  if (mark <= 0 || (mark & ~uplinkMarkMask) !== 0) throw new InternalError(`${mark} is no uplink's mark`);
}

/** nft would take the first of two and say nothing. */
function requireDistinct(uplinks: readonly MarkedUplink[]): void {
  for (const key of ["interfaceName", "mark"] as const) {
    const values = new Set(uplinks.map((uplink) => uplink[key]));
    if (values.size < uplinks.length) throw new InternalError(`two uplinks have the same ${key}`);
  }
}

function nameOf({ interfaceName }: MarkedUplink): string {
  return `"${interfaceName}"`;
}

function set(name: string, type: string, elements: readonly string[]): string {
  const filled = elements.length === 0 ? "" : ` elements = { ${elements.join(", ")} };`;
  return `  set ${name} { type ${type};${filled} }`;
}

/** The letter of the names of sets, and the word that nft has for the family. */
const words = { ipv4: { digit: "4", ip: "ip" }, ipv6: { digit: "6", ip: "ip6" } } as const;

function addressSets(family: Family, uplinks: readonly MarkedUplink[]): string {
  const { digit, ip } = words[family];
  const pairs = uplinks.flatMap((uplink) => ofFamily(uplink, family).map((address) => ({ address, uplink })));
  const addresses = [...new Set(pairs.map(({ address }) => address))];
  const owned = pairs.map(({ address, uplink }) => `${address} . ${nameOf(uplink)}`);
  const type = `${ip === "ip" ? "ipv4" : "ipv6"}_addr`;
  // An address that two uplinks have tells nothing of a flow.
  const adopted = addresses.flatMap((address) => {
    const [owner, another] = pairs.filter((pair) => pair.address === address);
    return owner === undefined || another !== undefined ? [] : [`${address} : goto adopt-${hex(owner.uplink.mark)}`];
  });
  return [
    set(`addresses${digit}`, type, addresses),
    set(`owned${digit}`, `${type} . ifname`, owned),
    `  map adopted${digit} { type ${type} : verdict;${adopted.length === 0 ? "" : ` elements = { ${adopted.join(", ")} };`} }`,
  ].join("\n");
}

function ofFamily({ addresses }: MarkedUplink, family: Family): readonly IpAddress[] {
  return addresses.filter((address) => familyOf(address) === family).toSorted();
}

/** A chain for each uplink: the kernel sets a mark from a constant, and from two other marks together only since 6.13. */
function chainsOf(mark: number): string {
  const others = hex((~uplinkMarkMask & 0xffff_ffff) >>> 0);
  return `  chain send-${hex(mark)} { meta mark set meta mark and ${others} or ${hex(mark)}; }
  chain keep-${hex(mark)} { ct mark set ct mark and ${others} or ${hex(mark)}; }
  chain adopt-${hex(mark)} { jump keep-${hex(mark)}; goto send-${hex(mark)}; }`;
}

/**
 * A packet to this host itself is not sent on, unless its flow's destination is translated. A translated destination also
 * means that a source's translation says nothing of the uplink: a LAN host may be talking to another by an uplink's address.
 */
function prerouting(uplinks: readonly MarkedUplink[]): string {
  return `  chain prerouting {
    type filter hook prerouting priority mangle; policy accept;
    iifname @uplinks return
    icmpv6 type 133-137 return
    fib daddr type local ct status & dnat == 0 return
    ${byFlowMark(uplinks, ({ mark }) => `goto send-${hex(mark)}`)}
    ct status & (snat | dnat) == snat ct reply ip daddr vmap @adopted4
    ct status & (snat | dnat) == snat ct reply ip6 daddr vmap @adopted6
  }`;
}

/** Only what is forwarded comes here, and where it leaves is settled. */
function forward(uplinks: readonly MarkedUplink[]): string {
  const byInterface = verdicts(uplinks, nameOf, ({ mark }) => `goto keep-${hex(mark)}`);
  return `  chain forward {
    type filter hook forward priority mangle; policy accept;
    ${byFlowMark(uplinks, () => "return")}
    oifname ${byInterface}
    iifname ${byInterface}
  }`;
}

/** Behind every translation. */
const postrouting = `  chain postrouting {
    type filter hook postrouting priority srcnat + 10; policy accept;
    oifname @uplinks ip saddr @addresses4 ip saddr . oifname != @owned4 drop
    oifname @uplinks ip6 saddr @addresses6 ip6 saddr . oifname != @owned6 drop
  }`;

/** A mark of an uplink that is not in the list counts as none. */
function byFlowMark(uplinks: readonly MarkedUplink[], verdict: (uplink: MarkedUplink) => string): string {
  return `ct mark and ${hex(uplinkMarkMask)} ${verdicts(uplinks, ({ mark }) => hex(mark), verdict)}`;
}

type Text = (uplink: MarkedUplink) => string;

function verdicts(uplinks: readonly MarkedUplink[], key: Text, verdict: Text): string {
  return `vmap { ${uplinks.map((uplink) => `${key(uplink)} : ${verdict(uplink)}`).join(", ")} }`;
}

function hex(value: number): string {
  return `0x${value.toString(16)}`;
}
