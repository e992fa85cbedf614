/**
 * The sockets of discovery: one a family that hears, and one for each address that speaks. Groups are those of the machine's own links:
 * 239.255.74.11 with a TTL of 1 (RFC 2365 §6.1) and ff12::5257:4d44 (RFC 4291 §2.7: transient, link-local).
 */
import { createSocket, type Socket } from "node:dgram";
import { isLinkLocal, parseIpAddress, prefixContains } from "@ropewalk/kernel/addresses";
import type { LanInterface } from "./lan-interfaces.ts";

export const discoveryPort = 7411;
const groups = { ipv4: "239.255.74.11", ipv6: "ff12::5257:4d44" } as const;
type Family = keyof typeof groups;

/** An interface and a family: "eth0 ipv4". What is heard on one is answered there. */
export type LanPlace = string;

/** Where a message came from, if from a neighbour: with the zone by which he is reached. */
export interface DiscoverySource {
  readonly host: string;
  readonly place: LanPlace;
}

interface Speaker {
  readonly address: string;
  readonly socket: Socket;
  isReady: boolean;
}

interface Hearer {
  readonly socket: Socket;
  /** What names the interface to join on; kept until the socket is bound. */
  readonly joins: Set<string>;
  isBound: boolean;
}

export class DiscoverySockets implements Disposable {
  readonly #onMessage: (octets: Uint8Array, from: DiscoverySource) => void;
  readonly #onReady: () => void;
  readonly #hearing = new Map<Family, Hearer>();
  readonly #speaking = new Map<LanPlace, Speaker>();
  #interfaces: readonly LanInterface[] = [];
  #isOver = false;

  /** `onReady`: another place can be spoken at. */
  constructor(onMessage: (octets: Uint8Array, from: DiscoverySource) => void, onReady: () => void) {
    this.#onMessage = onMessage;
    this.#onReady = onReady;
  }

  /** Places that can be spoken at. */
  get places(): readonly LanPlace[] {
    return [...this.#speaking].filter(([, { isReady }]) => isReady).map(([place]) => place);
  }

  /** These interfaces and no others. What cannot be opened is tried at the next call again. */
  use(interfaces: readonly LanInterface[]): void {
    this.#interfaces = interfaces;
    const wanted = new Map<LanPlace, string>();
    for (const { name, ipv4, ipv6 } of interfaces) {
      const [first] = ipv4;
      if (first !== undefined) wanted.set(`${name} ipv4`, first.address);
      if (ipv6 !== undefined) wanted.set(`${name} ipv6`, `${ipv6}%${name}`);
    }
    for (const [place, { address, socket }] of this.#speaking)
      if (wanted.get(place) !== address) this.#drop(place, socket);
    for (const [place, address] of wanted) if (!this.#speaking.has(place)) this.#speak(place, address);
  }

  /** What is lost is said again. */
  send(octets: Uint8Array, place: LanPlace): void {
    const speaker = this.#speaking.get(place);
    const { name, family } = partsOf(place);
    const group = family === "ipv4" ? groups.ipv4 : `${groups.ipv6}%${name}`;
    if (speaker?.isReady === true) speaker.socket.send(octets, discoveryPort, group, () => {});
  }

  [Symbol.dispose](): void {
    this.#isOver = true;
    for (const [place, { socket }] of this.#speaking) this.#drop(place, socket);
    for (const { socket } of this.#hearing.values()) socket.close();
    this.#hearing.clear();
  }

  #speak(place: LanPlace, address: string): void {
    const { name, family } = partsOf(place);
    const socket = createSocket(family === "ipv4" ? { type: "udp4" } : { type: "udp6", ipv6Only: true });
    const speaker: Speaker = { address, socket, isReady: false };
    this.#speaking.set(place, speaker);
    const joins = family === "ipv4" ? address : `::%${name}`;
    socket.on("error", () => this.#drop(place, socket));
    socket.bind({ address, port: 0 }, () => {
      if (this.#speaking.get(place) !== speaker) return;
      try {
        socket.setMulticastInterface(joins);
        socket.setMulticastTTL(1);
      } catch {
        // The address has just gone.
        this.#drop(place, socket);
        return;
      }
      this.#hear(family, joins);
      speaker.isReady = true;
      this.#onReady();
    });
  }

  #hear(family: Family, joins: string): void {
    const hearer = this.#hearing.get(family) ?? this.#listen(family);
    hearer.joins.add(joins);
    if (hearer.isBound) join(hearer, family);
  }

  #listen(family: Family): Hearer {
    const type = family === "ipv4" ? ({ type: "udp4" } as const) : ({ type: "udp6", ipv6Only: true } as const);
    const socket = createSocket({ ...type, reuseAddr: true });
    const hearer: Hearer = { socket, joins: new Set(), isBound: false };
    this.#hearing.set(family, hearer);
    socket.on("error", () => {
      if (this.#hearing.get(family) === hearer) this.#hearing.delete(family);
      close(socket);
    });
    socket.on("message", (octets, { address }) => {
      const from = this.#sourceOf(address);
      if (from !== undefined && !this.#isOver) this.#onMessage(octets, from);
    });
    // To the group alone, where the system can say so: what is sent to this machine from elsewhere is not even read.
    socket.bind({ port: discoveryPort, address: family === "ipv4" ? groups.ipv4 : "::" }, () => {
      hearer.isBound = true;
      join(hearer, family);
    });
    return hearer;
  }

  /** A neighbour's address is of a network that an interface is on; IPv6 says itself by which it came. */
  #sourceOf(remote: string): DiscoverySource | undefined {
    const [text = "", zone] = remote.split("%");
    const address = parseIpAddress(text);
    if (address === undefined) return undefined;
    if (zone !== undefined) {
      const isNeighbour = isLinkLocal(address) && this.#interfaces.some(({ name }) => name === zone);
      return isNeighbour ? { host: `${address}%${zone}`, place: `${zone} ipv6` } : undefined;
    }
    const found = this.#interfaces.find(({ ipv4 }) => ipv4.some((prefix) => prefixContains(prefix, address)));
    return found === undefined ? undefined : { host: address, place: `${found.name} ipv4` };
  }

  #drop(place: LanPlace, socket: Socket): void {
    if (this.#speaking.get(place)?.socket === socket) this.#speaking.delete(place);
    close(socket);
  }
}

/** An interface has no blank in its name (linux/net/core/dev.c: dev_valid_name). */
function partsOf(place: LanPlace): { readonly name: string; readonly family: Family } {
  const [name = "", family] = place.split(" ");
  return { name, family: family === "ipv4" ? "ipv4" : "ipv6" };
}

function join({ socket, joins }: Hearer, family: Family): void {
  for (const place of joins) {
    try {
      socket.addMembership(groups[family], place);
    } catch (error) {
      // It is a member there already; or the interface has gone, and its next address joins anew.
      if ((error as NodeJS.ErrnoException).code !== "EADDRINUSE") joins.delete(place);
    }
  }
}

function close(socket: Socket): void {
  try {
    socket.close();
  } catch {
    // It is closed already.
  }
}
