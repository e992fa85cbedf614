/** Switches links on and off, gives and takes their addresses and sets their MTU, over one rtnetlink socket that stays open; it needs CAP_NET_ADMIN. */
import type { Prefix } from "@ropewalk/kernel/addresses";
import type { Bytes } from "@ropewalk/kernel/units";
import {
  encodeAddressAddition,
  encodeAddressRemoval,
  encodeLinkMtu,
  encodeLinkSwitch,
} from "../netlink/link-requests.ts";
import { describeErrno } from "../system-error.ts";
import { ERRNO, type Native } from "./native.ts";
import { NetlinkExchange, type Verdict } from "./netlink-exchange.ts";

/** Each says what the kernel said; undefined when it is done, or was so already. What is to be given to a link that is gone is refused. */
export interface LinkWriter extends Disposable {
  switch(ifindex: number, isOn: boolean): string | undefined;
  removeAddress(ifindex: number, address: Prefix): string | undefined;
  addAddress(ifindex: number, address: Prefix): string | undefined;
  setMtu(ifindex: number, mtu: Bytes): string | undefined;
}

/** Throws HOST_NETLINK when the kernel gives no socket. */
export function createLinkWriter(native: Native): LinkWriter {
  const exchange = new NetlinkExchange(native, "ROUTE", "links");
  return {
    switch: (ifindex, isOn) => faultOf(exchange.order((sequence) => encodeLinkSwitch(ifindex, isOn, sequence))),
    removeAddress: (ifindex, address) =>
      faultOf(exchange.order((sequence) => encodeAddressRemoval(ifindex, address, sequence))),
    addAddress: (ifindex, address) =>
      givingFault(exchange.order((sequence) => encodeAddressAddition(ifindex, address, sequence))),
    setMtu: (ifindex, mtu) => givingFault(exchange.order((sequence) => encodeLinkMtu(ifindex, mtu, sequence))),
    [Symbol.dispose]: () => exchange[Symbol.dispose](),
  };
}

function faultOf({ errno, text }: Verdict): string | undefined {
  const isGone = errno === ERRNO.EADDRNOTAVAIL || errno === ERRNO.ENODEV;
  return errno === 0 || isGone ? undefined : (text ?? describeErrno(-errno));
}

function givingFault({ errno, text }: Verdict): string | undefined {
  return errno === 0 || errno === ERRNO.EEXIST ? undefined : (text ?? describeErrno(-errno));
}
