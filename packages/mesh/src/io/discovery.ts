/** Discovery on the local networks of this machine: it speaks, listens, looks for new interfaces, and tells whom there is to dial. */
import type { Clock, Timer } from "@ropewalk/kernel/clock";
import { type Millis, millis, seconds } from "@ropewalk/kernel/units";
import type { DialTarget, TargetKey } from "../pure/dial-entry.ts";
import {
  Discovery,
  type DiscoveryConfig,
  type DiscoveryOutput,
  decodeDiscovery,
  encodeDiscovery,
} from "../pure/discovery.ts";
import { DiscoverySockets, type DiscoverySource } from "./discovery-sockets.ts";
import type { LanInterface } from "./lan-interfaces.ts";

/** How often it is looked what interfaces there are, besides when `refresh` says so. */
const lookEvery = seconds(5);

export interface DiscoveryDeps {
  readonly clock: Clock;
  /** 0…1. */
  readonly chance: () => number;
  readonly interfaces: () => readonly LanInterface[];
}

export interface DiscoveryEvents {
  readonly onFound: (target: DialTarget) => void;
  readonly onForgotten: (key: TargetKey) => void;
}

export class LanDiscovery implements Disposable {
  #config: DiscoveryConfig & { readonly linkPort: number };
  readonly #deps: DiscoveryDeps;
  readonly #events: DiscoveryEvents;
  readonly #discovery: Discovery;
  readonly #sockets: DiscoverySockets;
  #timer: Timer | undefined;
  #looking: Timer | undefined;
  #isOver = false;

  /** `linkPort`: where links are accepted here. */
  constructor(config: DiscoveryConfig & { readonly linkPort: number }, deps: DiscoveryDeps, events: DiscoveryEvents) {
    this.#config = config;
    this.#deps = deps;
    this.#events = events;
    this.#discovery = new Discovery(config);
    this.#sockets = new DiscoverySockets(
      (octets, from) => this.#onMessage(octets, from),
      () => this.#perform(this.#discovery.placesAre(this.#now(), this.#sockets.places)),
    );
    this.refresh();
  }

  /** Neighbours that were heard lately, and messages that were beyond a rate. */
  get counts(): { readonly neighbours: number; readonly ignored: number; readonly places: number } {
    const { neighbours, ignored } = this.#discovery;
    return { neighbours, ignored, places: this.#sockets.places.length };
  }

  /** Where links are accepted from now on: who listens is told at once. */
  setLinkPort(linkPort: number): void {
    if (linkPort === this.#config.linkPort) return;
    this.#config = { ...this.#config, linkPort };
    this.#perform(this.#discovery.sayAtOnce(this.#now()));
  }

  /** Looks at once what interfaces there are. */
  refresh(): void {
    if (this.#isOver) return;
    this.#looking?.[Symbol.dispose]();
    this.#sockets.use(this.#deps.interfaces());
    this.#perform(this.#discovery.placesAre(this.#now(), this.#sockets.places));
    this.#looking = this.#deps.clock.after("look for interfaces of the mesh", lookEvery, () => this.refresh());
  }

  [Symbol.dispose](): void {
    this.#isOver = true;
    this.#timer?.[Symbol.dispose]();
    this.#looking?.[Symbol.dispose]();
    this.#sockets[Symbol.dispose]();
  }

  #onMessage(octets: Uint8Array, from: DiscoverySource): void {
    const message = decodeDiscovery(octets);
    if (message !== undefined) this.#perform(this.#discovery.heard(this.#now(), from, message, this.#deps.chance()));
  }

  #perform(outputs: readonly DiscoveryOutput[]): void {
    if (this.#isOver) return;
    for (const output of outputs) this.#performOne(output);
    this.#timer?.[Symbol.dispose]();
    const at = this.#discovery.deadline();
    if (at === undefined) return;
    const wait = millis(Math.max(0, at - this.#now()));
    const expire = () => this.#perform(this.#discovery.expire(this.#now(), this.#deps.chance()));
    this.#timer = this.#deps.clock.after("mesh discovery", wait, expire);
  }

  #performOne(output: DiscoveryOutput): void {
    switch (output.kind) {
      case "send": {
        const { own: address, linkPort: port } = this.#config;
        this.#sockets.send(encodeDiscovery({ kind: output.message, port, address }), output.place);
        return;
      }
      case "found":
        this.#events.onFound(output.target);
        return;
      case "forgotten":
        this.#events.onForgotten(output.key);
        return;
    }
  }

  #now(): Millis {
    return this.#deps.clock.now();
  }
}
