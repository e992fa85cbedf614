/**
 * The C calls of TCP, made cheap: addresses are numbers, since a buffer as an argument costs Node 0.2 to 0.7 microseconds; those
 * of the data path have three arguments, as far as its quick wrapper goes; and structs lie in memory whose address is known.
 *
 * The rules of native.ts hold here too. No call is under way when another begins, so that all can share that memory.
 */
import { dlopen, getRawPointer, toArrayBuffer } from "node:ffi";
import { isLittleEndian } from "./native.ts";

/** Parts that one call can send; the kernel would take 1,024. */
export const mostParts = 64;

const signatures = {
  // Not recv, send and sendmsg, which cost a twelfth more of a short message's whole way. Node has SIGPIPE ignored.
  read: { arguments: ["i32", "u64", "u64"], return: "i32" },
  write: { arguments: ["i32", "u64", "u64"], return: "i32" },
  writev: { arguments: ["i32", "u64", "i32"], return: "i32" },
  accept4: { arguments: ["i32", "u64", "u64", "i32"], return: "i32" },
  connect: { arguments: ["i32", "u64", "u32"], return: "i32" },
  listen: { arguments: ["i32", "i32"], return: "i32" },
  shutdown: { arguments: ["i32", "i32"], return: "i32" },
  close: { arguments: ["i32"], return: "i32" },
  getsockname: { arguments: ["i32", "u64", "u64"], return: "i32" },
  getpeername: { arguments: ["i32", "u64", "u64"], return: "i32" },
  setsockopt: { arguments: ["i32", "i32", "i32", "u64", "u32"], return: "i32" },
  getsockopt: { arguments: ["i32", "i32", "i32", "u64", "u64"], return: "i32" },
  ioctl: { arguments: ["i32", "u64", "u64"], return: "i32" },
  __errno_location: { arguments: [], return: "u64" },
} as const;

/**
 *   0    length of an address or option, u32
 *   8    a socket address (28), or the value of an option (up to 256)
 *   512  iovecs: address u64, length u64
 */
const layout = { length: 0, value: 8, iovecs: 512, end: 512 + 16 * mostParts };
const longestValue = 256;
const longestSocketAddress = 28;

const nonBlockingCloseOnExec = 0o4000 | 0o2000000;
const SHUT_WR = 1;
/** Results below zero are a negated errno. Descriptors belong to the caller. */
export interface TcpCalls {
  /** 0 is the end. */
  receive(fd: number, into: Uint8Array): number;
  /** Sends what follows the first `skip` octets of `parts[first]`, of up to 64 parts; the count of octets taken. */
  send(fd: number, parts: readonly Uint8Array[], first: number, skip: number): number;
  /** Non-blocking and close-on-exec; `remoteOfAccepted` is the peer's address, until the next call. */
  accept(fd: number): number;
  remoteOfAccepted(): Uint8Array;
  connect(fd: number, address: Uint8Array): number;
  listen(fd: number, backlog: number): number;
  finish(fd: number): number;
  close(fd: number): void;
  /** A socket address, until the next call. */
  localAddress(fd: number): Uint8Array | number;
  remoteAddress(fd: number): Uint8Array | number;
  /** An option that is an int, or two (struct linger). */
  setOption(fd: number, level: number, name: number, value: number, second?: number): number;
  /** The option's octets, valid until the next call. */
  getOption(fd: number, level: number, name: number): DataView | number;
  /** The int that an ioctl gives. */
  query(fd: number, request: bigint): number;
}

/** The memory that all calls share, and its address. */
class Ground {
  readonly memory = new ArrayBuffer(layout.end);
  readonly view = new DataView(this.memory);
  readonly words = new Uint32Array(this.memory);
  readonly pointers = new BigUint64Array(this.memory);
  readonly base: bigint = getRawPointer(this.memory);
  readonly octets = new Uint8Array(this.memory);

  at(offset: number): bigint {
    return this.base + BigInt(offset);
  }
}

export function createTcpCalls(): TcpCalls {
  const functions = load();
  const ground = new Ground();
  const errno = new Int32Array(toArrayBuffer(functions.__errno_location(), 4, false));
  const orErrno = (result: number): number => (result < 0 ? -(errno[0] ?? 0) : result);
  return {
    ...messageCalls(functions, ground, orErrno),
    ...socketCalls(functions, ground, orErrno),
  };
}

type Functions = ReturnType<typeof load>;
type OrErrno = (result: number) => number;

function load() {
  return dlopen(null, signatures).functions;
}

function messageCalls(c: Functions, ground: Ground, orErrno: OrErrno): Pick<TcpCalls, "receive" | "send"> {
  const { pointers } = ground;
  const first64 = layout.iovecs / 8;
  const iovecs = ground.at(layout.iovecs);
  // Rooms have one size mostly: its BigInt is made once.
  let roomLength = 0;
  let roomLength64 = 0n;
  return {
    receive: (fd, into) => {
      if (into.length !== roomLength) {
        roomLength = into.length;
        roomLength64 = BigInt(roomLength);
      }
      return orErrno(c.read(fd, getRawPointer(into), roomLength64));
    },
    send: (fd, parts, first, skip) => {
      const count = Math.min(mostParts, parts.length - first);
      for (let index = 0; index < count; index += 1) {
        const part = parts[first + index] as Uint8Array;
        const skipped = index === 0 ? skip : 0;
        const address = getRawPointer(part) + BigInt(skipped);
        const length = BigInt(part.length - skipped);
        if (count === 1) return orErrno(c.write(fd, address, length));
        pointers[first64 + 2 * index] = address;
        pointers[first64 + 2 * index + 1] = length;
      }
      return orErrno(c.writev(fd, iovecs, count));
    },
  };
}

type SocketCalls = Omit<TcpCalls, "receive" | "send">;

function socketCalls(c: Functions, ground: Ground, orErrno: OrErrno): SocketCalls {
  const { words, view, octets } = ground;
  const length = ground.at(layout.length);
  const value = ground.at(layout.value);
  const setLength = (bytes: number) => {
    words[layout.length / 4] = bytes;
  };
  const address = (result: number) =>
    result < 0 ? orErrno(result) : octets.subarray(layout.value, layout.value + longestSocketAddress);
  return {
    accept: (fd) => {
      setLength(longestSocketAddress);
      return orErrno(c.accept4(fd, value, length, nonBlockingCloseOnExec));
    },
    remoteOfAccepted: () => octets.subarray(layout.value, layout.value + longestSocketAddress),
    connect: (fd, to) => {
      octets.set(to, layout.value);
      return orErrno(c.connect(fd, value, to.length));
    },
    listen: (fd, backlog) => orErrno(c.listen(fd, backlog)),
    finish: (fd) => orErrno(c.shutdown(fd, SHUT_WR)),
    close: (fd) => void c.close(fd),
    localAddress: (fd) => {
      setLength(longestSocketAddress);
      return address(c.getsockname(fd, value, length));
    },
    remoteAddress: (fd) => {
      setLength(longestSocketAddress);
      return address(c.getpeername(fd, value, length));
    },
    setOption: (fd, level, name, first, second) => {
      words[layout.value / 4] = first;
      words[layout.value / 4 + 1] = second ?? 0;
      return orErrno(c.setsockopt(fd, level, name, value, second === undefined ? 4 : 8));
    },
    getOption: (fd, level, name) => {
      setLength(longestValue);
      const result = c.getsockopt(fd, level, name, value, length);
      if (result < 0) return orErrno(result);
      return new DataView(ground.memory, layout.value, view.getUint32(layout.length, isLittleEndian));
    },
    query: (fd, request) => {
      const result = c.ioctl(fd, request, value);
      return result < 0 ? orErrno(result) : view.getInt32(layout.value, isLittleEndian);
    },
  };
}
