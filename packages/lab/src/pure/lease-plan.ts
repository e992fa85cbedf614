/**
 * An uplink by DHCP: what its ISP's server (dnsmasq) and edge's client (ISC dhclient) are told. IPv6 comes by router
 * advertisements; a token (ip-token(8)) gives edge's address the host part that it has on static uplinks.
 */
import { resolverAddresses } from "./host-files.ts";
import { interfaces, type Subnet, type Uplink, uplinkMetric, uplinkSubnets } from "./topology.ts";

/** dnsmasq gives no lease under two minutes (dnsmasq(8), --dhcp-range); the client takes it for a shorter one. */
const servedLease = "120";
const advertisedLifetime = "600";

/** Arguments of dnsmasq. IPv6 networks of `former` are advertised as deprecated. */
export function leaseServerArguments(uplink: Uplink, former?: Uplink): readonly string[] {
  const subnets = uplinkSubnets(uplink);
  const prefixes = former === undefined ? [] : uplinkSubnets(former).filter(({ family }) => family === "ipv6");
  return [
    "--port=0",
    `--interface=${interfaces.customer}`,
    "--bind-dynamic",
    "--dhcp-authoritative",
    "--no-ping",
    "--leasefile-ro",
    ...subnets.flatMap((subnet) => (subnet.family === "ipv4" ? leaseArguments(subnet) : routerArguments(subnet))),
    ...prefixes.map((subnet) => `--dhcp-range=${prefixOf(subnet)},ra-only,${subnet.length},deprecated`),
  ];
}

function leaseArguments({ router, member }: Subnet): readonly string[] {
  return [
    `--dhcp-range=${member},${member},255.255.255.0,${servedLease}`,
    `--dhcp-option=option:router,${router}`,
    `--dhcp-option=option:dns-server,${resolvers(".").join(",")}`,
  ];
}

function routerArguments(subnet: Subnet): readonly string[] {
  const servers = resolvers(":").map((address) => `[${address}]`);
  return [
    "--enable-ra",
    `--dhcp-range=${prefixOf(subnet)},ra-only,${subnet.length},${advertisedLifetime}`,
    `--dhcp-option=option6:dns-server,${servers.join(",")}`,
    `--ra-param=${interfaces.customer},60`,
  ];
}

/** All of the lab's IPv6 networks are written as "…::host". */
function prefixOf({ router }: Subnet): string {
  return `${router.slice(0, router.indexOf("::"))}::`;
}

function resolvers(mark: "." | ":"): readonly string[] {
  return resolverAddresses().filter((address) => address.includes(mark));
}

/** Where dhclient keeps the uplink's lease: the folder that Ropewalk reads. */
function leaseFile(uplink: Uplink): string {
  return `/var/lib/dhcp/dhclient.${uplink.name}.leases`;
}

export function leaseClientConfig(uplink: Uplink): string {
  const whole = Math.round(uplink.lease / 1000);
  const renewal = Math.floor(whole * 0.4);
  const rebinding = Math.floor(whole * 0.8);
  return `timeout 5; retry 1; initial-interval 1; backoff-cutoff 2; reboot 1;
request subnet-mask, routers, domain-name-servers;
supersede dhcp-lease-time ${whole};
supersede dhcp-renewal-time ${renewal};
supersede dhcp-rebinding-time ${rebinding};
`;
}

/** Beside the leases, since AppArmor lets dhclient read there. */
export function leaseClientConfigFile(uplink: Uplink): string {
  return `/var/lib/dhcp/dhclient.${uplink.name}.conf`;
}

/** Arguments of dhclient. */
export function leaseClientArguments(uplink: Uplink): readonly string[] {
  const files = [
    "-cf",
    leaseClientConfigFile(uplink),
    "-lf",
    leaseFile(uplink),
    "-pf",
    `/run/dhclient.${uplink.name}.pid`,
  ];
  return ["-4", "-d", "-e", `metric=${uplinkMetric(uplink)}`, ...files, uplink.name];
}

/**
 * What dhclient runs on each event, in the place of Debian's own script, which would write resolv.conf and run hooks
 * (dhclient-script(8)). The old address stays until the new one is there.
 */
export const leaseClientScript = `#!/bin/sh
case $reason in
  BOUND | RENEW | REBIND | REBOOT)
    ip -4 address replace "$new_ip_address/$new_subnet_mask" dev "$interface" \\
      valid_lft "$new_dhcp_lease_time" preferred_lft "$new_dhcp_lease_time"
    router=\${new_routers%% *}
    case $(ip -4 route show default dev "$interface") in
      *"via $router "*) ;;
      *) ip -4 route replace default via "$router" dev "$interface" metric "$metric" proto dhcp ;;
    esac
    set -- $(ip -4 -brief address show dev "$interface")
    shift 2
    for address; do
      case $address in "$new_ip_address"/*) ;; *) ip -4 address delete "$address" dev "$interface" ;; esac
    done
    ;;
  EXPIRE | FAIL | RELEASE | STOP) ip -4 address flush dev "$interface" ;;
esac
`;

/** Puts the script (its input) in the place of Debian's, for this host alone. */
export const installLeaseScript = `
set -e
cat >/run/lab/dhclient-script
chmod 755 /run/lab/dhclient-script
mount --bind /run/lab/dhclient-script "$(readlink -f /sbin/dhclient-script)"
`;

/** Lets the kernel take addresses and routes of router advertisements. Arguments: interface, metric. */
export const acceptAdvertisements = `
set -e
cd "/proc/sys/net/ipv6/conf/$1"
echo 2 >accept_ra
echo 0 >router_solicitation_delay
echo 3 >router_solicitations
echo "$2" >ra_defrtr_metric
ip token set ::2 dev "$1"
`;
