/** The broken networks that a judge of uplinks must tell apart: how the lab makes each, and the right answer for each family. */
import type { AddressFamily, FamilyDocument, ReasonCodeName, UplinkStateName } from "@ropewalk/api/http";
import { bytes, millis, seconds } from "@ropewalk/kernel/units";
import type { Change } from "@ropewalk/lab/change";
import type { Lab } from "@ropewalk/lab/lab";
import { type UplinkOptions, uplinkSubnets } from "@ropewalk/lab/topology";

export interface Answer {
  readonly state: UplinkStateName;
  readonly code: ReasonCodeName;
  /** What must be so besides. */
  readonly also?: (path: FamilyDocument, lab: Lab, uplink: string) => boolean;
}

export type Answers = Readonly<Record<AddressFamily, Answer>>;

export interface BrokenNetwork {
  readonly name: string;
  /** The uplinks that it needs, and the right answer for each. */
  readonly uplinks: readonly { readonly options: UplinkOptions; readonly right: Answers }[];
  /** Breaks it; `names` are those of its uplinks. */
  readonly make: (lab: Lab, names: readonly string[]) => Promise<Change>;
}

const healthy: Answer = { state: "up", code: "healthy" };

function both(answer: Answer): Answers {
  return { ipv4: answer, ipv6: answer };
}

function network(name: string, right: Answers, make: (lab: Lab, uplink: string) => Promise<Change>): BrokenNetwork {
  return leased(name, {}, right, make);
}

function leased(
  name: string,
  options: UplinkOptions,
  right: Answers,
  make: (lab: Lab, uplink: string) => Promise<Change>,
): BrokenNetwork {
  return { name, uplinks: [{ options, right }], make: (lab, [uplink = ""]) => make(lab, uplink) };
}

const dhcp: UplinkOptions = { addressing: "dhcp", lease: seconds(20) };

/** Up at the address that the lab says the uplink has now. */
function healthyWhereItIs(family: AddressFamily): Answer {
  return {
    ...healthy,
    also: ({ source }, lab, uplink) =>
      uplinkSubnets(lab.uplink(uplink)).some((subnet) => subnet.family === family && subnet.member === source),
  };
}

/** Nothing happens to it; it stands beside broken ones and must stay up all the while. */
export const wholeNetwork: BrokenNetwork = {
  name: "whole, beside broken ones",
  uplinks: [
    { options: {}, right: both(healthy) },
    { options: {}, right: both(healthy) },
  ],
  make: async () => {
    const at = process.hrtime.bigint();
    return { at, doneAt: at };
  },
};

export const brokenNetworks: readonly BrokenNetwork[] = [
  network("portal that redirects", both({ state: "portal", code: "http-intercepted" }), (lab, name) =>
    lab.portal(name),
  ),
  network("accepts every TCP connection", both({ state: "portal", code: "tls-name-mismatch" }), (lab, name) =>
    lab.interceptTcp(name),
  ),
  network("DNS answers everything with one address", both({ state: "portal", code: "dns-rewritten" }), (lab, name) =>
    lab.hijackDns(name),
  ),
  network("only ICMP passes", both({ state: "degraded", code: "tcp-blocked" }), (lab, name) => lab.only(name, "icmp")),
  network("ICMP blocked, rest good", both(healthy), (lab, name) => lab.no(name, "icmp")),
  network("UDP blocked", both({ state: "degraded", code: "dns-blocked" }), (lab, name) => lab.no(name, "udp")),
  network("gateway alive, upstream dead", both({ state: "down", code: "beyond-gateway" }), (lab, name) =>
    lab.deafen(name),
  ),
  network(
    "MTU 1200 blackhole",
    both({ state: "degraded", code: "mtu", also: ({ reason }) => reason.text.includes("1200") }),
    (lab, name) => lab.mtu(name, bytes(1200)),
  ),
  network("IPv6 dead only", { ipv4: healthy, ipv6: { state: "down", code: "silent" } }, (lab, name) =>
    lab.kill(name, "ipv6"),
  ),
  network("IPv4 dead only", { ipv4: { state: "down", code: "silent" }, ipv6: healthy }, (lab, name) =>
    lab.kill(name, "ipv4"),
  ),
  // One way, so that it is 20 % of the round trips.
  network("20 % loss", both({ state: "degraded", code: "loss" }), (lab, name) => lab.lose(name, 20, "rx")),
  network("bufferbloat 2 s", both({ state: "degraded", code: "latency" }), (lab, name) =>
    lab.bloat(name, millis(2_000)),
  ),
  leased("DHCP renumbering", dhcp, { ipv4: healthyWhereItIs("ipv4"), ipv6: healthyWhereItIs("ipv6") }, (lab, name) =>
    lab.renumber(name),
  ),
  {
    name: "same subnet on two uplinks",
    uplinks: [
      { options: { subnet: "identical" }, right: both({ state: "down", code: "silent" }) },
      { options: { subnet: "identical" }, right: both(healthy) },
    ],
    // Measured apart: what befalls one is not told of the other.
    make: (lab, [first = ""]) => lab.blackhole(first),
  },
  leased("lease expired", dhcp, { ipv4: { state: "down", code: "no-address" }, ipv6: healthy }, (lab, name) =>
    lab.expire(name),
  ),
  network("resolver takes 3 s", both({ state: "degraded", code: "dns-slow" }), (lab, name) => lab.slowDns(name)),
  network(
    "strict rp_filter on a standby",
    { ipv4: { state: "unknown", code: "strict-rp-filter" }, ipv6: healthy },
    (lab, name) => lab.strict(name),
  ),
  network("standby without a route", both({ state: "unknown", code: "no-route" }), (lab, name) => lab.unroute(name)),
];
