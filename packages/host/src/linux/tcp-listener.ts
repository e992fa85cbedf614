/**
 * A listening TCP socket. It accepts a bounded number in one step; when descriptors run out, what has come waits in the
 * kernel, and it tries again by itself.
 */
import { getSystemErrorName } from "node:util";
import type { Clock, Timer } from "@ropewalk/kernel/clock";
import { millis } from "@ropewalk/kernel/units";
import { HostError } from "../errors.ts";
import { describeErrno, socketErrorCode } from "../system-error.ts";
import type { TcpEndpoint, TcpListener, TcpListenerEvents } from "../tcp.ts";
import { AF, ERRNO, type Native, SOCK } from "./native.ts";
import { POLL, type Poll } from "./native-poll.ts";
import { encodeSocketAddress } from "./socket-address.ts";
import { encodeInt, IPV6, SO, SOL_IPV6, SOL_SOCKET, SOL_TCP, TCP } from "./socket-options.ts";
import { LinuxTcpConnection, type TcpDeps } from "./tcp-connection.ts";
import { describeEndpoint, endpointOf, isAnyAddress } from "./tcp-endpoints.ts";

const acceptedInStep = 32;
const usualBacklog = 1_024;
/** Descriptors become free without telling; a connection waits so long at most after that. */
const retryAfter = millis(100);

const exhaustions: ReadonlySet<number> = new Set([-ERRNO.EMFILE, -ERRNO.ENFILE, -ERRNO.ENOBUFS, -ERRNO.ENOMEM]);

export interface ListenerDeps extends TcpDeps {
  readonly native: Native;
  readonly clock: Clock;
}

export function listenTcp(
  deps: ListenerDeps,
  at: TcpEndpoint,
  events: TcpListenerEvents,
  backlog: number = usualBacklog,
): TcpListener {
  const fd = deps.native.socket(at.address.includes(":") ? AF.INET6 : AF.INET, SOCK.STREAM, 0);
  if (fd < 0) throw listenError(at, fd);
  try {
    prepare(deps, fd, at, backlog);
    return new LinuxTcpListener(deps, fd, events);
  } catch (error) {
    deps.calls.close(fd);
    throw error;
  }
}

function prepare({ native, calls }: ListenerDeps, fd: number, at: TcpEndpoint, backlog: number): void {
  // A port whose last connections are still in TIME-WAIT is free.
  native.setOption(fd, SOL_SOCKET, SO.REUSEADDR, encodeInt(1));
  if (at.address.includes(":")) native.setOption(fd, SOL_IPV6, IPV6.V6ONLY, encodeInt(1));
  // What it accepts inherits this.
  native.setOption(fd, SOL_TCP, TCP.NODELAY, encodeInt(1));
  const bound = native.bind(fd, encodeSocketAddress(at));
  if (bound < 0) throw listenError(at, bound);
  const listening = calls.listen(fd, backlog);
  if (listening < 0) throw listenError(at, listening);
}

function listenError(at: TcpEndpoint, result: number): HostError {
  const where = describeEndpoint(at);
  if (result === -ERRNO.EADDRINUSE)
    return new HostError("HOST_ADDRESS_IN_USE", `${where} is in use by another program`, { errno: -result });
  const message = `could not listen at ${where}: ${describeErrno(result)}`;
  return new HostError(socketErrorCode(result), message, { errno: -result });
}

class LinuxTcpListener implements TcpListener {
  readonly local: TcpEndpoint;
  readonly #deps: ListenerDeps;
  readonly #events: TcpListenerEvents;
  readonly #poll: Poll;
  /** Every connection has it for its own, unless it is that of any. */
  readonly #sharedLocal: TcpEndpoint | undefined;
  #fd: number;
  #isPaused = false;
  #retry: Timer | undefined;
  #isExhausted = false;

  constructor(deps: ListenerDeps, fd: number, events: TcpListenerEvents) {
    this.#deps = deps;
    this.#events = events;
    this.#fd = fd;
    this.local = endpointOf(deps.calls.localAddress(fd));
    this.#sharedLocal = isAnyAddress(this.local) ? undefined : this.local;
    this.#poll = deps.readiness.poll(fd, () => this.#acceptSome());
    this.#listen();
  }

  pause(): void {
    this.#isPaused = true;
    this.#listen();
  }

  resume(): void {
    this.#isPaused = false;
    this.#listen();
  }

  [Symbol.dispose](): void {
    if (this.#fd < 0) return;
    this.#retry?.[Symbol.dispose]();
    this.#poll.end();
    this.#deps.calls.close(this.#fd);
    this.#fd = -1;
  }

  #listen(): void {
    if (this.#fd >= 0) this.#poll.listen(this.#isAccepting ? POLL.READABLE : 0);
  }

  get #isAccepting(): boolean {
    return this.#fd >= 0 && !this.#isPaused && this.#retry === undefined;
  }

  #acceptSome(): void {
    for (let count = 0; count < acceptedInStep && this.#isAccepting; count += 1) {
      const fd = this.#deps.calls.accept(this.#fd);
      if (fd === -ERRNO.EAGAIN) return;
      if (exhaustions.has(fd)) this.#waitForResources(fd);
      // Any other error is that of a connection which has ended before it was accepted (accept(2)).
      else if (fd >= 0) this.#hand(fd);
    }
  }

  #hand(fd: number): void {
    const { calls } = this.#deps;
    const remote = endpointOf(calls.remoteOfAccepted());
    const local = this.#sharedLocal ?? endpointOf(calls.localAddress(fd));
    const connection = new LinuxTcpConnection(this.#deps, fd, { remote, local });
    this.#isExhausted = false;
    this.#events.onConnection(connection);
  }

  #waitForResources(result: number): void {
    this.#retry = this.#deps.clock.after("tcp-accept", retryAfter, () => {
      this.#retry = undefined;
      this.#listen();
    });
    this.#listen();
    if (this.#isExhausted) return;
    this.#isExhausted = true;
    this.#events.onExhausted(getSystemErrorName(result));
  }
}
