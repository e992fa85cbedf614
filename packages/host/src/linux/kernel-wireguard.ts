/** A WireGuard device of the kernel, driven over generic netlink. It needs CAP_NET_ADMIN, and a kernel that has WireGuard (5.6). */
import { setImmediate as nextTurn } from "node:timers/promises";
import { InternalError } from "@ropewalk/kernel/errors";
import { HostError } from "../errors.ts";
import { decodeFamilyNumber, encodeFamilyQuestion } from "../netlink/generic.ts";
import { encodeLinkMade, encodeLinkRemoval } from "../netlink/link-requests.ts";
import { isMalformed } from "../netlink/malformed.ts";
import { NestedWriter } from "../netlink/nested-writer.ts";
import {
  type DevicePart,
  decodeDevicePart,
  encodeDeviceDump,
  encodeDeviceSettings,
  encodePeerChanges,
  type SetTarget,
  wireGuardFamily,
} from "../netlink/wireguard.ts";
import { isInterfaceName } from "../pure/interface-name.ts";
import { describeErrno } from "../system-error.ts";
import type {
  PeerChange,
  PresentPeer,
  WireGuardDevice,
  WireGuardSettings,
  WireGuardState,
} from "../wireguard/device.ts";
import { WireGuardError } from "../wireguard/errors.ts";
import type { WireGuardPublicKey } from "../wireguard/public-key.ts";
import { changePortions } from "../wireguard/pure/change-portions.ts";
import { checkPresharedKeys } from "../wireguard/pure/key-octets.ts";
import { LongCalls } from "../wireguard/pure/long-calls.ts";
import { ERRNO, type Native } from "./native.ts";
import { NetlinkExchange, type Verdict } from "./netlink-exchange.ts";

const EOPNOTSUPP = 95;

/** Nothing is opened before the first call, and nothing stays open after one. Throws InternalError for what is no interface's name. */
export function createKernelDevice(name: string, native: Native): WireGuardDevice {
  requireName(name);
  const calls = new LongCalls();
  return {
    name,
    read: async () => readDevice(name, native),
    async configure(settings: WireGuardSettings) {
      set(name, native, "its settings", (target, sequence) => encodeDeviceSettings(target, settings, sequence));
    },
    async change(changes: readonly PeerChange[]) {
      checkPresharedKeys(changes);
      using call = calls.begin(changes);
      for (const portion of changePortions(changes)) {
        const meant = call.stillMeant(portion);
        if (meant.length === 0) continue;
        set(name, native, "changes of peers", (target, sequence) => encodePeerChanges(target, meant, sequence));
        await nextTurn();
      }
    },
  };
}

/** Whether this kernel has WireGuard, or can load it, as it says: anybody may ask. Throws HOST_NETLINK. */
export function hasKernelWireGuard(native: Native): boolean {
  using exchange = open(native, wireGuardFamily);
  return familyNumber(exchange) !== undefined;
}

/**
 * Whether a device can be made, by making one and removing it: containers have kernels with WireGuard that let them make none. `why` is what the
 * kernel said. Throws HOST_WIREGUARD_* for what is no answer, a lack of CAP_NET_ADMIN among it.
 */
export function tryKernelDevice(native: Native): { readonly kind: "works" } | { readonly kind: "lacks"; why: string } {
  const name = `rw-try-${process.pid}`;
  try {
    makeKernelDevice(name, native);
  } catch (error) {
    if (error instanceof WireGuardError && error.code === "HOST_WIREGUARD_START")
      return { kind: "lacks", why: error.message };
    throw error;
  }
  removeKernelDevice(name, native);
  return { kind: "works" };
}

/** `there`: a device of this name was there before. The interface is not up. Throws HOST_WIREGUARD_START, HOST_WIREGUARD_PERMISSION. */
export function makeKernelDevice(name: string, native: Native): "made" | "there" {
  requireName(name);
  using exchange = new NetlinkExchange(native, "ROUTE", "links");
  const verdict = exchange.order((sequence) => encodeLinkMade(name, wireGuardFamily, sequence));
  if (verdict.errno === 0) return "made";
  if (verdict.errno === ERRNO.EEXIST) return "there";
  if (verdict.errno === EOPNOTSUPP) throw noWireGuard();
  throw refusal(name, "to be made", verdict);
}

/** With its peers and its addresses; one that is not there is none. */
export function removeKernelDevice(name: string, native: Native): void {
  requireName(name);
  using exchange = new NetlinkExchange(native, "ROUTE", "links");
  const verdict = exchange.order((sequence) => encodeLinkRemoval(name, sequence));
  if (verdict.errno !== 0 && verdict.errno !== ERRNO.ENODEV) throw refusal(name, "to be removed", verdict);
}

function readDevice(name: string, native: Native): WireGuardState {
  using exchange = open(native, name);
  const family = requireFamily(exchange);
  const reader = new DeviceReader();
  try {
    exchange.list(
      (sequence) => encodeDeviceDump(family, name, sequence),
      ({ payload }) => {
        const part = decodeDevicePart(payload);
        // With it every key that was in the buffer goes.
        payload.fill(0);
        if (isMalformed(part)) throw nonsense(name, part.reason);
        reader.push(part);
      },
    );
  } catch (error) {
    if (!(error instanceof HostError) || error.errno === undefined) throw error;
    throw refusal(name, "reading", { errno: error.errno, text: undefined });
  }
  return reader.state;
}

/** Puts the parts of a dump together. */
class DeviceReader {
  readonly #peers = new Map<WireGuardPublicKey, PresentPeer>();
  #device: Omit<DevicePart, "peers"> = { publicKey: undefined, listenPort: undefined, fwmark: undefined };
  #isFirst = true;

  push({ peers, ...device }: DevicePart): void {
    if (this.#isFirst) this.#device = device;
    this.#isFirst = false;
    for (const peer of peers) {
      const begun = this.#peers.get(peer.publicKey);
      const allowedPrefixes = [...(begun?.allowedPrefixes ?? []), ...peer.allowedPrefixes];
      this.#peers.set(peer.publicKey, { ...(begun ?? peer), allowedPrefixes });
    }
  }

  get state(): WireGuardState {
    const { publicKey, listenPort, fwmark } = this.#device;
    return {
      publicKey,
      listenPort: listenPort === 0 ? undefined : listenPort,
      fwmark: fwmark ?? 0,
      peers: this.#peers,
    };
  }
}

/** The request, which may hold keys, is erased. */
function set(
  name: string,
  native: Native,
  what: string,
  encode: (target: SetTarget, sequence: number) => Uint8Array,
): void {
  using exchange = open(native, name);
  const family = requireFamily(exchange);
  using writer = new NestedWriter();
  let request: Uint8Array | undefined;
  const verdict = exchange.order((sequence) => {
    request = encode({ family, name, writer }, sequence);
    return request;
  });
  request?.fill(0);
  if (verdict.errno !== 0) throw refusal(name, what, verdict);
}

function open(native: Native, name: string): NetlinkExchange {
  return new NetlinkExchange(native, "GENERIC", `the WireGuard device ${name}`);
}

function requireFamily(exchange: NetlinkExchange): number {
  const number = familyNumber(exchange);
  if (number === undefined) throw noWireGuard();
  return number;
}

function familyNumber(exchange: NetlinkExchange): number | undefined {
  let number: number | undefined;
  exchange.list(
    (sequence) => encodeFamilyQuestion(wireGuardFamily, sequence),
    ({ payload }) => {
      number = decodeFamilyNumber(payload) ?? number;
    },
  );
  return number;
}

function requireName(name: string): void {
  if (!isInterfaceName(name)) throw new InternalError(`"${name}" is not the name of an interface`);
}

function noWireGuard(): WireGuardError {
  return new WireGuardError(
    "HOST_WIREGUARD_START",
    "this kernel has no WireGuard (Linux 5.6 has it, as module wireguard)",
  );
}

function nonsense(name: string, reason: string): WireGuardError {
  return new WireGuardError(
    "HOST_WIREGUARD_ANSWER",
    `what the kernel told of the WireGuard device ${name} cannot be understood: ${reason}`,
  );
}

function refusal(name: string, what: string, { errno, text }: Verdict): WireGuardError {
  const said = text ?? describeErrno(-errno);
  switch (errno) {
    case ERRNO.ENODEV:
      return new WireGuardError("HOST_WIREGUARD_NO_DEVICE", `there is no WireGuard device ${name}: make it`, { errno });
    case EOPNOTSUPP:
      return new WireGuardError("HOST_WIREGUARD_NO_DEVICE", `${name} is no WireGuard device of the kernel`, { errno });
    case ERRNO.EPERM:
      return new WireGuardError(
        "HOST_WIREGUARD_PERMISSION",
        `the WireGuard device ${name} is closed to this user: run with CAP_NET_ADMIN`,
        { errno },
      );
    case ERRNO.EADDRINUSE:
      return new WireGuardError(
        "HOST_WIREGUARD_PORT_IN_USE",
        `the port of the WireGuard device ${name} is taken: choose another`,
        { errno },
      );
    default:
      return new WireGuardError("HOST_WIREGUARD_REFUSED", `the WireGuard device ${name} refused ${what}: ${said}`, {
        errno,
      });
  }
}
