/**
 * The only file of the lab with node:ffi: entering network namespaces, interface flags, TUN devices and waiting for them.
 * Numbers are those of the kernel's headers for every architecture that Node runs on (asm-generic).
 */

import { dlopen } from "node:ffi";
import { closeSync, constants, openSync } from "node:fs";
import { endianness } from "node:os";
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

type Native = ReturnType<typeof openNative>;

function openNative() {
  return dlopen(null, {
    setns: { arguments: ["i32", "i32"], return: "i32" },
    socket: { arguments: ["i32", "i32", "i32"], return: "i32" },
    ioctl: { arguments: ["i32", "u64", "buffer"], return: "i32" },
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
      const request = new Uint8Array(requestSize);
      request.set(new TextEncoder().encode(name).subarray(0, nameSize - 1));
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
