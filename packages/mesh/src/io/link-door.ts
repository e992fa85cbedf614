/** Where neighbours come in: connections are accepted, strangers bounded until they have proved a key, and each outcome told. */

import { once } from "node:events";
import { type AddressInfo, createServer, type Server, type Socket } from "node:net";
import { resetSocket } from "@ropewalk/host/linux/reset-socket";
import type { Clock } from "@ropewalk/kernel/clock";
import { describeError } from "@ropewalk/kernel/errors";
import { networkPrefixOf } from "@ropewalk/kernel/network-prefix";
import type { Millis } from "@ropewalk/kernel/units";
import { MeshError } from "../errors.ts";
import { HalfOpen, type HalfOpenConfig, type HalfOpenId } from "../pure/half-open.ts";
import { LinkHandshake, type ProvedLink } from "./link-handshake.ts";
import type { LinkIdentity, LinkRefusal } from "./link-tls.ts";

export interface LinkDoorConfig {
  /** An address of this machine; "::" takes IPv4 too. */
  readonly host: string;
  readonly port: number;
  /** Until a peer has proved his key. */
  readonly within: Millis;
  readonly strangers: HalfOpenConfig;
}

/** Where a connection comes from and where it came in, as its socket says. */
export interface LinkEnds {
  readonly remote: string;
  readonly remotePort: number;
  readonly local: string;
  readonly startedAt: Millis;
}

export interface LinkDoorDeps {
  readonly identity: LinkIdentity;
  readonly clock: Clock;
}

export interface LinkDoorEvents {
  readonly onProved: (link: ProvedLink, ends: LinkEnds) => void;
  readonly onRefused: (refusal: LinkDoorRefusal, ends: LinkEnds) => void;
}

/** `shed`: it gave way to a later one, for there were too many that had proved nothing. */
export type LinkDoorRefusal = LinkRefusal | { readonly reason: "rate-limited" | "shed" };

export class LinkDoor implements Disposable {
  readonly #deps: LinkDoorDeps & { readonly config: LinkDoorConfig };
  readonly #events: LinkDoorEvents;
  readonly #server: Server;
  readonly #strangers: HalfOpen;
  readonly #handshakes = new Map<HalfOpenId, { readonly handshake: LinkHandshake; isShed: boolean }>();
  #lastId = 0;

  /** Throws MESH_LISTEN. */
  static async listen(config: LinkDoorConfig, deps: LinkDoorDeps, events: LinkDoorEvents): Promise<LinkDoor> {
    const door = new LinkDoor(config, deps, events);
    const { host, port } = config;
    door.#server.listen({ host, port, backlog: 512 });
    try {
      await once(door.#server, "listening");
    } catch (cause) {
      const message = `cannot accept links at ${host} port ${port}; choose another address or port, or stop who has it: ${describeError(cause)}`;
      throw new MeshError("MESH_LISTEN", message, { cause });
    }
    return door;
  }

  private constructor(config: LinkDoorConfig, deps: LinkDoorDeps, events: LinkDoorEvents) {
    this.#deps = { ...deps, config };
    this.#events = events;
    this.#strangers = new HalfOpen(config.strangers);
    this.#server = createServer({ noDelay: true }, (socket) => this.#onSocket(socket));
  }

  /** While it is open. */
  get address(): AddressInfo {
    return this.#server.address() as AddressInfo;
  }

  /** Connections that have not proved a key. */
  get strangers(): number {
    return this.#strangers.size;
  }

  /** Accepts no more; who is proving his key may end that. */
  close(): void {
    this.#server.close();
  }

  /** Accepts no more, and cuts off who has not proved a key; links belong to whoever was told of them. */
  [Symbol.dispose](): void {
    this.close();
    for (const { handshake } of this.#handshakes.values()) handshake[Symbol.dispose]();
  }

  #onSocket(socket: Socket): void {
    const { clock, identity, config } = this.#deps;
    const ends: LinkEnds = {
      remote: socket.remoteAddress ?? "unknown",
      remotePort: socket.remotePort ?? 0,
      local: socket.localAddress ?? "unknown",
      startedAt: clock.now(),
    };
    this.#lastId += 1;
    const id = this.#lastId;
    const arrival = this.#strangers.arrive(ends.startedAt, id, networkPrefixOf(ends.remote));
    if (arrival.kind === "refused") {
      // At once, and without a state of the kernel that would outlive it.
      resetSocket(socket.on("error", () => {}));
      this.#events.onRefused({ reason: "rate-limited" }, ends);
      return;
    }
    const leave = () => {
      this.#strangers.leave(id);
      const isShed = this.#handshakes.get(id)?.isShed === true;
      this.#handshakes.delete(id);
      return isShed;
    };
    const handshake = new LinkHandshake(socket, {
      direction: "accepted",
      ...{ identity, clock, within: config.within },
      onProved: (link) => {
        leave();
        this.#events.onProved(link, ends);
      },
      onRefused: (refusal) => this.#events.onRefused(leave() ? { reason: "shed" } : refusal, ends),
    });
    this.#handshakes.set(id, { handshake, isShed: false });
    if (arrival.instead !== undefined) this.#shed(arrival.instead);
  }

  #shed(id: HalfOpenId): void {
    const found = this.#handshakes.get(id);
    if (found === undefined) return;
    found.isShed = true;
    found.handshake[Symbol.dispose]();
  }
}
