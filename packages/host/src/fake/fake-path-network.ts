/**
 * A network in memory for tests of what uses sockets on paths: the links of this host, peers that tests script, and loss,
 * delay and refusals on demand. There is no chance in it: what is sent is answered in the next microtask, at the moment that
 * the test says, or never.
 */
import type { Duplex } from "node:stream";
import { familyOf, type IpAddress } from "@ropewalk/kernel/addresses";
import type { Clock } from "@ropewalk/kernel/clock";
import type { PathBinding } from "@ropewalk/kernel/connectivity";
import { InternalError } from "@ropewalk/kernel/errors";
import { type Millis, millis } from "@ropewalk/kernel/units";
import { describeErrno } from "../system-error.ts";
import type { FakeDeparture, FakeEndpoint, SelectsDeparture } from "./fake-departure.ts";

/** What is left out is as an honest peer has it: the payload that was sent, from where it was sent to, at once. */
export interface FakeEchoAnswer {
  readonly payload?: Uint8Array;
  readonly from?: IpAddress;
  readonly after?: Millis;
}

export interface FakeDatagramAnswer {
  readonly payload: Uint8Array;
  readonly from?: FakeEndpoint;
  readonly after?: Millis;
}

export interface FakeConnection {
  /** Breaks it as a TCP reset does; ending or destroying the stream closes it in order. */
  reset(): void;
}

/** Each answers nothing, once, or several times. */
export type EchoPeer = (payload: Uint8Array, departure: FakeDeparture) => readonly FakeEchoAnswer[];
/** Bare octets are an honest answer with this payload; undefined is silence. */
export type DatagramPeer = (
  payload: Uint8Array,
  departure: FakeDeparture,
) => Uint8Array | readonly FakeDatagramAnswer[] | undefined;
/** Has the far end of the stream, once the connection stands. */
export type ConnectionPeer = (stream: Duplex, departure: FakeDeparture, connection: FakeConnection) => void;

interface FakeLink {
  readonly name: string;
  readonly addresses: ReadonlySet<IpAddress>;
  readonly mtu: number;
}

const honestEcho: EchoPeer = () => [{}];

export class FakePathNetwork {
  readonly #clock: Clock | undefined;
  readonly #links = new Map<number, FakeLink>();
  readonly #hosts = new Set<IpAddress>();
  readonly #echoPeers = new Map<IpAddress, EchoPeer>();
  readonly #datagramPeers = new Map<string, DatagramPeer>();
  readonly #connectionPeers = new Map<string, ConnectionPeer>();
  readonly #losses = new Set<SelectsDeparture>();
  readonly #delays = new Set<{ readonly isDelayed: SelectsDeparture; readonly by: Millis }>();
  readonly #failures = new Set<{ readonly isFailing: SelectsDeparture; readonly errno: number }>();

  /** The clock is needed only where something is to come late. */
  constructor(clock?: Clock) {
    this.#clock = clock;
  }

  get now(): Millis {
    return this.#clock?.now() ?? millis(0);
  }

  /** Adds the link or puts another state in its place. */
  setLink(ifindex: number, name: string, addresses: readonly IpAddress[], mtu = 1_500): void {
    this.#links.set(ifindex, { name, addresses: new Set(addresses), mtu });
  }

  removeLink(ifindex: number): void {
    this.#links.delete(ifindex);
  }

  /** A host that answers echoes and refuses connections. All other addresses are silent. */
  addHost(address: IpAddress): void {
    this.#hosts.add(address);
  }

  /** Echoes to `address` are answered as `peer` says. */
  onEcho(address: IpAddress, peer: EchoPeer): void {
    this.#echoPeers.set(address, peer);
  }

  onDatagram(at: FakeEndpoint, peer: DatagramPeer): void {
    this.#datagramPeers.set(keyOf(at), peer);
  }

  onConnection(at: FakeEndpoint, peer: ConnectionPeer): void {
    this.#connectionPeers.set(keyOf(at), peer);
  }

  /** Loses everything for which `isLost` holds, until disposed. A narrow path: `({ size, dontFragment }) => dontFragment && size > 1_200`. */
  lose(isLost: SelectsDeparture): Disposable {
    return addTo(this.#losses, isLost);
  }

  /** Lets every answer, and every connection's coming about, take so long, until disposed. */
  delay(isDelayed: SelectsDeparture, by: Millis): Disposable {
    return addTo(this.#delays, { isDelayed, by });
  }

  /** The kernel itself refuses to send, with this error number (101 is ENETUNREACH, 11 a full queue), until disposed. */
  fail(isFailing: SelectsDeparture, errno: number): Disposable {
    return addTo(this.#failures, { isFailing, errno });
  }

  /** Why `binding` is no path of this host now; undefined when it is one. */
  lackOf(binding: PathBinding): string | undefined {
    const link = this.#links.get(binding.ifindex);
    if (link === undefined)
      return `${binding.name} was interface ${binding.ifindex}, but no interface has that index now`;
    if (link.name !== binding.name) {
      return `${binding.name} was interface ${binding.ifindex}, but that index is "${link.name}" now`;
    }
    return link.addresses.has(binding.source)
      ? undefined
      : `${binding.source} is no usable address of ${binding.name} any more`;
  }

  /** Why nothing can be sent on `binding` now. */
  refusalOf(binding: PathBinding, departure: FakeDeparture): string | undefined {
    const { to, size, dontFragment } = departure;
    if (familyOf(to) !== binding.family) return `${to} is no ${binding.family} address`;
    const lack = this.lackOf(binding);
    if (lack !== undefined) return lack;
    if (dontFragment && size > (this.#links.get(binding.ifindex)?.mtu ?? 0)) return describeErrno(-messageTooLong);
    const errno = this.errnoOf(departure);
    return errno === undefined ? undefined : describeErrno(-errno);
  }

  errnoOf(departure: FakeDeparture): number | undefined {
    return [...this.#failures].find(({ isFailing }) => isFailing(departure))?.errno;
  }

  echoPeer(departure: FakeDeparture): EchoPeer | undefined {
    if (this.#isLost(departure)) return undefined;
    return this.#echoPeers.get(departure.to) ?? (this.#hosts.has(departure.to) ? honestEcho : undefined);
  }

  datagramPeer(departure: FakeDeparture): DatagramPeer | undefined {
    return this.#isLost(departure) ? undefined : this.#datagramPeers.get(keyOf(endpointOf(departure)));
  }

  /** Undefined while nobody answers: connecting then waits, as it does in earnest. */
  connectionPeer(departure: FakeDeparture): ConnectionPeer | "refused" | undefined {
    if (this.#isLost(departure)) return undefined;
    const peer = this.#connectionPeers.get(keyOf(endpointOf(departure)));
    return peer ?? (this.#hosts.has(departure.to) ? "refused" : undefined);
  }

  /** Calls `arrive` when the answer to `departure` is there; `after` is what its peer takes. */
  deliver(departure: FakeDeparture, after: Millis | undefined, arrive: () => void): Disposable {
    const delays = [...this.#delays].filter(({ isDelayed }) => isDelayed(departure)).map(({ by }) => by);
    const total = millis(delays.reduce((sum, by) => sum + by, after ?? 0));
    if (total > 0) {
      if (this.#clock === undefined) throw new InternalError("the fake network needs a clock for what comes late");
      return this.#clock.after("fake answer", total, arrive);
    }
    let isWanted = true;
    queueMicrotask(() => isWanted && arrive());
    return {
      [Symbol.dispose]: () => {
        isWanted = false;
      },
    };
  }

  #isLost(departure: FakeDeparture): boolean {
    return [...this.#losses].some((isLost) => isLost(departure));
  }
}

/** EMSGSIZE of asm-generic/errno.h. */
const messageTooLong = 90;

function addTo<T>(set: Set<T>, member: T): Disposable {
  set.add(member);
  return { [Symbol.dispose]: () => void set.delete(member) };
}

function endpointOf({ to, port }: FakeDeparture): FakeEndpoint {
  return { address: to, port };
}

function keyOf({ address, port }: FakeEndpoint): string {
  return `${port}/${address}`;
}
