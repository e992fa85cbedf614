/** Switches links on and off and takes addresses away, over one rtnetlink socket that stays open; it needs CAP_NET_ADMIN. */
import type { Prefix } from "@ropewalk/kernel/addresses";
import { encodeAddressRemoval, encodeLinkSwitch } from "../netlink/link-requests.ts";
import { describeErrno } from "../system-error.ts";
import { ERRNO, type Native } from "./native.ts";
import { NetlinkExchange, type Verdict } from "./netlink-exchange.ts";

/** Both say what the kernel said; undefined when it is done, or was so already. */
export interface LinkWriter extends Disposable {
  switch(ifindex: number, isOn: boolean): string | undefined;
  removeAddress(ifindex: number, address: Prefix): string | undefined;
}

/** Throws HOST_NETLINK when the kernel gives no socket. */
export function createLinkWriter(native: Native): LinkWriter {
  const exchange = new NetlinkExchange(native, "ROUTE", "links");
  return {
    switch: (ifindex, isOn) => faultOf(exchange.order((sequence) => encodeLinkSwitch(ifindex, isOn, sequence))),
    removeAddress: (ifindex, address) =>
      faultOf(exchange.order((sequence) => encodeAddressRemoval(ifindex, address, sequence))),
    [Symbol.dispose]: () => exchange[Symbol.dispose](),
  };
}

function faultOf({ errno, text }: Verdict): string | undefined {
  const isGone = errno === ERRNO.EADDRNOTAVAIL || errno === ERRNO.ENODEV;
  return errno === 0 || isGone ? undefined : (text ?? describeErrno(-errno));
}
