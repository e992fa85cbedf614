/**
 * One machine on the simulated network: addresses with handlers, links that leave it, and routes. What is not for one of its
 * addresses it forwards. Its clock may stall; forwarding, which kernels do, then goes on.
 */
import type { IpAddress } from "@ropewalk/kernel/addresses";
import { InternalError } from "@ropewalk/kernel/errors";
import type { Bytes, Millis } from "@ropewalk/kernel/units";
import type { Link, LinkEnd } from "./link.ts";
import type { Packet } from "./packet.ts";
import type { SimClock } from "./sim-clock.ts";

export interface AddressHandlers<Payload> {
  /** `at` is when it came; now is later when the node was stalled then. */
  onPacket(packet: Packet<Payload>, link: Link<Payload>, at: Millis): void;
  /** A packet sent from this address was whole and did not fit a link that said so: no more than `mtu` does. */
  onTooLarge?(packet: Packet<Payload>, mtu: Bytes): void;
}

export class SimNode<Payload> implements LinkEnd<Payload> {
  readonly name: string;
  readonly clock: SimClock;
  /** Packets that came to a node with neither address nor route for them. */
  unrouted = 0;
  readonly #handlers = new Map<IpAddress, AddressHandlers<Payload>>();
  readonly #routes = new Map<IpAddress | "default", Link<Payload>>();

  constructor(name: string, clock: SimClock) {
    this.name = name;
    this.clock = clock;
  }

  /** Makes `address` one of this node's own, or its handlers others. */
  listen(address: IpAddress, handlers: AddressHandlers<Payload>): void {
    this.#handlers.set(address, handlers);
  }

  /** The address is not the node's any more; what comes for it is unrouted. */
  unlisten(address: IpAddress): void {
    this.#handlers.delete(address);
  }

  /** Sends what is for `to` by `link`. Routes must not form a circle. */
  route(to: IpAddress | "default", link: Link<Payload>): void {
    if (link.end === this) throw new InternalError(`${link.name} leads to ${this.name} itself`);
    this.#routes.set(to, link);
  }

  /** Sends by `link`, one of those that leave this node, or by its routes. */
  send(packet: Packet<Payload>, link: Link<Payload> | undefined = this.#routeTo(packet.to)): void {
    if (link === undefined) this.unrouted += 1;
    else if (!link.send(packet)) this.#tellTooLarge(packet, link.mtu);
  }

  receive(packet: Packet<Payload>, link: Link<Payload>): void {
    const handlers = this.#handlers.get(packet.to);
    if (handlers === undefined) this.send(packet);
    else {
      const at = this.clock.now();
      if (this.clock.isStalled) this.clock.receive(() => handlers.onPacket(packet, link, at));
      else handlers.onPacket(packet, link, at);
    }
  }

  #routeTo(to: IpAddress): Link<Payload> | undefined {
    return this.#routes.get(to) ?? this.#routes.get("default");
  }

  /** The sender is told by way of the routes, at once and without loss: nothing here depends on how that packet travels. */
  #tellTooLarge(packet: Packet<Payload>, mtu: Bytes): void {
    const handlers = this.#handlers.get(packet.from);
    if (handlers !== undefined) this.clock.receive(() => handlers.onTooLarge?.(packet, mtu));
    else {
      const back = this.#routeTo(packet.from)?.end;
      if (back instanceof SimNode) back.#tellTooLarge(packet, mtu);
    }
  }
}
