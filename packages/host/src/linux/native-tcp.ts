/**
 * The C calls of TCP and of epoll, made cheap: every argument is a number, since Node calls such functions without its own
 * wrapper (about 50 ns instead of 250 to 1,000), and structs lie in one piece of memory whose address is known.
 *
 * The rules of native.ts hold here too. No call is under way when another begins, so that all can share that memory.
 */
import { dlopen, getRawPointer, toArrayBuffer } from "node:ffi";
import { isLittleEndian } from "./native.ts";

/** The same on every architecture that Node supports. Source: linux/eventpoll.h. */
export const EPOLL = { IN: 1, OUT: 4, ERR: 8, HUP: 16, RDHUP: 0x2000, ET: 0x8000_0000 } as const;
/** Of one call. */
const mostPolledEvents = 256;
/** Parts that one call can send; the kernel would take 1,024. */
export const mostParts = 64;

const signatures = {
  recvmsg: { arguments: ["i32", "u64", "i32"], return: "i32" },
  sendmsg: { arguments: ["i32", "u64", "i32"], return: "i32" },
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
  epoll_create1: { arguments: ["i32"], return: "i32" },
  epoll_ctl: { arguments: ["i32", "i32", "i32", "u64"], return: "i32" },
  epoll_wait: { arguments: ["i32", "u64", "i32", "i32"], return: "i32" },
  mallopt: { arguments: ["i32", "i32"], return: "i32" },
  __errno_location: { arguments: [], return: "u64" },
} as const;

/**
 *   0    msghdr (56): name 0, name length 8, iovec 16, iovecs 24, control 32, control length 40, flags 48
 *   64   length of an address or option, u32
 *   72   one epoll_event
 *   128  a socket address (28), or the value of an option (up to 256)
 *   512  iovecs: address u64, length u64
 *   2048 epoll_events
 */
const layout = { length: 64, event: 72, value: 128, iovecs: 512, events: 2_048, end: 2_048 + 16 * mostPolledEvents };
const longestValue = 256;
const longestSocketAddress = 28;

const MSG_DONTWAIT = 0x40;
const MSG_NOSIGNAL = 0x4000;
const nonBlockingCloseOnExec = 0o4000 | 0o2000000;
const closeOnExec = 0o2000000;
const SHUT_WR = 1;
const EPOLL_CTL = { ADD: 1, DEL: 2, MOD: 3 } as const;
/** Source: bits/mallopt of glibc's malloc.h. */
const M_TRIM_THRESHOLD = -1;
const M_TOP_PAD = -2;
const M_MMAP_THRESHOLD = -3;

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
  createPoll(): number;
  pollAdd(poll: number, fd: number, events: number, token: number): number;
  pollChange(poll: number, fd: number, events: number, token: number): number;
  pollRemove(poll: number, fd: number): number;
  /** What is ready now, without waiting: calls `each` so often as it returns. */
  poll(poll: number, each: (token: number, events: number) => void): number;
  /**
   * Makes glibc keep memory that was freed, up to `bytes`, for the next who asks, instead of giving it back to the kernel,
   * which must then clear it again. For the whole process and for good. False where the C library has no such thing.
   */
  keepFreedMemory(bytes: number): boolean;
}

/** Where the lower 32 bits of 64 lie, in words. */
const lowHalf = isLittleEndian ? 0 : 1;

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
    ...pollCalls(functions, ground, orErrno),
    keepFreedMemory: (bytes) =>
      functions.mallopt(M_MMAP_THRESHOLD, bytes) === 1 &&
      functions.mallopt(M_TRIM_THRESHOLD, bytes) === 1 &&
      functions.mallopt(M_TOP_PAD, bytes) === 1,
  };
}

type Functions = ReturnType<typeof load>;
type OrErrno = (result: number) => number;

function load() {
  return dlopen(null, signatures).functions;
}

function messageCalls(c: Functions, ground: Ground, orErrno: OrErrno): Pick<TcpCalls, "receive" | "send"> {
  const { words, pointers, base } = ground;
  const iovecs = layout.iovecs / 8;
  pointers[2] = ground.at(layout.iovecs);
  const setPart = (index: number, octets: Uint8Array, skip: number) => {
    const address = getRawPointer(octets);
    pointers[iovecs + 2 * index] = skip === 0 ? address : address + BigInt(skip);
    // The upper half of a length stays zero.
    words[2 * (iovecs + 2 * index + 1) + lowHalf] = octets.length - skip;
  };
  return {
    receive: (fd, into) => {
      setPart(0, into, 0);
      words[6 + lowHalf] = 1;
      return orErrno(c.recvmsg(fd, base, MSG_DONTWAIT));
    },
    send: (fd, parts, first, skip) => {
      const count = Math.min(mostParts, parts.length - first);
      for (let index = 0; index < count; index += 1) {
        setPart(index, parts[first + index] as Uint8Array, index === 0 ? skip : 0);
      }
      words[6 + lowHalf] = count;
      return orErrno(c.sendmsg(fd, base, MSG_DONTWAIT | MSG_NOSIGNAL));
    },
  };
}

type SocketCalls = Omit<TcpCalls, "receive" | "send" | "keepFreedMemory" | keyof PollCalls>;

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

type PollCalls = Pick<TcpCalls, "createPoll" | "pollAdd" | "pollChange" | "pollRemove" | "poll">;

/** struct epoll_event is packed on x86-64 alone. Source: linux/eventpoll.h. */
const eventWords = process.arch === "x64" ? 3 : 4;
const tokenWord = eventWords - 2;

function pollCalls(c: Functions, ground: Ground, orErrno: OrErrno): PollCalls {
  const { words } = ground;
  const one = ground.at(layout.event);
  const many = ground.at(layout.events);
  const control = (poll: number, operation: number, fd: number, events: number, token: number): number => {
    words[layout.event / 4] = events;
    words[layout.event / 4 + tokenWord] = token;
    return orErrno(c.epoll_ctl(poll, operation, fd, one));
  };
  return {
    createPoll: () => orErrno(c.epoll_create1(closeOnExec)),
    pollAdd: (poll, fd, events, token) => control(poll, EPOLL_CTL.ADD, fd, events, token),
    pollChange: (poll, fd, events, token) => control(poll, EPOLL_CTL.MOD, fd, events, token),
    pollRemove: (poll, fd) => control(poll, EPOLL_CTL.DEL, fd, 0, 0),
    poll: (poll, each) => {
      const count = orErrno(c.epoll_wait(poll, many, mostPolledEvents, 0));
      for (let index = 0; index < count; index += 1) {
        const word = layout.events / 4 + index * eventWords;
        each(words[word + tokenWord] ?? 0, words[word] ?? 0);
      }
      return count;
    },
  };
}
