/**
 * Who says to be on a local network: what is said, when, and how much of what others say is kept. Nothing that is heard is believed but
 * that there may be somebody to dial at the address that it came from; the link proves the rest.
 *
 *     "RWMD" (4) | version (1) = 1 | kind (1): 1 here, 2 who is there | port (2) | mesh address (16)
 */
import type { NetworkPrefix } from "@ropewalk/kernel/network-prefix";
import { PrefixRates } from "@ropewalk/kernel/prefix-rates";
import { type Millis, millis, seconds } from "@ropewalk/kernel/units";
import { type DialTarget, type TargetKey, targetKey } from "./dial-entry.ts";
import { addressLength, addressOctets, addressOf, type MeshAddress } from "./mesh-address.ts";

const magic = [0x52, 0x57, 0x4d, 0x44, 1];
export const discoveryLength: number = 24;
/** Ports below belong to others: nobody is to be led to speak to them. */
const lowestPort = 1024;

export interface DiscoveryMessage {
  readonly kind: "here" | "asks";
  /** Where links are accepted. */
  readonly port: number;
  readonly address: MeshAddress;
}

export function encodeDiscovery({ kind, port, address }: DiscoveryMessage): Uint8Array {
  return Uint8Array.of(...magic, kind === "here" ? 1 : 2, port >> 8, port & 0xff, ...addressOctets(address));
}

/** Undefined where it is something else. What a later version may say behind is not looked at. */
export function decodeDiscovery(octets: Uint8Array): DiscoveryMessage | undefined {
  const [kind = 0, high = 0, low = 0] = octets.subarray(magic.length);
  const port = high * 256 + low;
  const isOurs = octets.length >= discoveryLength && magic.every((octet, index) => octets[index] === octet);
  if (!isOurs || (kind !== 1 && kind !== 2) || port < lowestPort) return undefined;
  const address = addressOf(octets.subarray(discoveryLength - addressLength));
  return { kind: kind === 1 ? "here" : "asks", port, address };
}

export interface DiscoveryConfig {
  readonly own: MeshAddress;
  /** How often this node says that it is there, give or take a tenth. */
  readonly interval: Millis;
  /** A neighbour that was not heard for so long is forgotten, unless there is a link with it. */
  readonly lifetime: Millis;
  /** Neighbours that are kept; of more, the one that was not heard the longest goes: of those without a link, where there are any. */
  readonly most: number;
  /** Whether a link stands with who is there: what is proved does not give way to what is only said. */
  readonly isLinked: (key: TargetKey) => boolean;
}

export type DiscoveryOutput =
  | { readonly kind: "send"; readonly place: string; readonly message: DiscoveryMessage["kind"] }
  | { readonly kind: "found"; readonly target: DialTarget }
  | { readonly kind: "forgotten"; readonly key: TargetKey };

interface Speaking {
  /** When it says next that it is there. */
  at: Millis;
  /** How many of the first ones it has said. */
  said: number;
  /** When it last did, whatever for. */
  lastAt: Millis | undefined;
}

/** From the start: whoever has just begun to listen, or whose network has just begun to carry, is not to wait for a minute. */
const firstWaits: readonly Millis[] = [seconds(1), seconds(3)];
/** An answer is said after a drawn part of it, and heard by all: one is enough for so long. */
const answerWithin = millis(100);
const answerGap = seconds(1);
/** What is taken of one source, and at one place. */
const sourceRate = { perSecond: 0.5, burst: 6, prefixes: 1_024 };
const placeRate = { perSecond: 20, burst: 60, prefixes: 64 };

export class Discovery {
  readonly #config: DiscoveryConfig;
  readonly #speaking = new Map<string, Speaking>();
  /** Until when each is kept; the one that was heard the longest ago comes first. */
  readonly #neighbours = new Map<TargetKey, Millis>();
  readonly #sources = new PrefixRates(sourceRate);
  readonly #places = new PrefixRates(placeRate);
  #ignored = 0;

  constructor(config: DiscoveryConfig) {
    this.#config = config;
  }

  get neighbours(): number {
    return this.#neighbours.size;
  }

  /** Messages that were beyond a rate. */
  get ignored(): number {
    return this.#ignored;
  }

  /** These places, each an interface and a family, and no others; at new ones it is asked who is there. */
  placesAre(now: Millis, places: readonly string[]): readonly DiscoveryOutput[] {
    for (const place of this.#speaking.keys()) if (!places.includes(place)) this.#speaking.delete(place);
    const fresh = places.filter((place) => !this.#speaking.has(place));
    for (const place of fresh)
      this.#speaking.set(place, { at: millis(now + (firstWaits[0] ?? 0)), said: 1, lastAt: now });
    return fresh.map((place) => ({ kind: "send", place, message: "asks" }));
  }

  /** That this node is there, at every place: what it says of itself is something else now. */
  sayAtOnce(now: Millis): readonly DiscoveryOutput[] {
    return [...this.#speaking].map(([place, speaking]) => {
      speaking.lastAt = now;
      return { kind: "send", place, message: "here" };
    });
  }

  /** `host` is where it came from, with the zone where that is needed to reach it. */
  heard(
    now: Millis,
    from: { readonly host: string; readonly place: string },
    message: DiscoveryMessage,
    chance: number,
  ): readonly DiscoveryOutput[] {
    if (message.address === this.#config.own) return [];
    const isWithin = (rates: PrefixRates, of: string) => rates.take(now, of as NetworkPrefix);
    if (!isWithin(this.#sources, from.host) || !isWithin(this.#places, from.place)) {
      this.#ignored += 1;
      return [];
    }
    if (message.kind === "asks") this.#answer(now, from.place, chance);
    const target: DialTarget = { kind: "discovered", host: from.host, port: message.port, expected: message.address };
    const key = targetKey(target);
    this.#neighbours.delete(key);
    this.#neighbours.set(key, millis(now + this.#config.lifetime));
    return [...this.#forgetBeyond(), { kind: "found", target }];
  }

  expire(now: Millis, chance: number): readonly DiscoveryOutput[] {
    const outputs: DiscoveryOutput[] = [];
    for (const [place, speaking] of this.#speaking) {
      if (speaking.at > now) continue;
      outputs.push({ kind: "send", place, message: "here" });
      speaking.lastAt = now;
      speaking.at = millis(now + (firstWaits[speaking.said] ?? this.#config.interval * (0.9 + 0.2 * chance)));
      speaking.said += 1;
    }
    for (const [key, until] of this.#neighbours) {
      if (until > now) break;
      this.#neighbours.delete(key);
      if (this.#config.isLinked(key)) this.#neighbours.set(key, millis(now + this.#config.lifetime));
      else outputs.push({ kind: "forgotten", key });
    }
    return outputs;
  }

  /** When `expire` is due. */
  deadline(): Millis | undefined {
    const [oldest] = this.#neighbours.values();
    const times = [...this.#speaking.values().map(({ at }) => at), ...(oldest === undefined ? [] : [oldest])];
    return times.length === 0 ? undefined : millis(Math.min(...times));
  }

  #answer(now: Millis, place: string, chance: number): void {
    const speaking = this.#speaking.get(place);
    if (speaking === undefined) return;
    const soonest = (speaking.lastAt ?? Number.NEGATIVE_INFINITY) + answerGap;
    const at = Math.max(now + answerWithin * chance, soonest);
    if (at < speaking.at) speaking.at = millis(at);
  }

  #forgetBeyond(): readonly DiscoveryOutput[] {
    if (this.#neighbours.size <= this.#config.most) return [];
    const [oldest] = this.#neighbours.keys();
    const key = this.#neighbours.keys().find((each) => !this.#config.isLinked(each)) ?? oldest;
    if (key === undefined) return [];
    this.#neighbours.delete(key);
    return [{ kind: "forgotten", key }];
  }
}
