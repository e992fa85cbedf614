/** The DHCP server of one uplink's ISP: what it offers and for how long, and what it hears. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Lab } from "@ropewalk/lab/lab";
import { interfaces, uplinkSubnets } from "@ropewalk/lab/topology";
import type { NodeInLab, Started } from "./node-in-lab.ts";
import { Started as Running } from "./node-in-lab.ts";

export interface Offer {
  /** Instead of what the lab has planned for the uplink. */
  readonly address?: string;
  readonly router?: string;
  /** "0.0.0.0/0,198.18.8.1" */
  readonly routes?: string;
  readonly seconds?: number;
}

/** Long leases by dnsmasq, which says what it hears. The caller disposes of it. */
export async function offerLeases(lab: Lab, name: string, offer: Offer = {}): Promise<Started> {
  const uplink = lab.uplink(name);
  const planned = uplinkSubnets(uplink).find(({ family }) => family === "ipv4");
  const { address = planned?.member, router = planned?.router, routes } = offer;
  const args = [
    ...["--no-daemon", "--conf-file=/dev/null", "--no-resolv", "--no-hosts", "--pid-file", "--port=0"],
    ...[`--interface=${interfaces.customer}`, "--bind-dynamic", "--dhcp-authoritative", "--no-ping", "--leasefile-ro"],
    "--log-dhcp",
    `--dhcp-range=${address},${address},255.255.255.0,120`,
    `--dhcp-option=option:router,${router}`,
    "--dhcp-option=option:dns-server,192.0.2.53,198.51.100.53",
    ...(routes === undefined ? [] : [`--dhcp-option=121,${routes}`]),
  ];
  const server = new Running(lab.host(uplink.isp).spawn("dnsmasq", args));
  await server.until("dnsmasq has started", () => / started, /.test(server.stderr));
  return server;
}

/** Leases of seconds by busybox' udhcpd, which dnsmasq does not give. The caller disposes of it. */
export async function offerShortLeases(place: NodeInLab, name: string, length: number): Promise<Started> {
  const uplink = place.lab.uplink(name);
  const planned = uplinkSubnets(uplink).find(({ family }) => family === "ipv4");
  const file = join(place.folder, "udhcpd.conf");
  const lines = [
    `start ${planned?.member}`,
    `end ${planned?.member}`,
    `interface ${interfaces.customer}`,
    "max_leases 1",
    `lease_file ${join(place.folder, "udhcpd.leases")}`,
    `pidfile ${join(place.folder, "udhcpd.pid")}`,
    "option subnet 255.255.255.0",
    `option router ${planned?.router}`,
    `option lease ${length}`,
  ];
  writeFileSync(file, lines.map((line) => `${line}\n`).join(""));
  writeFileSync(join(place.folder, "udhcpd.leases"), "");
  const server = new Running(place.lab.host(uplink.isp).spawn("busybox", ["udhcpd", "-f", "-a", "100", file]));
  await server.until("udhcpd has started", () => /started/.test(server.stderr));
  return server;
}
