/** Reads and changes lifetimes of IPv6 addresses over one rtnetlink socket that stays open; to change them needs CAP_NET_ADMIN. */
import type { AddressLifetimes, OwnAddress, StandingAddress } from "../address-lifetimes.ts";
import { HostError } from "../errors.ts";
import {
  decodeHeldAddress,
  encodeAddressQuestion,
  encodePreferredLifetime,
  type HeldAddress,
  makesPrefixRoute,
  settableFlagsOf,
  withoutPrefixRoute,
} from "../netlink/address-lifetimes.ts";
import { RTM } from "../netlink/event.ts";
import { isMalformed } from "../netlink/malformed.ts";
import { describeErrno } from "../system-error.ts";
import { ERRNO, type Native } from "./native.ts";
import { NetlinkExchange } from "./netlink-exchange.ts";
import { hasPrefixRoute } from "./prefix-route.ts";

/** Throws HOST_NETLINK when the kernel gives no socket. */
export function createAddressLifetimes(native: Native): AddressLifetimes {
  const exchange = new NetlinkExchange(native, "ROUTE", "addresses");
  return {
    read: (address) => held(exchange, address)?.living,
    prefer(address, preferred) {
      // Read again: its lifetimes go on meanwhile, and the kernel makes anew what is gone.
      const present = held(exchange, address);
      if (present === undefined) return "there is no such address any more";
      const told = hasRouteAsFlagged(exchange, present) ? present : withoutPrefixRoute(present);
      const { errno, text } = exchange.order((sequence) => encodePreferredLifetime(told, preferred, sequence));
      return errno === 0 ? undefined : (text ?? describeErrno(-errno));
    },
    [Symbol.dispose]: () => exchange[Symbol.dispose](),
  };
}

/** Undefined when this host has no such address. Throws HOST_NETLINK. */
export function readStandingAddress(native: Native, address: OwnAddress): StandingAddress | undefined {
  using exchange = new NetlinkExchange(native, "ROUTE", "addresses");
  const present = held(exchange, address);
  if (present === undefined) return undefined;
  const { living, prefixLength, peer } = present;
  return { ...living, prefixLength, peer, flags: settableFlagsOf(present) };
}

function hasRouteAsFlagged(exchange: NetlinkExchange, present: HeldAddress): boolean {
  const { living, peer, prefixLength: length } = present;
  if (!makesPrefixRoute(present)) return true;
  return hasPrefixRoute(exchange, living.ifindex, [
    { address: living.address, length },
    { address: peer, length },
  ]);
}

function held(exchange: NetlinkExchange, address: OwnAddress): HeldAddress | undefined {
  let found: HeldAddress | undefined;
  try {
    exchange.list(
      (sequence) => encodeAddressQuestion(address, sequence),
      ({ type, payload }) => {
        const decoded = type === RTM.NEWADDR ? decodeHeldAddress(payload) : undefined;
        if (decoded === undefined || isMalformed(decoded)) return;
        // Where there is no such interface, the kernel gives the same address of another.
        if (decoded.living.ifindex === address.ifindex) found = decoded;
      },
    );
  } catch (error) {
    const isGone = error instanceof HostError && (error.errno === ERRNO.EADDRNOTAVAIL || error.errno === ERRNO.ENODEV);
    if (!isGone) throw error;
  }
  return found;
}
