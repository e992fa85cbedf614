/**
 * The places where links are accepted. Where others are wanted, those are open before the former ones close, and links stay; what cannot
 * be had changes nothing.
 */
import type { AddressInfo } from "node:net";
import { type ListenText, listeningPlace } from "@ropewalk/ops/config-places";
import { MeshError } from "../errors.ts";
import { LinkDoor, type LinkDoorConfig, type LinkDoorDeps, type LinkDoorEvents } from "./link-door.ts";

export class LinkDoors implements Disposable {
  readonly #config: Omit<LinkDoorConfig, "host" | "port">;
  readonly #deps: LinkDoorDeps;
  readonly #events: LinkDoorEvents;
  readonly #open = new Map<ListenText, LinkDoor>();
  /** They accept nobody more; who is proving his key there may end that. Those without such are let go with the next that close. */
  #closing: readonly LinkDoor[] = [];
  #isOver = false;

  constructor(config: Omit<LinkDoorConfig, "host" | "port">, deps: LinkDoorDeps, events: LinkDoorEvents) {
    this.#config = config;
    this.#deps = deps;
    this.#events = events;
  }

  get listening(): readonly AddressInfo[] {
    return [...this.#open.values()].map((door) => door.address);
  }

  /** Connections that have not proved a key. */
  get strangers(): number {
    return [...this.#open.values(), ...this.#closing].reduce((sum, door) => sum + door.strangers, 0);
  }

  /** These places and no others; one call at a time. Throws MESH_LISTEN, and then it is as it was. */
  async use(places: readonly ListenText[]): Promise<void> {
    const wanted = new Set(places);
    const former = new Map([...this.#open].filter(([place]) => !wanted.has(place)));
    const opened = new Map<ListenText, LinkDoor>();
    try {
      for (const place of wanted) if (!this.#open.has(place)) opened.set(place, await this.#openBeside(place, former));
    } catch (error) {
      for (const door of opened.values()) door[Symbol.dispose]();
      await this.#reopen(former.keys());
      throw error;
    }
    for (const place of former.keys()) this.#close(place);
    for (const [place, door] of opened) this.#open.set(place, door);
    if (this.#isOver) this[Symbol.dispose]();
  }

  [Symbol.dispose](): void {
    this.#isOver = true;
    for (const door of [...this.#open.values(), ...this.#closing]) door[Symbol.dispose]();
    this.#open.clear();
    this.#closing = [];
  }

  /** All addresses at a port and one of them cannot be had at the same time: there the former place has to close first. */
  async #openBeside(place: ListenText, former: ReadonlyMap<ListenText, LinkDoor>): Promise<LinkDoor> {
    try {
      return await this.#openAt(place);
    } catch (error) {
      const { port } = listeningPlace(place);
      const inTheWay = [...former].filter(([at, door]) => this.#open.has(at) && door.address.port === port);
      if (inTheWay.length === 0 || codeOf(error) !== "EADDRINUSE") throw error;
      for (const [at] of inTheWay) this.#close(at);
      return await this.#openAt(place);
    }
  }

  /** What cannot be had any more is tried again when it is wanted the next time. */
  async #reopen(places: Iterable<ListenText>): Promise<void> {
    for (const place of places) {
      if (this.#open.has(place) || this.#isOver) continue;
      const door = await this.#openAt(place).catch(() => undefined);
      if (door !== undefined) this.#open.set(place, door);
    }
    if (this.#isOver) this[Symbol.dispose]();
  }

  #close(place: ListenText): void {
    const door = this.#open.get(place);
    if (door === undefined) return;
    this.#open.delete(place);
    door.close();
    this.#closing = [...this.#closing, door].filter(({ strangers }) => strangers > 0);
  }

  async #openAt(place: ListenText): Promise<LinkDoor> {
    const { address: host, port } = listeningPlace(place);
    const open = (at: string) => LinkDoor.listen({ ...this.#config, host: at, port }, this.#deps, this.#events);
    try {
      return await open(host);
    } catch (error) {
      const isWithoutIpv6 = ["EAFNOSUPPORT", "EADDRNOTAVAIL", "EINVAL"].includes(codeOf(error) ?? "");
      if (host !== "::" || !isWithoutIpv6) throw error;
      return await open("0.0.0.0");
    }
  }
}

function codeOf(error: unknown): string | undefined {
  const cause = error instanceof MeshError ? (error.cause as NodeJS.ErrnoException | undefined) : undefined;
  return cause?.code;
}
