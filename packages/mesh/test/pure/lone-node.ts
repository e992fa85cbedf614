/** One node whose neighbours are all played by the test: what they say is said to it, and what it says to them is kept. */
import assert from "node:assert/strict";
import { type Millis, millis } from "@ropewalk/kernel/units";
import type { LinkFacts, LinkId } from "@ropewalk/mesh/pure/link";
import type { MeshCrypto } from "@ropewalk/mesh/pure/mesh-crypto";
import { MeshNode } from "@ropewalk/mesh/pure/mesh-node";
import type { MeshNodeConfig } from "@ropewalk/mesh/pure/mesh-node-config";
import type { MeshOutput } from "@ropewalk/mesh/pure/mesh-output";
import type { Route } from "@ropewalk/mesh/pure/routing/route";
import type { AnnounceContent, HeardAnnounce } from "@ropewalk/mesh/pure/wire/announce";
import { makeAnnounce } from "@ropewalk/mesh/pure/wire/announce-proof";
import { decodeFrame } from "@ropewalk/mesh/pure/wire/decode-frame";
import { encodeFrame } from "@ropewalk/mesh/pure/wire/encode-frame";
import { furtherLink } from "@ropewalk/mesh/pure/wire/hop-chain";
import type { LinkFrame } from "@ropewalk/mesh/pure/wire/link-frame";
import { factsOf, usualConfig } from "./small-mesh.ts";
import { identity, plainContent, read } from "./wire/announces.ts";

export const own: MeshCrypto = identity(1);
/** Neighbour 1 is `identity(101)`, and so on. */
export const neighbour = (number: number): MeshCrypto => identity(100 + number);

export interface Said<Type extends LinkFrame["type"] | undefined = undefined> {
  readonly to: number;
  readonly frame: Type extends undefined ? LinkFrame : Extract<LinkFrame, { readonly type: Type }>;
}

/** An announce as whoever is so far from its origin has it, and tells it. */
export function announceOf(origin: MeshCrypto, hops: number, unlike: Partial<AnnounceContent> = {}): HeardAnnounce {
  const made = makeAnnounce(origin, { ...plainContent, ...unlike });
  return read(made.relayed(hops, furtherLink(made, made.chain, hops)));
}

export class LoneNode {
  readonly node: MeshNode;
  now: Millis = millis(10_000);
  /** Under which its neighbours reach it. */
  readonly label: number;
  readonly #outputs: MeshOutput[] = [];

  /** With so many neighbours, one at least, who have said nothing yet; what it says at first is not kept. */
  constructor(neighbours: number, config: Partial<MeshNodeConfig> = {}) {
    this.node = new MeshNode({ ...usualConfig, ...config }, own, { epoch: 1, sequence: 1 }, () => 0.5);
    for (let number = 1; number <= neighbours; number += 1) this.join(number);
    this.wait(1_000);
    const [announced] = this.said("announce");
    this.label = announced?.frame.label ?? assert.fail("it has not announced itself");
  }

  join(number: number, unlike: Partial<LinkFacts> = {}): void {
    const facts = { ...factsOf(neighbour(number)), ...unlike };
    this.#keep(this.node.linkUp(this.now, number as LinkId, facts));
  }

  part(number: number): void {
    this.#keep(this.node.linkDown(this.now, number as LinkId));
  }

  hear(by: number, frame: LinkFrame): void {
    this.#keep(this.node.receive(this.now, by as LinkId, encodeFrame(frame)));
  }

  /** A neighbour tells of somebody, and time is left to prove it. */
  tell(by: number, announce: HeardAnnounce, label = 256): void {
    this.hear(by, { type: "announce", label, announce: announce.octets });
    this.wait(1);
  }

  probe(id: number, to: MeshCrypto, kind: "ping" | "trace" = "ping"): void {
    this.#keep(this.node.probe(this.now, id, to.address, kind));
  }

  /** What it does at once when it is called, and no more. */
  turn(): void {
    this.#keep(this.node.expire(this.now));
  }

  /** Does what is due until then. */
  wait(time: number): void {
    const until = this.now + time;
    for (let at = this.node.deadline(); at !== undefined && at <= until; at = this.node.deadline()) {
      this.now = millis(Math.max(at, this.now));
      this.#keep(this.node.expire(this.now));
    }
    this.now = millis(until);
  }

  route(of: MeshCrypto): Route | undefined {
    return this.node.route(of.address);
  }

  /** By whom it would go there. */
  way(of: MeshCrypto): number | undefined {
    return this.route(of)?.best?.link;
  }

  /** All who lead there, and how far they said that they are. */
  ways(of: MeshCrypto): readonly (readonly [number, number])[] {
    return (this.route(of)?.nextHops ?? [])
      .map(({ link, hops }) => [link, hops] as const)
      .toSorted(([one], [other]) => one - other);
  }

  refused(why: Parameters<MeshNode["tally"]["refused"]>[0]): number {
    return this.node.tally.announcesRefused.get(why) ?? 0;
  }

  /** What it has said since it was last asked, of all types or of one; what else it did is gone then too. */
  said(): readonly Said[];
  said<Type extends LinkFrame["type"]>(type: Type): readonly Said<Type>[];
  said(type?: LinkFrame["type"]): readonly Said[] {
    return this.#outputs.splice(0).flatMap((output) => {
      if (output.kind !== "transmit") return [];
      const frame = decodeFrame(output.frame) ?? assert.fail("what it says is no frame");
      return type === undefined || frame.type === type ? [{ to: output.link, frame }] : [];
    });
  }

  /** Besides what it has said. */
  did(): readonly MeshOutput[] {
    return this.#outputs.splice(0).filter(({ kind }) => kind !== "transmit" && kind !== "cut");
  }

  #keep(outputs: readonly MeshOutput[]): void {
    this.#outputs.push(...outputs);
  }
}
