/**
 * The descriptor for ICMP echo on one path, by the first way that the kernel allows: a ping socket, which needs the
 * process's group in net.ipv4.ping_group_range (the sysctl is never written), else a raw socket, which needs CAP_NET_RAW.
 */
import type { Family } from "@ropewalk/kernel/addresses";
import type { PathBinding } from "@ropewalk/kernel/connectivity";
import { HostError } from "../errors.ts";
import type { EchoOptions, PathEchoSocket } from "../ports.ts";
import { echoReplyType } from "../pure/echo-message.ts";
import { isLittleEndian, type Native, SOCK } from "./native.ts";
import { openPathDescriptor, type PathDescriptor, pathError } from "./path-descriptor.ts";
import { localPort } from "./socket-address.ts";
import { encodeInt, IP, IPV6, PMTUDISC_DO, SOL_IP, SOL_IPV6, SOL_RAW } from "./socket-options.ts";

/** IPPROTO_ICMP and IPPROTO_ICMPV6 of linux/in.h and linux/in6.h. */
export const icmpProtocol: Readonly<Record<Family, number>> = { ipv4: 1, ipv6: 58 };

/** ICMP_FILTER at SOL_RAW, and ICMPV6_FILTER at SOL_ICMPV6, which is the protocol's number. */
const replyFilter = 1;

export interface EchoDescriptor extends PathDescriptor {
  readonly method: PathEchoSocket["method"];
  readonly identifier: number;
}

export interface EchoDescriptorDeps {
  readonly native: Native;
  /** A raw socket's identifier. */
  readonly drawIdentifier: () => number;
}

/** Throws HOST_NO_ICMP, HOST_PATH_GONE or HOST_SOCKET. */
export function openEchoDescriptor(
  { native, drawIdentifier }: EchoDescriptorDeps,
  binding: PathBinding,
  options: EchoOptions,
): EchoDescriptor {
  const prepare = (fd: number) => {
    if (options.dontFragment === true) forbidFragments(native, fd, binding);
  };
  return openPing(native, binding, prepare) ?? openRaw(native, binding, prepare, drawIdentifier());
}

/** Undefined when the kernel does not give this process ping sockets. Their identifier is the port that the kernel bound. */
function openPing(native: Native, binding: PathBinding, prepare: (fd: number) => void): EchoDescriptor | undefined {
  const descriptor = openIfAllowed(native, binding, SOCK.DGRAM, prepare);
  if (descriptor === undefined) return undefined;
  try {
    return { ...descriptor, method: "ping-socket", identifier: localPort(native, descriptor.fd) };
  } catch (error) {
    native.close(descriptor.fd);
    throw error;
  }
}

function openRaw(
  native: Native,
  binding: PathBinding,
  prepare: (fd: number) => void,
  identifier: number,
): EchoDescriptor {
  const descriptor = openIfAllowed(native, binding, SOCK.RAW, (fd) => {
    prepare(fd);
    passOnlyReplies(native, fd, binding);
  });
  if (descriptor !== undefined) return { ...descriptor, method: "raw-socket", identifier };
  throw new HostError(
    "HOST_NO_ICMP",
    "echo needs a ping socket or a raw socket, and this process may open neither: give it CAP_NET_RAW " +
      "(systemd: AmbientCapabilities=CAP_NET_RAW), or let its group into the sysctl net.ipv4.ping_group_range",
  );
}

function openIfAllowed(
  native: Native,
  binding: PathBinding,
  type: number,
  prepare: (fd: number) => void,
): PathDescriptor | undefined {
  const protocol = icmpProtocol[binding.family];
  try {
    return openPathDescriptor(native, binding, { type, protocol, port: 0, prepare });
  } catch (error) {
    if (error instanceof HostError && error.code === "HOST_PERMISSION") return undefined;
    throw error;
  }
}

/** Both filters hold a bit for each type that is kept out. Source: linux/icmp.h, linux/icmpv6.h; RFC 3542 §3.2. */
function passOnlyReplies(native: Native, fd: number, binding: PathBinding): void {
  const type = echoReplyType[binding.family];
  const words = new Uint8Array(binding.family === "ipv4" ? 4 : 32).fill(0xff);
  const view = new DataView(words.buffer);
  const word = (type >> 5) * 4;
  view.setUint32(word, ~(1 << (type & 31)), isLittleEndian);
  const level = binding.family === "ipv4" ? SOL_RAW : icmpProtocol.ipv6;
  const set = native.setOption(fd, level, replyFilter, words);
  if (set < 0) throw pathError("filter ICMP messages", binding, set);
}

/**
 * With DO nothing is cut, IPv4 sets DF, and what exceeds the path's MTU as the kernel knows it (the interface's, a route's or a
 * router advertisement's, or what ICMP told) is refused. For IPv6 this is enough without IPV6_DONTFRAG (ip6_sk_ignore_df).
 * Source: ip(7), ipv6(7).
 */
function forbidFragments(native: Native, fd: number, binding: PathBinding): void {
  const [level, name] = binding.family === "ipv4" ? [SOL_IP, IP.MTU_DISCOVER] : [SOL_IPV6, IPV6.MTU_DISCOVER];
  const set = native.setOption(fd, level, name, encodeInt(PMTUDISC_DO));
  if (set < 0) throw pathError("forbid fragments", binding, set);
}
