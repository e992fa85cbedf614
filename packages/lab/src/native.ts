/**
 * The only file of the lab with node:ffi: entering network namespaces, interface flags, TUN devices and
 * waiting for them, the terminal.
 * Numbers are those of the kernel's headers for every architecture that Node runs on (asm-generic).
 */

import { dlopen } from "node:ffi";
import { closeSync, constants, openSync } from "node:fs";
import { endianness } from "node:os";
import type { Millis } from "@ropewalk/kernel/units";
import { LabError } from "./errors.ts";

/** linux/sched.h */
const cloneNewNet = 0x40000000;
/** linux/sockios.h */
const getInterfaceFlags = 0x8913n;
const setInterfaceFlags = 0x8914n;
/** linux/if.h: struct ifreq is a name of 16 octets and a union of 24. */
const requestSize = 40;
const nameSize = 16;
const interfaceUp = 0x1;
const addressFamilyInet = 2;
const socketDatagram = 2;

/** linux/if_tun.h: a device of IP packets without a header of the driver. */
const setTunInterface = 0x400454can;
const tunWithoutHeader = 0x1001;
/** poll.h */
const pollIn = 0x1;
const pollSize = 8;
const timespecSize = 16;

/** signal.h */
const signalTtou = 22;
const ignoreSignal = 1n;

type Native = ReturnType<typeof openNative>;

function openNative() {
  return dlopen(null, {
    setns: { arguments: ["i32", "i32"], return: "i32" },
    socket: { arguments: ["i32", "i32", "i32"], return: "i32" },
    ioctl: { arguments: ["i32", "u64", "buffer"], return: "i32" },
    read: { arguments: ["i32", "buffer", "u64"], return: "i64" },
    write: { arguments: ["i32", "buffer", "u64"], return: "i64" },
    signal: { arguments: ["i32", "pointer"], return: "pointer" },
    tcsetpgrp: { arguments: ["i32", "i32"], return: "i32" },
    getpgrp: { arguments: [], return: "i32" },
    ppoll: { arguments: ["buffer", "u64", "buffer", "pointer"], return: "i32" },
  }).functions;
}

/** Turns interfaces of other namespaces up and down, at once and with the time of it. */
export interface InterfaceSwitch {
  /**
   * Sets IFF_UP of `name` in the network of process `pid`. Returns CLOCK_MONOTONIC in nanoseconds from just before the
   * system call. Throws LAB_COMMAND_FAILED when there is no such interface.
   */
  set(pid: number, name: string, up: boolean): bigint;
}

export function openInterfaceSwitch(): InterfaceSwitch {
  const native = openNative();
  const sockets = new Map<number, number>();
  const isLittleEndian = endianness() === "LE";
  return {
    set(pid, name, up) {
      const socket = sockets.get(pid) ?? openSocketIn(native, pid);
      sockets.set(pid, socket);
      const request = interfaceRequest(name);
      const view = new DataView(request.buffer);
      check(native.ioctl(socket, getInterfaceFlags, request), `read the flags of ${name}`);
      const flags = view.getInt16(nameSize, isLittleEndian);
      view.setInt16(nameSize, up ? flags | interfaceUp : flags & ~interfaceUp, isLittleEndian);
      const at = process.hrtime.bigint();
      check(native.ioctl(socket, setInterfaceFlags, request), `set the flags of ${name}`);
      return at;
    },
  };
}

/** A TUN device of the network that the process is in; it is gone with the process. */
export interface TunDevice {
  readonly descriptor: number;
  /** One packet, or undefined when none waits. It shares memory with the next one read. */
  read(): Uint8Array | undefined;
  /** False when the kernel refused the packet. */
  write(packet: Uint8Array): boolean;
}

/** Throws when the machine has no TUN or does not let this user have one; `requireTun` tells so beforehand. */
export function openTun(name: string): TunDevice {
  const native = openNative();
  const descriptor = openSync("/dev/net/tun", constants.O_RDWR | constants.O_NONBLOCK);
  const request = interfaceRequest(name);
  new DataView(request.buffer).setInt16(nameSize, tunWithoutHeader, endianness() === "LE");
  check(native.ioctl(descriptor, setTunInterface, request), `make the TUN device ${name}`);
  const buffer = new Uint8Array(65_536);
  return {
    descriptor,
    read() {
      const length = Number(native.read(descriptor, buffer, BigInt(buffer.length)));
      return length > 0 ? buffer.subarray(0, length) : undefined;
    },
    write: (packet) => Number(native.write(descriptor, packet, BigInt(packet.length))) === packet.length,
  };
}

/**
 * Makes this process the one that the terminal on descriptor 0 listens to again. A shell in another PID namespace cannot
 * give the terminal back: the group it took it from has no number there.
 */
export function reclaimTerminal(): void {
  const native = openNative();
  // tcsetpgrp(3): a process in the background is stopped by SIGTTOU unless it ignores it.
  const before = native.signal(signalTtou, ignoreSignal);
  native.tcsetpgrp(0, native.getpgrp());
  native.signal(signalTtou, before);
}

/** Waits until one of the descriptors can be read, at most `limit`; says for each whether it can. */
export function openWait(descriptors: readonly number[]): (limit: Millis) => readonly boolean[] {
  const native = openNative();
  const isLittleEndian = endianness() === "LE";
  const polled = new Uint8Array(pollSize * descriptors.length);
  const view = new DataView(polled.buffer);
  const time = new Uint8Array(timespecSize);
  const timeView = new DataView(time.buffer);
  for (const [index, descriptor] of descriptors.entries()) {
    view.setInt32(index * pollSize, descriptor, isLittleEndian);
    view.setInt16(index * pollSize + 4, pollIn, isLittleEndian);
  }
  return (limit) => {
    timeView.setBigInt64(0, BigInt(Math.floor(limit / 1000)), isLittleEndian);
    timeView.setBigInt64(8, BigInt(Math.floor((limit % 1000) * 1_000_000)), isLittleEndian);
    const ready = native.ppoll(polled, BigInt(descriptors.length), time, 0n);
    return descriptors.map((_, index) => ready > 0 && view.getInt16(index * pollSize + 6, isLittleEndian) !== 0);
  };
}

function interfaceRequest(name: string): Uint8Array<ArrayBuffer> {
  const request = new Uint8Array(requestSize);
  request.set(new TextEncoder().encode(name).subarray(0, nameSize - 1));
  return request;
}

/** A socket belongs to the network that its maker was in, so the thread is away for one call only. */
function openSocketIn(native: Native, pid: number): number {
  const there = openSync(`/proc/${pid}/ns/net`, constants.O_RDONLY);
  const home = openSync("/proc/self/ns/net", constants.O_RDONLY);
  try {
    check(native.setns(there, cloneNewNet), `enter the network of process ${pid}`);
    const socket = native.socket(addressFamilyInet, socketDatagram, 0);
    check(native.setns(home, cloneNewNet), "return to the own network");
    check(socket, "open a socket");
    return socket;
  } finally {
    closeSync(there);
    closeSync(home);
  }
}

function check(result: number, what: string): void {
  if (result < 0) throw new LabError("LAB_COMMAND_FAILED", `the kernel refused to ${what}`);
}
