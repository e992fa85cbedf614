/** Makes the planned topology real. Hosts start side by side; links come in one batch; then each host is configured. */
import type { LabNetwork } from "./lab-network.ts";
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
import { startResolver } from "./resolver.ts";

/** Everything, uplinks included. */
export async function buildTopology(
  network: LabNetwork,
  ifindexes: Ifindexes,
  uplinks: readonly Uplink[],
): Promise<void> {
  const routers = ["edge", "core", ...uplinks.map((uplink) => uplink.isp)];
  const members = ["client", ...servers.map((place) => place.name)];
  await Promise.all([
    ...routers.map((name) => network.addHost(name, routerSettings)),
    ...members.map((name) => network.addHost(name, hostSettings)),
  ]);
  await network.link([
    lanLink(ifindexes),
    ...servers.map((place) => serverLink(ifindexes, place)),
    ...uplinks.flatMap((uplink) => [transitLink(ifindexes, uplink.slot), uplinkLink(ifindexes, uplink)]),
  ]);
  await Promise.all([
    network.ip("client", clientLines()),
    ...servers.map((place) => configureServer(network, place)),
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

async function configureServer(network: LabNetwork, place: ServerPlace): Promise<void> {
  await network.ip(place.name, serverLines(place));
  switch (place.role) {
    case "resolver":
      return startResolver(network.host(place.name));
    case "target":
      return;
  }
}

async function configureIsp(network: LabNetwork, uplink: Uplink, lines: readonly string[]): Promise<void> {
  // First the filter: no foreign packet may pass in the moment before it is there.
  await network.nft(uplink.isp, ispRuleset(uplink));
  await network.ip(uplink.isp, lines);
}
