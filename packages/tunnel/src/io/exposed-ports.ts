/**
 * The listeners of a source, one for each exposed port. A change of the configuration is made whole or not at all: what is new listens
 * before anything that goes is closed, connections stay, and a port that cannot be had is an error, never another port.
 */
import { HostError } from "@ropewalk/host/errors";
import type { Tcp, TcpConnection, TcpListener } from "@ropewalk/host/tcp";
import { describeError } from "@ropewalk/kernel/errors";
import { TunnelError } from "../errors.ts";
import { ConnectionCounts } from "../pure/connection-counts.ts";
import { type Exposure, exposureChange, exposureKey } from "../pure/exposures.ts";
import { overlaps } from "../pure/listening-places.ts";

export interface ExposedPortsEvents {
  /** The connection is the receiver's, who disposes of `place` when it is over. */
  readonly onConnection: (connection: TcpConnection, exposure: Exposure, place: Disposable) => void;
  /** Descriptors or memory are exhausted: told once, until connections are accepted again. */
  readonly onExhausted: (code: string, exposure: Exposure) => void;
}

export interface ExposedPortStatus {
  readonly exposure: Exposure;
  readonly open: number;
  /** Connections that were reset at once since it listens, being one too many. */
  readonly refused: number;
}

interface Open {
  exposure: Exposure;
  readonly listener: TcpListener;
  refused: number;
}

export class ExposedPorts implements Disposable {
  readonly #tcp: Pick<Tcp, "listen">;
  readonly #events: ExposedPortsEvents;
  readonly #counts = new ConnectionCounts<string>();
  #open = new Map<string, Open>();

  constructor(tcp: Pick<Tcp, "listen">, events: ExposedPortsEvents) {
    this.#tcp = tcp;
    this.#events = events;
  }

  get status(): readonly ExposedPortStatus[] {
    return [...this.#open.values()].map(({ exposure, refused }) => {
      return { exposure, open: this.#counts.of(exposureKey(exposure)), refused };
    });
  }

  /** Throws TUNNEL_LISTEN, which names every port that cannot be had; then all is as it was. */
  apply(wanted: readonly Exposure[]): void {
    const { kept, added, removed } = exposureChange(this.#open.keys(), wanted);
    const going = removed.flatMap((key) => this.#open.get(key) ?? []);
    // A listener of ours that goes may itself be what keeps a new one from its port: 127.0.0.1 becomes 0.0.0.0.
    const blocked = added.filter((exposure) => going.some((open) => overlaps(open.exposure, exposure)));
    const opened = this.#listenAll(added.filter((exposure) => !blocked.includes(exposure)));
    const inTheWay = going.filter(({ exposure }) => blocked.some((other) => overlaps(exposure, other)));
    for (const { listener } of inTheWay) listener[Symbol.dispose]();
    try {
      opened.push(...this.#listenAll(blocked));
    } catch (error) {
      for (const { listener } of opened) listener[Symbol.dispose]();
      throw this.#reopened(inTheWay, error as TunnelError);
    }
    for (const { listener } of going) listener[Symbol.dispose]();
    this.#replace(kept, opened, removed);
  }

  /** Accepts no more. Connections belong to those who were given them. */
  [Symbol.dispose](): void {
    for (const { listener } of this.#open.values()) listener[Symbol.dispose]();
    this.#open.clear();
  }

  #replace(kept: readonly Exposure[], opened: readonly Open[], removed: readonly string[]): void {
    for (const key of removed) this.#open.delete(key);
    for (const open of opened) this.#open.set(exposureKey(open.exposure), open);
    for (const exposure of kept) {
      const open = this.#open.get(exposureKey(exposure));
      if (open !== undefined) open.exposure = exposure;
    }
  }

  /** All, or none and TUNNEL_LISTEN. */
  #listenAll(exposures: readonly Exposure[]): Open[] {
    const opened: Open[] = [];
    const faults: TunnelError[] = [];
    for (const exposure of exposures) {
      try {
        opened.push(this.#listen(exposure));
      } catch (cause) {
        if (!(cause instanceof HostError)) throw cause;
        faults.push(new TunnelError("TUNNEL_LISTEN", listenMessage(exposure, cause), { cause }));
      }
    }
    const [first, ...others] = faults;
    if (first === undefined) return opened;
    for (const { listener } of opened) listener[Symbol.dispose]();
    if (others.length === 0) throw first;
    throw new TunnelError("TUNNEL_LISTEN", faults.map(describeError).join("; "));
  }

  #listen(exposure: Exposure): Open {
    const listener = this.#tcp.listen(exposure, {
      onConnection: (connection) => this.#onConnection(connection, open),
      onExhausted: (code) => this.#events.onExhausted(code, open.exposure),
    });
    const open: Open = { exposure, listener, refused: 0 };
    return open;
  }

  /** They were ours a moment ago, and so, but for somebody who was quicker, are to be had. `fault`, with those that are not. */
  #reopened(closed: readonly Open[], fault: TunnelError): TunnelError {
    const lost: string[] = [];
    for (const { exposure } of closed) {
      const key = exposureKey(exposure);
      try {
        for (const open of this.#listenAll([exposure])) this.#open.set(key, open);
      } catch {
        this.#open.delete(key);
        lost.push(key);
      }
    }
    if (lost.length === 0) return fault;
    const message = `${fault.message}; and ${lost.join(", ")}, exposed until now, is lost to another program`;
    return new TunnelError("TUNNEL_LISTEN", message, { cause: fault.cause });
  }

  #onConnection(connection: TcpConnection, open: Open): void {
    const { exposure } = open;
    const place = this.#counts.take(exposureKey(exposure), exposure.maxConnections);
    if (place !== undefined) {
      this.#events.onConnection(connection, exposure, place);
      return;
    }
    open.refused += 1;
    connection.reset();
  }
}

/** The cause says what the system has said. */
function listenMessage(exposure: Exposure, { code }: HostError): string {
  const where = `cannot expose ${exposureKey(exposure)}`;
  if (code === "HOST_ADDRESS_IN_USE") return `${where}; stop who has it, or expose another port`;
  if (code === "HOST_PERMISSION") return `${where}; a port below 1024 needs CAP_NET_BIND_SERVICE`;
  return `${where}; is it an address of this machine?`;
}
