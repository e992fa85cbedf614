/** How a node comes by its links: who dials it, whom it dials, who is found near; and which links end when this machine's paths change. */
import type { PathSockets } from "@ropewalk/host/ports";
import { isLoopback as isLoopbackAddress, parseIpAddress } from "@ropewalk/kernel/addresses";
import type { Clock } from "@ropewalk/kernel/clock";
import type { Connectivity, PathBinding } from "@ropewalk/kernel/connectivity";
import { bitsPerSecond, millis, seconds } from "@ropewalk/kernel/units";
import type { DiscoveryConfig, MeshConfig } from "./config.ts";
import { Dialler } from "./io/dialler.ts";
import { LanDiscovery } from "./io/discovery.ts";
import { lanInterfaces } from "./io/lan-interfaces.ts";
import type { LinkEnds } from "./io/link-door.ts";
import { LinkDoors } from "./io/link-doors.ts";
import type { ProvedLink } from "./io/link-handshake.ts";
import type { LinkIdentity } from "./io/link-tls.ts";
import { type LinkEnd, type LinkPicture, type LinkPlace, Links, type LinksBounds } from "./io/links.ts";
import { OwnAddresses, ownAddresses } from "./io/own-addresses.ts";
import type { MeshEvent } from "./mesh-event.ts";
import type { DialTarget } from "./pure/dial-entry.ts";
import type { DiallingConfig } from "./pure/dialling.ts";
import { isPathGone, isSamePaths } from "./pure/gone-paths.ts";
import type { LinkFacts, LinkId } from "./pure/link.ts";
import type { MeshAddress } from "./pure/mesh-address.ts";
import { type ListeningPlace, placeText, type StrangerRefusal } from "./status.ts";

const handshakeWithin = seconds(10);
const discoveryTimes = { interval: seconds(60), lifetime: seconds(180), most: 256 };
const strangers = {
  most: 64,
  rate: { perSecond: 10, burst: 40, prefixes: 4096 },
  total: { perSecond: 100, burst: 200 },
} as const;
/** Of links that nobody has measured: a slow one must not be flooded with announces, and a fast one needs no more. */
const supposedRate = bitsPerSecond(10_000_000);

export interface ConnectionsDeps {
  readonly identity: LinkIdentity;
  readonly clock: Clock;
  /** 0…1. */
  readonly chance: () => number;
  readonly sockets: Pick<PathSockets, "connect"> | undefined;
  /** The addresses of this machine; default is what the system says. */
  readonly readAddresses: (() => ReadonlySet<string>) | undefined;
}

export interface ConnectionsEvents {
  readonly onUp: (link: LinkId, facts: LinkFacts) => void;
  readonly onFrame: (link: LinkId, frame: Uint8Array) => void;
  readonly onDown: (link: LinkId) => void;
  readonly tell: (event: MeshEvent) => void;
}

export class Connections implements Disposable {
  readonly #deps: ConnectionsDeps;
  readonly #events: ConnectionsEvents;
  readonly #doors: LinkDoors;
  readonly links: Links;
  readonly #dialler: Dialler;
  readonly #addresses: OwnAddresses;
  #discovery: LanDiscovery | undefined;
  readonly strangersRefused: Map<StrangerRefusal, number> = new Map();
  #paths: readonly PathBinding[] = [];
  /** Contacts and peers of the configuration. */
  #named: ReadonlySet<MeshAddress> = new Set();
  #isClosed = false;
  /** No link is made until it is lifted. */
  #isHeld = false;

  constructor(config: MeshConfig, deps: ConnectionsDeps, events: ConnectionsEvents) {
    this.#deps = deps;
    this.#events = events;
    const { identity, clock, chance, sockets } = deps;
    const own = identity.address;
    this.#doors = new LinkDoors({ within: handshakeWithin, strangers }, deps, {
      onProved: (link, ends) => {
        if (!this.#take(link, ends)) this.#refused({ reason: "full" }, ends);
      },
      onRefused: (why, ends) => this.#refused(why, ends),
    });
    this.links = new Links({ own, ...this.#boundsOf(config), bitrate: supposedRate }, clock, {
      onUp: (link, facts) => this.#onUp(link, facts),
      onFrame: events.onFrame,
      onDown: (link, facts, end) => this.#onDown(link, facts, end),
    });
    this.#dialler = new Dialler(
      { dialling: diallingConfig(own, config.discovery.maxPeers), within: handshakeWithin },
      { identity, clock, chance, sockets, paths: () => this.#paths },
      {
        onProved: (link, place) => this.#take(link, place),
        onFailed: ({ host, port }, why) =>
          events.tell({ kind: "dial-failed", remote: placeText(host, port), why: reasonText(why) }),
      },
    );
    this.#addresses = new OwnAddresses(clock, deps.readAddresses ?? ownAddresses, () => this.#pathsChanged());
  }

  get listening(): readonly ListeningPlace[] {
    return this.#doors.listening.map(({ address, port }) => ({ address, port }));
  }

  /** Undefined: it is off, or links are accepted from this machine alone. */
  get discovery(): LanDiscovery["counts"] | undefined {
    return this.#discovery?.counts;
  }

  get strangers(): number {
    return this.#doors.strangers;
  }

  /**
   * Accepts links and dials as it says, and no more as it said before; one call at a time. Links stay, but those that this node dialled
   * and that nothing calls for any more, and what is beyond the bound. Throws MESH_LISTEN, and then all is as it was.
   */
  async use(config: MeshConfig): Promise<void> {
    await this.#doors.use(config.transport.listen);
    if (this.#isClosed) return;
    const before = this.#calledFor();
    this.#dialler.setStatic(staticTargets(config));
    this.#dialler.setDiscovered(config.discovery.maxPeers);
    this.#setDiscovery(config.discovery);
    const after = this.#calledFor();
    for (const { id, direction, facts } of this.links.picture())
      if (direction === "dialled" && before.has(facts.peer) && !after.has(facts.peer))
        this.links.cut(id, "the configuration calls for it no more");
    this.links.setBounds(this.#boundsOf(config));
  }

  /** Where the paths of this machine are others now, links by those that are gone end, and who has no link is dialled at once. */
  setConnectivity({ usable }: Connectivity): void {
    const isOther = !isSamePaths(usable, this.#paths);
    this.#paths = usable;
    this.#addresses.look();
    if (isOther) this.#pathsChanged();
  }

  /** Ends every link, and makes no other until `release`. */
  hold(why: string): void {
    this.#isHeld = true;
    for (const { id } of this.links.picture()) this.links.cut(id, why);
  }

  release(): void {
    this.#isHeld = false;
    this.#dialler.pathsChanged();
  }

  /** Makes no further link; those that are there stay. */
  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#addresses[Symbol.dispose]();
    this.#discovery?.[Symbol.dispose]();
    this.#dialler[Symbol.dispose]();
    this.#doors[Symbol.dispose]();
  }

  [Symbol.dispose](): void {
    this.close();
    this.links[Symbol.dispose]();
  }

  #setDiscovery({ enabled }: DiscoveryConfig): void {
    // Nobody else can dial what listens on loopback.
    const place = enabled ? this.listening.find(({ address }) => !isLoopback(address)) : undefined;
    if (place === undefined) {
      this.#discovery?.[Symbol.dispose]();
      this.#discovery = undefined;
      this.#dialler.forgetDiscovered();
    } else if (this.#discovery === undefined) this.#discovery = this.#discover(place.port);
    else this.#discovery.setLinkPort(place.port);
  }

  #discover(linkPort: number): LanDiscovery {
    const { identity, clock, chance } = this.#deps;
    return new LanDiscovery(
      { own: identity.address, linkPort, ...discoveryTimes, isLinked: (key) => this.#dialler.isLinkedAt(key) },
      { clock, chance, interfaces: lanInterfaces },
      { onFound: (target) => this.#dialler.found(target), onForgotten: (key) => this.#dialler.forget(key) },
    );
  }

  #boundsOf({ routing, transport, peer }: MeshConfig): LinksBounds {
    const named = new Set([...routing.contacts, ...peer.flatMap(({ address }) => address ?? [])]);
    this.#named = named;
    return {
      most: transport.maxLinks,
      isWelcome: (address) => named.has(address) || this.#dialler.isNearest(address),
    };
  }

  /** Peers to whom something leads that is dialled. */
  #calledFor(): ReadonlySet<MeshAddress | undefined> {
    return new Set(this.#dialler.targets().map(({ leadsTo }) => leadsTo));
  }

  #refused(why: { readonly reason: StrangerRefusal }, { remote, remotePort }: LinkEnds): void {
    this.strangersRefused.set(why.reason, (this.strangersRefused.get(why.reason) ?? 0) + 1);
    this.#events.tell({ kind: "refused", remote: placeText(remote, remotePort), why: reasonText(why) });
  }

  /** False: there are as many links as may be. */
  #take(link: ProvedLink, place: LinkPlace): boolean {
    if (!this.#isClosed && !this.#isHeld) return this.links.add(link, place) !== "full";
    link.stream.on("error", () => {}).destroy();
    return true;
  }

  #onUp(link: LinkId, facts: LinkFacts): void {
    const picture = this.#pictureOf(link);
    this.#dialler.linkUp(facts.peer);
    if (picture !== undefined) {
      const { place, direction } = picture;
      const remote = placeText(place.remote, place.remotePort);
      this.#events.tell({ kind: "link-up", peer: facts.peer, remote, direction });
    }
    this.#events.onUp(link, facts);
  }

  #onDown(link: LinkId, { peer }: LinkFacts, end: LinkEnd): void {
    if (!this.links.has(peer)) {
      if (end.kind === "full" && !this.#named.has(peer)) this.#dialler.turnedAway(peer);
      else this.#dialler.linkDown(peer);
    }
    this.#events.tell({ kind: "link-down", peer, why: endText(end) });
    this.#events.onDown(link);
  }

  #pictureOf(link: LinkId): LinkPicture | undefined {
    return this.links.picture().find(({ id }) => id === link);
  }

  #pathsChanged(): void {
    if (this.#isClosed) return;
    this.#events.tell({ kind: "paths-changed" });
    this.links.endGone((place) => isPathGone(place, this.#addresses.current, this.#paths));
    this.#dialler.pathsChanged();
    this.#discovery?.refresh();
  }
}

function isLoopback(text: string): boolean {
  const address = parseIpAddress(text);
  return address !== undefined && isLoopbackAddress(address);
}

function staticTargets({ peer }: MeshConfig): readonly DialTarget[] {
  return peer.map(({ at, address }) => ({ kind: "static", ...at, expected: address }));
}

function diallingConfig(own: DiallingConfig["own"], discovered: number): DiallingConfig {
  return {
    own,
    backoff: { first: millis(200), longest: seconds(30) },
    atOnce: 8,
    discovered,
    headStart: millis(200),
    goodAfter: seconds(5),
    lost: { for: seconds(10), every: millis(250) },
    full: seconds(300),
  };
}

function reasonText(why: { readonly reason: string; readonly detail?: string; readonly peer?: string }): string {
  return [why.reason, why.detail, why.peer].filter((part) => part !== undefined).join(": ");
}

function endText(end: LinkEnd): string {
  switch (end.kind) {
    case "closed":
      return "this end closed it";
    case "lost":
      return end.code === undefined ? "the other end closed it" : `the connection broke: ${end.code}`;
    case "malformed":
      return "what came is no frame";
    case "overflow":
      return "the neighbour reads too slowly";
    case "cut":
      return end.why;
    case "full":
      return "the neighbour has as many links as it may";
    case "replaced":
      return "another link with the same neighbour stays";
    case "path-gone":
      return "this machine no longer has the path that it went by";
  }
}
