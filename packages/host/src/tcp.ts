/**
 * TCP as the tunnel needs it: octets go from the kernel into memory that the owner names, and from the owner's memory into
 * the kernel, with nothing kept in between. All events come from the event loop, one after the other, never from inside a
 * call of the owner's; within each of them the owner may do anything, also dispose of the connection.
 */
import type { IpAddress } from "@ropewalk/kernel/addresses";
import type { PathBinding } from "@ropewalk/kernel/connectivity";

export interface TcpEndpoint {
  readonly address: IpAddress;
  readonly port: number;
}

/** `failed`: the peer's RST or a timeout, by the errno's name (`ECONNRESET`, `ETIMEDOUT`, `EHOSTUNREACH` …). */
export type TcpClosed = { readonly kind: "ended" } | { readonly kind: "failed"; readonly code: string };

export interface TcpEvents {
  /**
   * Where the next octets go, at least one octet long; undefined pauses reading until `resume`. Asked just before each read,
   * which may also find that there is nothing, or only the end.
   */
  readonly room: () => Uint8Array | undefined;
  /** The filled beginning of what `room` gave just before. */
  readonly onOctets: (octets: Uint8Array) => void;
  /** The peer has sent FIN: no octets will come any more. Never told of a reset that came without a FIN. */
  readonly onEnd: () => void;
  /** The kernel has taken all that was written. Told once after each `write` that returned false. */
  readonly onWritable: () => void;
  /**
   * Once, and last; the descriptor is closed already. `ended`: both directions were finished, or this end has reset or
   * disposed of the connection. A reset is told after the octets that came before it, or at once when a write meets it; so
   * while reading pauses and nothing is written, it waits as those octets do.
   */
  readonly onClosed: (how: TcpClosed) => void;
}

/** What the kernel knows of the way to the peer. Source: struct tcp_info of linux/tcp.h. */
export interface TcpInfo {
  readonly rttMicroseconds: number;
  readonly rttVarianceMicroseconds: number;
  /** The least of the last minutes (net.ipv4.tcp_min_rtt_wlen). */
  readonly minRttMicroseconds: number;
  readonly congestionWindowSegments: number;
  readonly segmentBytes: number;
  /** Segments that were sent again, since the connection began. */
  readonly retransmits: number;
  /** The latest sample; 0 before the first. It says too little when there was not enough to send. */
  readonly deliveryBytesPerSecond: number;
  readonly isDeliveryLimitedBySender: boolean;
}

/** Nagle's algorithm is always off. Disposing closes at once: what the kernel has is still delivered, what is pending here is not. */
export interface TcpConnection extends Disposable {
  readonly remote: TcpEndpoint;
  readonly local: TcpEndpoint;
  /** Begins reading. Once, before anything is written; until then nothing is told and nothing is lost. */
  start(events: TcpEvents): void;
  /**
   * True: the kernel has them all. False: it has taken a part, and the rest are borrowed until `onWritable`; to write before
   * that, or after `finish`, is misuse and throws. On a connection that is closed, false. `copied`: the rest is not borrowed, but
   * copied.
   */
  write(parts: readonly Uint8Array[], rest?: "borrowed" | "copied"): boolean;
  /** FIN, behind all that was written. */
  finish(): void;
  /**
   * RST at once, behind so much of what is pending here, and of `last`, as the kernel takes now. What it has and may not send yet,
   * because the peer has no room, is lost.
   */
  reset(last?: readonly Uint8Array[]): void;
  /** Asks for room again, soon. */
  resume(): void;
  /** Octets in the kernel that are not yet sent (SIOCOUTQNSD), and not yet acknowledged, these included (SIOCOUTQ); 0 when closed. */
  unsent(): number;
  unacknowledged(): number;
  /** TCP_NOTSENT_LOWAT: with about so many octets unsent, the kernel takes no more, and asks for more when half of them are sent. */
  boundUnsent(bytes: number): void;
  /** Undefined when closed. */
  info(): TcpInfo | undefined;
  /** Gives the descriptor away, still open: it is the caller's from now on, and no event is told any more. Nothing may be pending. */
  release(): number;
}

/** What keeps a listener from accepting; it goes on by itself. `exhausted` is told once, until connections are accepted again. */
export interface TcpListenerEvents {
  /** The connection is the owner's, who starts or disposes of it. */
  readonly onConnection: (connection: TcpConnection) => void;
  /** Descriptors or memory are exhausted (`EMFILE`, `ENFILE`, `ENOBUFS`, `ENOMEM`): new connections wait in the kernel. */
  readonly onExhausted: (code: string) => void;
}

/** Disposing stops listening; connections that the kernel has accepted and we have not are reset by it. */
export interface TcpListener extends Disposable {
  /** With the port that the kernel chose, if 0 was asked for. */
  readonly local: TcpEndpoint;
  /** New connections wait in the kernel, as many as the backlog allows. */
  pause(): void;
  resume(): void;
}

export interface TcpListenOptions {
  /** Connections that wait in the kernel; it allows net.core.somaxconn at most. */
  readonly backlog?: number;
}

export interface TcpConnectOptions {
  readonly signal: AbortSignal;
  /** The only path by which it may leave. */
  readonly binding?: PathBinding;
}

/** All throw HostError. Dispose after every connection and listener is gone. */
export interface Tcp extends Disposable {
  /** HOST_ADDRESS_IN_USE names address and port. An IPv6 listener takes no IPv4. */
  listen(at: TcpEndpoint, events: TcpListenerEvents, options?: TcpListenOptions): TcpListener;
  /** Rejects with the signal's reason, or HostError with the system's errno. */
  connect(to: TcpEndpoint, options: TcpConnectOptions): Promise<TcpConnection>;
  /** Takes over a connected descriptor; `early` was read of it already and is told first. */
  adopt(fd: number, early?: readonly Uint8Array[]): TcpConnection;
}
