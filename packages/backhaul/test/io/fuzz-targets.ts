/** Every parser of files and addresses that other programs wrote, for the fuzzer; the seeds are what real programs wrote. */
import { parseStatements } from "@ropewalk/backhaul/io/braced-statements";
import { parseBusAddress } from "@ropewalk/backhaul/io/bus-address";
import { parseDhclientLeases } from "@ropewalk/backhaul/io/dhclient-leases";
import { decodeDhcpcdLease, decodeDhcpcdLease6 } from "@ropewalk/backhaul/io/dhcpcd-leases";
import { parseNetworkManagerDevice } from "@ropewalk/backhaul/io/network-manager-device";
import { parseNetworkdLease, parseNetworkdLink } from "@ropewalk/backhaul/io/networkd-files";
import { parseResolvConf } from "@ropewalk/backhaul/io/resolv-conf";
import { parseServer } from "@ropewalk/backhaul/io/server-address";
import { parseUdhcpcLease } from "@ropewalk/backhaul/io/udhcpc-lease";
import { fixtureBytes } from "./fixture.ts";

interface FuzzTarget {
  readonly name: string;
  readonly run: (bytes: Uint8Array) => void;
  readonly seeds?: readonly Uint8Array[];
}

const link = { ifindex: 2, name: "wan0" };

export const fuzzTargets: readonly FuzzTarget[] = [
  textTarget("networkd link state", (text) => parseNetworkdLink(text, link), [
    "networkd-252/links/2",
    "networkd-252/links/3",
  ]),
  textTarget("networkd lease", (text) => parseNetworkdLease(text, link), ["networkd-252/leases/2"]),
  textTarget("ISC statements", parseStatements, ["dhclient-4.4.3/dhclient6.wan0.leases"]),
  textTarget("dhclient leases", (text) => parseDhclientLeases(text, link), [
    "dhclient-4.4.3/dhclient.leases",
    "dhclient-4.4.3/two-links.leases",
    "dhclient-4.4.3/dhclient6.wan0.leases",
  ]),
  textTarget("NetworkManager device state", (text) => parseNetworkManagerDevice(text, link), [
    "network-manager-1.42.4/device",
  ]),
  textTarget("resolv.conf", (text) => parseResolvConf(text, link), ["dhcpcd-9.4.1/resolv.conf"]),
  {
    name: "dhcpcd lease",
    run: (bytes) => void decodeDhcpcdLease(bytes, 0),
    seeds: [fixtureBytes("dhcpcd-9.4.1/wan0.lease")],
  },
  {
    name: "dhcpcd DHCPv6 lease",
    run: (bytes) => void decodeDhcpcdLease6(bytes, 0),
    seeds: [fixtureBytes("dhcpcd-9.4.1/wan0.lease6")],
  },
  shortTextTarget("lease of our own udhcpc", parseUdhcpcLease, [
    "client=7\naddress=198.18.8.2/24\nresolvers=192.0.2.53\nrouters=198.18.8.1\nroutes=0.0.0.0/0 198.18.8.9\nvendor=\n",
    "client=7\naddress=198.18.8.2/32\nresolvers=\nrouters=\nroutes=\nvendor=414e44524f49445f4d455445524544\n",
  ]),
  shortTextTarget("DNS server address", (text) => parseServer(text, link), [
    "192.0.2.53:53%wan0#dns.example",
    "[2001:db8::53]:53%2#dns.example",
    "fe80::1%wan0",
  ]),
  shortTextTarget("D-Bus address", parseBusAddress, [
    "unix:path=/run/dbus/system_bus_socket,guid=0123456789abcdef",
    "tcp:host=localhost,port=1;unix:abstract=%2ftmp%2fbus",
  ]),
];

function textTarget(name: string, parse: (text: string) => unknown, fixtures: readonly string[]): FuzzTarget {
  return { name, run: (bytes) => void parse(new TextDecoder().decode(bytes)), seeds: fixtures.map(fixtureBytes) };
}

function shortTextTarget(name: string, parse: (text: string) => unknown, seeds: readonly string[]): FuzzTarget {
  const encoder = new TextEncoder();
  return { ...textTarget(name, parse, []), seeds: seeds.map((seed) => encoder.encode(seed)) };
}
