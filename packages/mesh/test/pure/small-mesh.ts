/** A few nodes whose links deliver each frame after a millisecond, or how long they take, in order, on a time that only moves when it is told to. */
import assert from "node:assert/strict";
import { generateSigningKey } from "@ropewalk/crypto/signing-key";
import { type Bytes, bitsPerSecond, bytes, type Millis, millis } from "@ropewalk/kernel/units";
import { createMeshCrypto } from "@ropewalk/mesh/mesh-identity";
import type { LinkFacts, LinkId } from "@ropewalk/mesh/pure/link";
import type { MeshAddress } from "@ropewalk/mesh/pure/mesh-address";
import type { MeshCrypto } from "@ropewalk/mesh/pure/mesh-crypto";
import { MeshNode } from "@ropewalk/mesh/pure/mesh-node";
import type { MeshNodeConfig } from "@ropewalk/mesh/pure/mesh-node-config";
import type { MeshOutput, SequenceMark } from "@ropewalk/mesh/pure/mesh-output";
import type { NodeKind, OnlineState } from "@ropewalk/mesh/pure/wire/link-frame";
import { longestFrame } from "@ropewalk/mesh/pure/wire/link-frame";

export const usualConfig: MeshNodeConfig = {
  ...{ capabilities: 1, kind: "standard", routes: { most: 1000, contacts: [] } },
  ...{ interval: millis(600_000), lifetime: millis(1_800_000) },
};

export interface Member {
  readonly crypto: MeshCrypto;
  node: MeshNode;
  readonly outputs: MeshOutput[];
  /** What it has set aside. */
  mark: SequenceMark;
}

interface Cable {
  readonly ends: readonly [number, number];
  readonly link: LinkId;
  isUp: boolean;
}

interface Flight {
  readonly at: number;
  readonly to: number;
  readonly link: LinkId;
  readonly frame: Uint8Array;
}

export class SmallMesh {
  readonly members: Member[];
  now: Millis = millis(0);
  /** Frames pass through it; undefined: one is lost. */
  tamper: (frame: Uint8Array, to: number) => Uint8Array | undefined = (frame) => frame;
  /** How long frames take over a link. */
  delay: (link: LinkId) => number = () => 1;
  readonly #config: MeshNodeConfig;
  readonly #cables: Cable[] = [];
  #flights: Flight[] = [];
  #links = 0;

  constructor(count: number, config: MeshNodeConfig = usualConfig) {
    this.#config = config;
    this.members = Array.from({ length: count }, () => {
      const crypto = createMeshCrypto(generateSigningKey("ed25519"));
      const mark = { epoch: 1, sequence: 1 };
      return { crypto, node: new MeshNode(config, crypto, mark, () => 0.5), outputs: [], mark };
    });
  }

  /** Each joined with the next. */
  static chain(count: number): SmallMesh {
    const mesh = new SmallMesh(count);
    for (let index = 1; index < count; index += 1) mesh.join(index - 1, index);
    return mesh;
  }

  address(index: number): MeshAddress {
    return this.at(index).crypto.address;
  }

  at(index: number): Member {
    return this.members[index] ?? assert.fail(`there is no member ${index}`);
  }

  /** `mtu`: octets of the longest frame between them. */
  join(one: number, other: number, mtu: Bytes = bytes(longestFrame)): void {
    this.#links += 1;
    const link = this.#links as LinkId;
    this.#cables.push({ ends: [one, other], link, isUp: true });
    for (const [end, peer] of [
      [one, other],
      [other, one],
    ] as const)
      this.#do(end, this.at(end).node.linkUp(this.now, link, { ...factsOf(this.at(peer).crypto), mtu }));
  }

  part(one: number, other: number): void {
    for (const cable of this.#cables) {
      if (!cable.isUp || !cable.ends.includes(one) || !cable.ends.includes(other)) continue;
      cable.isUp = false;
      this.#flights = this.#flights.filter(({ link }) => link !== cable.link);
      for (const end of cable.ends) this.#do(end, this.at(end).node.linkDown(this.now, cable.link));
    }
  }

  /** Its process dies and comes back, with what it set aside or without; its links are made anew. */
  restart(index: number, memory: "kept" | "wiped"): void {
    const neighbours = this.neighboursOf(index);
    for (const other of neighbours) this.part(index, other);
    const member = this.at(index);
    if (memory === "wiped") member.mark = { epoch: 1, sequence: 1 };
    member.node = new MeshNode(this.#config, member.crypto, member.mark, () => 0.5);
    for (const other of neighbours) this.join(index, other);
  }

  probe(from: number, to: number, kind: "ping" | "trace" = "ping", id = 1): void {
    this.#do(from, this.at(from).node.probe(this.now, id, this.address(to), kind));
  }

  /** What `index` found of its own way to the internet. */
  measure(index: number, kind: NodeKind, online: OnlineState): void {
    this.#do(index, this.at(index).node.setConnectivity(this.now, kind, online));
  }

  reconfigure(index: number, config: MeshNodeConfig): void {
    this.#do(index, this.at(index).node.reconfigure(this.now, config));
  }

  /** Says to `index` what a neighbour of it has not said. */
  say(index: number, from: number, frame: Uint8Array): void {
    const cable = this.#cables.find(({ ends, isUp }) => isUp && ends.includes(index) && ends.includes(from));
    this.#do(index, this.at(index).node.receive(this.now, cable?.link ?? assert.fail("they are no neighbours"), frame));
  }

  /** Who is at the other end. */
  across(link: LinkId, from: number): number | undefined {
    return this.#cables.find((one) => one.link === link && one.isUp)?.ends.find((end) => end !== from);
  }

  neighboursOf(index: number): readonly number[] {
    return this.#cables.flatMap(({ ends, isUp }) =>
      isUp && ends.includes(index) ? ends.filter((end) => end !== index) : [],
    );
  }

  run(time: number): void {
    const until = this.now + time;
    for (;;) {
      const next = Math.min(
        ...this.#flights.map(({ at }) => at),
        ...this.members.map((_, index) => this.#deadline(index)),
      );
      if (next > until) break;
      this.now = millis(Math.max(next, this.now));
      const due = this.#flights.filter(({ at }) => at <= this.now);
      this.#flights = this.#flights.filter(({ at }) => at > this.now);
      for (const { to, link, frame } of due) this.#do(to, this.at(to).node.receive(this.now, link, frame));
      for (const [index, { node }] of this.members.entries())
        if (this.#deadline(index) <= this.now) this.#do(index, node.expire(this.now));
    }
    this.now = millis(until);
  }

  #deadline(index: number): number {
    return this.at(index).node.deadline() ?? Number.POSITIVE_INFINITY;
  }

  #do(index: number, outputs: readonly MeshOutput[]): void {
    const member = this.at(index);
    for (const output of outputs) {
      if (output.kind === "transmit") this.#send(index, output.link, output.frame);
      else if (output.kind === "keep") member.mark = output.mark;
      else if (output.kind === "cut") this.#cutBy(index, output.link);
      if (output.kind !== "transmit") member.outputs.push(output);
    }
  }

  #send(from: number, link: LinkId, frame: Uint8Array): void {
    const to = this.across(link, from);
    const octets = to === undefined ? undefined : this.tamper(frame, to);
    if (to !== undefined && octets !== undefined)
      this.#flights.push({ at: this.now + this.delay(link), to, link, frame: octets.slice() });
  }

  #cutBy(index: number, link: LinkId): void {
    const other = this.across(link, index);
    if (other !== undefined) this.part(index, other);
  }
}

export function factsOf({ publicKey, address }: MeshCrypto): LinkFacts {
  return {
    ...{ peerKey: publicKey, peer: address, mtu: bytes(longestFrame) },
    ...{ bitrate: bitsPerSecond(10_000_000), cost: 0, duty: 1 },
  };
}
