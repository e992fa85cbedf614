/** Makes the planned topology real. Hosts start side by side; links come in one batch; then each host is configured. */

import { makeAuthority, publishAuthority } from "./authority.ts";
import { resolverArguments, startDnsmasq } from "./dnsmasq.ts";
import type { LabHost } from "./lab-host.ts";
import type { LabNetwork } from "./lab-network.ts";
import type { Authority } from "./pure/authority-plan.ts";
import {
  clientLines,
  coreIspLines,
  coreLines,
  edgeLines,
  edgeUplinkLines,
  hostSettings,
  ispCustomerLines,
  ispLines,
  routerSettings,
  serverLines,
} from "./pure/ip-plan.ts";
import { ispRuleset, siteRuleset } from "./pure/nft-plan.ts";
import {
  type Ifindexes,
  lanLink,
  type ServerPlace,
  serverLink,
  servers,
  transitLink,
  type Uplink,
  uplinkLink,
} from "./pure/topology.ts";
import { startService } from "./service.ts";

/** Everything, uplinks included; what is by DHCP has no addresses yet. Returns what the lab's internet is certified by. */
export async function buildTopology(
  network: LabNetwork,
  ifindexes: Ifindexes,
  uplinks: readonly Uplink[],
): Promise<Authority> {
  const routers = ["edge", "core", ...uplinks.map((uplink) => uplink.isp)];
  const members = ["client", ...servers.map((place) => place.name)];
  // Beside everything else: it takes as long as the hosts.
  const making = makeAuthority(network.root);
  const building = Promise.all([
    ...routers.map((name) => network.addHost(name, routerSettings)),
    ...members.map((name) => network.addHost(name, hostSettings)),
  ]).then(() => Promise.all([certify(network, making), connect(network, ifindexes, uplinks)]));
  const [authority] = await Promise.all([making, building]);
  return authority;
}

async function certify(network: LabNetwork, making: Promise<Authority>): Promise<void> {
  const site = ["edge", "client"].map((name) => network.host(name));
  await Promise.all([
    ...servers.map(({ name, role }) => startServer(network.host(name), role, making)),
    making.then((authority) => publishAuthority(site, authority)),
  ]);
}

async function connect(network: LabNetwork, ifindexes: Ifindexes, uplinks: readonly Uplink[]): Promise<void> {
  await network.link([
    lanLink(ifindexes),
    ...servers.map((place) => serverLink(ifindexes, place)),
    ...uplinks.flatMap((uplink) => [transitLink(ifindexes, uplink.slot), uplinkLink(ifindexes, uplink)]),
  ]);
  await Promise.all([
    network.ip("client", clientLines()),
    ...servers.map((place) => network.ip(place.name, serverLines(place))),
    network.ip("core", [...coreLines(), ...uplinks.flatMap((uplink) => coreIspLines(uplink.slot, uplink.isp))]),
    ...uplinks.map((uplink) => configureIsp(network, uplink, [...ispLines(uplink.slot), ...ispCustomerLines(uplink)])),
    network.nft("edge", siteRuleset()),
    network.ip("edge", [...edgeLines(), ...uplinks.flatMap(edgeUplinkLines)]),
  ]);
}

/** One more uplink, with its ISP when that is not there yet. Returns the time just before the interface appeared. */
export async function attachUplink(network: LabNetwork, ifindexes: Ifindexes, uplink: Uplink): Promise<bigint> {
  if (!network.has(uplink.isp)) {
    await network.addHost(uplink.isp, routerSettings);
    await network.link([transitLink(ifindexes, uplink.slot)]);
    await network.ip("core", coreIspLines(uplink.slot, uplink.isp));
    await network.ip(uplink.isp, ispLines(uplink.slot));
  }
  const at = await network.link([uplinkLink(ifindexes, uplink)]);
  await configureIsp(network, uplink, ispCustomerLines(uplink));
  await network.ip("edge", edgeUplinkLines(uplink));
  return at;
}

/** A server listens on every address, so it may start before it has one. */
async function startServer(host: LabHost, role: ServerPlace["role"], making: Promise<Authority>): Promise<void> {
  switch (role) {
    case "resolver":
      await startDnsmasq(host, resolverArguments);
      return;
    case "target":
      await startService(
        host,
        "target-main",
        making.then(({ target }) => JSON.stringify(target)),
      );
      return;
  }
}

async function configureIsp(network: LabNetwork, uplink: Uplink, lines: readonly string[]): Promise<void> {
  // First the filter: no foreign packet may pass in the moment before it is there.
  await network.nft(uplink.isp, ispRuleset(uplink));
  await network.ip(uplink.isp, lines);
}
