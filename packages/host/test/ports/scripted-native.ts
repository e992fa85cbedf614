/** A kernel of a script: calls succeed until told otherwise, and what sockets receive is put there by the test. */
import { ERRNO, type Native } from "../../src/linux/native.ts";
import { type Endpoint, encodeSocketAddress } from "../../src/linux/socket-address.ts";

export interface Arrival {
  readonly payload: Uint8Array;
  readonly from: Uint8Array;
}

export interface ScriptedNative {
  readonly native: Native;
  readonly open: ReadonlySet<number>;
  readonly sent: readonly Uint8Array[];
  /** Call numbers of this name fail with that errno. */
  fail(call: "socket" | "bind" | "setOption" | "getOption" | "localAddress" | "watchReadable", errno: number): void;
  /** Makes sockets of this type (SOCK.*) be refused. */
  refuseType(type: number): void;
  /** What was received last had come in so many milliseconds ago. */
  setPacketAge(age: number): void;
  /** Everything arrives in one turn; a number is a pending error of the socket. */
  arrive(...arrivals: readonly (Arrival | number)[]): void;
}

export function createScriptedNative(deviceName: string, local: Endpoint): ScriptedNative {
  const open = new Set<number>();
  const sent: Uint8Array[] = [];
  const failing = new Map<string, number>();
  const refused = new Set<number>();
  const queue: (Arrival | number)[] = [];
  let nextFd = 100;
  let age = 0;
  let readable: (() => void) | undefined;
  const outcome = (call: string) => -(failing.get(call) ?? 0);
  const native: Native = {
    socket: (_domain, type) => {
      if (refused.has(type)) return -ERRNO.EACCES;
      if (outcome("socket") < 0) return outcome("socket");
      nextFd += 1;
      open.add(nextFd);
      return nextFd;
    },
    bind: () => outcome("bind"),
    localAddress: () => (outcome("localAddress") < 0 ? outcome("localAddress") : encodeSocketAddress(local)),
    setOption: () => outcome("setOption"),
    getOption: (_fd, _level, _name, value) => {
      value.set(new TextEncoder().encode(`${deviceName}\0`));
      return outcome("getOption") < 0 ? outcome("getOption") : deviceName.length + 1;
    },
    receive: () => -ERRNO.EAGAIN,
    receiveFrom: (_fd, into, from) => {
      const next = queue.shift();
      if (next === undefined) return -ERRNO.EAGAIN;
      if (typeof next === "number") return -next;
      into.set(next.payload);
      from.set(next.from);
      return next.payload.length;
    },
    send: (_fd, payload) => payload.length,
    sendTo: (_fd, payload) => {
      sent.push(payload);
      return payload.length;
    },
    packetAge: () => age,
    duplicate: () => 0,
    close: (fd) => void open.delete(fd),
    watchReadable: (_fd, onReadable) => {
      if (failing.has("watchReadable")) throw new Error("the event loop refused");
      readable = onReadable;
      return {
        [Symbol.dispose]: () => {
          readable = undefined;
        },
      };
    },
  };
  return {
    native,
    open,
    sent,
    fail: (call, errno) => void failing.set(call, errno),
    refuseType: (type) => void refused.add(type),
    setPacketAge: (next) => {
      age = next;
    },
    arrive: (...arrivals) => {
      queue.push(...arrivals);
      readable?.();
    },
  };
}
