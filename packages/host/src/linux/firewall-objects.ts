/** Whether a table or chain of nftables is there, asked of the kernel itself: a system call or two, and no process. */
import { HostError } from "../errors.ts";
import { encodeFirewallQuery, type FirewallObject } from "../netlink/firewall-query.ts";
import { describeErrno } from "../system-error.ts";
import { ERRNO, type Native } from "./native.ts";
import { NetlinkExchange } from "./netlink-exchange.ts";

/** Needs CAP_NET_ADMIN. Throws HOST_NETLINK when the kernel does not tell. */
export function isFirewallObjectThere(native: Native, object: FirewallObject): boolean {
  using exchange = new NetlinkExchange(native, "NETFILTER", "the firewall");
  const { errno } = exchange.order((sequence) => encodeFirewallQuery(object, sequence));
  if (errno === 0) return true;
  if (errno === ERRNO.ENOENT) return false;
  throw new HostError("HOST_NETLINK", `the kernel does not tell of the firewall: ${describeErrno(-errno)}`, { errno });
}
