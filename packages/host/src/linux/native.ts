/**
 * Calls C, as do only native-tcp.ts and native-poll.ts besides. It wraps the few functions of libc and libuv that Node lacks, checks once
 * that calls really arrive (a wrong signature key would be ignored in silence), and turns errno into values.
 *
 * `node:ffi` is experimental, hence the exact Node version of the launcher. Rules kept here: no callback may throw (that
 * aborts the process), and handle memory stays referenced until libuv has said it is closed.
 */
import { type DynamicLibrary, dlopen, getCurrentEventLoop, getInt32, toString as readString } from "node:ffi";
import { HostError } from "../errors.ts";

/** Constants of Linux on every architecture that Node supports. Source: asm-generic/{socket,errno,fcntl}.h, linux/socket.h. */
export const AF: { readonly INET: 2; readonly INET6: 10; readonly NETLINK: 16 } = { INET: 2, INET6: 10, NETLINK: 16 };
export const SOCK: { readonly STREAM: 1; readonly DGRAM: 2; readonly RAW: 3 } = { STREAM: 1, DGRAM: 2, RAW: 3 };
export const ERRNO = {
  EPERM: 1,
  ENOENT: 2,
  ESRCH: 3,
  EINTR: 4,
  EAGAIN: 11,
  ENOMEM: 12,
  EACCES: 13,
  EEXIST: 17,
  ENODEV: 19,
  EINVAL: 22,
  ENFILE: 23,
  EMFILE: 24,
  EPIPE: 32,
  EADDRINUSE: 98,
  EADDRNOTAVAIL: 99,
  ENETUNREACH: 101,
  ENOBUFS: 105,
  EISCONN: 106,
  EALREADY: 114,
  EINPROGRESS: 115,
} as const;

const nonBlockingCloseOnExec = 0o4000 | 0o2000000;
/** SIOCGSTAMPNS_OLD of asm-generic/sockios.h, and linux/time.h. */
const SIOCGSTAMPNS = 0x8907n;
const CLOCK_REALTIME = 0;
/** F_DUPFD_CLOEXEC of linux/fcntl.h. */
const F_DUPFD_CLOEXEC = 1030;
const uvReadable = 1;
const uvPollHandleType = 8; // UV_POLL in uv_handle_type: asserted through uv_handle_type_name at start.

const signatures = {
  socket: { arguments: ["i32", "i32", "i32"], return: "i32" },
  bind: { arguments: ["i32", "buffer", "u32"], return: "i32" },
  getsockname: { arguments: ["i32", "buffer", "buffer"], return: "i32" },
  setsockopt: { arguments: ["i32", "i32", "i32", "buffer", "u32"], return: "i32" },
  getsockopt: { arguments: ["i32", "i32", "i32", "buffer", "buffer"], return: "i32" },
  recv: { arguments: ["i32", "buffer", "u64", "i32"], return: "i64" },
  recvfrom: { arguments: ["i32", "buffer", "u64", "i32", "buffer", "buffer"], return: "i64" },
  send: { arguments: ["i32", "buffer", "u64", "i32"], return: "i64" },
  sendto: { arguments: ["i32", "buffer", "u64", "i32", "buffer", "u32"], return: "i64" },
  ioctl: { arguments: ["i32", "u64", "buffer"], return: "i32" },
  clock_gettime: { arguments: ["i32", "buffer"], return: "i32" },
  close: { arguments: ["i32"], return: "i32" },
  fcntl: { arguments: ["i32", "i32", "i32"], return: "i32" },
  getpid: { arguments: [], return: "i32" },
  __errno_location: { arguments: [], return: "pointer" },
  uv_handle_size: { arguments: ["i32"], return: "u64" },
  uv_handle_type_name: { arguments: ["i32"], return: "pointer" },
  uv_poll_init: { arguments: ["pointer", "buffer", "i32"], return: "i32" },
  uv_poll_start: { arguments: ["buffer", "i32", "pointer"], return: "i32" },
  uv_poll_stop: { arguments: ["buffer"], return: "i32" },
  uv_close: { arguments: ["buffer", "pointer"], return: "void" },
} as const;

/** Results below zero are a negated errno, as inside the kernel. File descriptors belong to the caller, who closes them. */
export interface Native {
  /** Non-blocking and close-on-exec. */
  socket(domain: number, type: number, protocol: number): number;
  bind(fd: number, address: Uint8Array): number;
  /** The bound address, as many octets as the kernel gave. */
  localAddress(fd: number): Uint8Array | number;
  setOption(fd: number, level: number, name: number, value: Uint8Array): number;
  /** Fills `value` and returns how many octets the kernel wrote. */
  getOption(fd: number, level: number, name: number, value: Uint8Array): number;
  receive(fd: number, into: Uint8Array): number;
  /** As `receive`; the sender's address goes into `from`. */
  receiveFrom(fd: number, into: Uint8Array, from: Uint8Array): number;
  send(fd: number, payload: Uint8Array): number;
  sendTo(fd: number, payload: Uint8Array, to: Uint8Array): number;
  /**
   * Milliseconds, with fractions, since the packet that was received last had come in. It is told by the wall clock, so it
   * is wrong when that was set meanwhile. The first call makes the kernel keep the times of packets; those that came before,
   * or within moments, have come "now".
   */
  packetAge(fd: number): number;
  close(fd: number): void;
  /** A second descriptor of the same socket, close-on-exec: each is closed by itself. */
  duplicate(fd: number): number;
  /**
   * Calls `onReadable` from the event loop whenever `fd` has something to read, until disposed. Dispose before closing `fd`.
   * The listener runs as an ordinary macrotask, so promises and throws behave as everywhere else.
   */
  watchReadable(fd: number, onReadable: () => void): Disposable;
}

/** Loads the C functions and proves that they are reached. Throws HOST_NOT_LINUX or HOST_NATIVE_CALLS. */
export function createNative(): Native {
  if (process.platform !== "linux") {
    throw new HostError(
      "HOST_NOT_LINUX",
      `Ropewalk needs Linux; this is ${process.platform}. Run it in a Linux machine or container.`,
    );
  }
  const { lib, functions } = load();
  const errno = () => -getInt32(functions.__errno_location());
  const orErrno = (result: number) => (result < 0 ? errno() : result);
  // One for all calls: none of them is under way when another begins.
  const size = new Uint8Array(4);
  const sizeView = new DataView(size.buffer);
  const came = new Timespec();
  const now = new Timespec();
  const socketAddress = (fd: number): Uint8Array | number => {
    const address = new Uint8Array(128);
    sizeView.setUint32(0, address.length, isLittleEndian);
    if (functions.getsockname(fd, address, size) < 0) return errno();
    return address.subarray(0, sizeView.getUint32(0, isLittleEndian));
  };
  const native: Native = {
    socket: (domain, type, protocol) => orErrno(functions.socket(domain, type | nonBlockingCloseOnExec, protocol)),
    bind: (fd, address) => orErrno(functions.bind(fd, address, address.length)),
    localAddress: socketAddress,
    setOption: (fd, level, name, value) => orErrno(functions.setsockopt(fd, level, name, value, value.length)),
    getOption: (fd, level, name, value) => {
      sizeView.setUint32(0, value.length, isLittleEndian);
      if (functions.getsockopt(fd, level, name, value, size) < 0) return errno();
      return sizeView.getUint32(0, isLittleEndian);
    },
    receive: (fd, into) => orErrno(Number(functions.recv(fd, into, BigInt(into.length), 0))),
    receiveFrom: (fd, into, from) => {
      sizeView.setUint32(0, from.length, isLittleEndian);
      return orErrno(Number(functions.recvfrom(fd, into, BigInt(into.length), 0, from, size)));
    },
    send: (fd, payload) => orErrno(Number(functions.send(fd, payload, BigInt(payload.length), 0))),
    sendTo: (fd, payload, to) =>
      orErrno(Number(functions.sendto(fd, payload, BigInt(payload.length), 0, to, to.length))),
    packetAge: (fd) => {
      if (functions.ioctl(fd, SIOCGSTAMPNS, came.octets) < 0) return 0;
      return functions.clock_gettime(CLOCK_REALTIME, now.octets) < 0 ? 0 : now.millisSince(came);
    },
    close: (fd) => void functions.close(fd),
    duplicate: (fd) => orErrno(functions.fcntl(fd, F_DUPFD_CLOEXEC, 0)),
    watchReadable: (fd, onReadable) => watchReadable(lib, functions, fd, onReadable),
  };
  return native;
}

/** struct timespec where a long has 64 bits, as on every architecture that Node supports. */
class Timespec {
  readonly octets = new Uint8Array(16);
  readonly #view = new DataView(this.octets.buffer);

  millisSince(earlier: Timespec): number {
    return (this.#seconds - earlier.#seconds) * 1_000 + (this.#nanoseconds - earlier.#nanoseconds) / 1e6;
  }

  /** The lower half is enough until 2106. */
  get #seconds(): number {
    return this.#view.getUint32(isLittleEndian ? 0 : 4, isLittleEndian);
  }

  get #nanoseconds(): number {
    return this.#view.getUint32(isLittleEndian ? 8 : 12, isLittleEndian);
  }
}

type Functions = ReturnType<typeof load>["functions"];

function load() {
  try {
    const loaded = dlopen(null, signatures);
    const { functions } = loaded;
    const pid = functions.getpid();
    if (pid !== process.pid) throw new Error(`getpid() gave ${String(pid)} instead of ${process.pid}`);
    const bad = functions.close(-1);
    const errno = getInt32(functions.__errno_location());
    if (bad !== -1 || errno !== 9)
      throw new Error(`close(-1) gave ${String(bad)} with errno ${errno} instead of EBADF`);
    const name = readString(functions.uv_handle_type_name(uvPollHandleType));
    if (name !== "poll") throw new Error(`libuv's handle type ${uvPollHandleType} is "${name}" instead of "poll"`);
    return loaded;
  } catch (cause) {
    throw new HostError(
      "HOST_NATIVE_CALLS",
      `Node ${process.version} cannot call the C library. Start Ropewalk with its launcher (bin/ropewalk.mjs), which brings the Node that can.`,
      { cause },
    );
  }
}

function watchReadable(lib: DynamicLibrary, functions: Functions, fd: number, onReadable: () => void): Disposable {
  const handle = new Uint8Array(Number(functions.uv_handle_size(uvPollHandleType)));
  let isOpen = true;
  let isQueued = false;
  let isStopped = false;
  // libuv calls this outside any JavaScript scope: neither microtasks nor exceptions would be handled. The immediate
  // runs in the check phase of the same loop turn, right after polling.
  const readable = lib.registerCallback({ arguments: ["pointer", "i32", "i32"], return: "void" }, (_handle, status) => {
    if (!isOpen) return;
    isStopped ||= Number(status) < 0;
    if (isQueued) return;
    isQueued = true;
    setImmediate(() => {
      isQueued = false;
      if (!isOpen) return;
      // On a pending socket error (ENOBUFS of an overrun netlink socket) libuv reports EBADF and stops polling. The
      // listener takes the error by receiving; then polling must start again, or the descriptor stays deaf for good.
      if (isStopped) setImmediate(() => isOpen && functions.uv_poll_start(handle, uvReadable, readable));
      isStopped = false;
      onReadable();
    });
  });
  const started =
    functions.uv_poll_init(getCurrentEventLoop(), handle, fd) || functions.uv_poll_start(handle, uvReadable, readable);
  if (started !== 0) {
    lib.unregisterCallback(readable);
    throw new HostError("HOST_NATIVE_CALLS", `the event loop refused file descriptor ${fd} (libuv error ${started})`, {
      errno: -started,
    });
  }
  return {
    [Symbol.dispose]() {
      if (!isOpen) return;
      isOpen = false;
      functions.uv_poll_stop(handle);
      const closed = lib.registerCallback({ arguments: ["pointer"], return: "void" }, () => {
        // Naming the handle here keeps its memory alive until libuv has let go of it; a callback cannot unregister itself.
        setImmediate((_kept: Uint8Array) => {
          lib.unregisterCallback(readable);
          lib.unregisterCallback(closed);
        }, handle);
      });
      functions.uv_close(handle, closed);
    },
  };
}

/** Netlink, socket options and socket addresses use the machine's own byte order. */
export const isLittleEndian: boolean = new Uint8Array(Uint16Array.of(1).buffer)[0] === 1;
