/**
 * A node that stands in for the mesh's: it believes all that it hears, and tells everybody once a second that it is there. The simulator
 * is proved with it, for what becomes of it is known without running it.
 */
import { type Millis, millis } from "@ropewalk/kernel/units";
import type { LinkId } from "@ropewalk/mesh/pure/link";
import { addressOctets, addressOf, type MeshAddress } from "@ropewalk/mesh/pure/mesh-address";
import type { MeshOutput } from "@ropewalk/mesh/pure/mesh-output";
import type { NodeMaking, SimulatedNode, SimulatedRoute } from "./simulated-node.ts";

/** Octets of its frames: which one, whom it is of (16), whom it is for (16), and a number. */
const kinds = { announce: 1, ping: 2, pong: 3 } as const;
const interval = 1_000;
const patience = 10_000;

interface Way extends SimulatedRoute {
  readonly best: { readonly link: LinkId };
  readonly sequence: number;
  readonly frame: Uint8Array;
}

export class FloodingNode implements SimulatedNode {
  readonly #own: MeshAddress;
  readonly #links: Set<LinkId> = new Set();
  readonly #ways: Map<MeshAddress, Way> = new Map();
  readonly #probes: Map<number, Millis> = new Map();
  #sequence: number;
  #announceAt = 0;

  constructor({ crypto, mark }: NodeMaking) {
    this.#own = crypto.address;
    this.#sequence = mark.sequence;
  }

  linkUp(_now: Millis, link: LinkId): readonly MeshOutput[] {
    this.#links.add(link);
    return [...this.#ways.values()].map(({ frame }) => ({ kind: "transmit", link, frame }));
  }

  linkDown(_now: Millis, link: LinkId): readonly MeshOutput[] {
    this.#links.delete(link);
    for (const { address, best } of this.#ways.values()) if (best.link === link) this.#ways.delete(address);
    return [];
  }

  receive(now: Millis, link: LinkId, frame: Uint8Array): readonly MeshOutput[] {
    const [of, target] = [addressOf(frame.subarray(1)), addressOf(frame.subarray(17))];
    const number = new DataView(frame.buffer, frame.byteOffset).getUint32(33);
    switch (frame[0]) {
      case kinds.announce:
        return this.#learn(link, of, number, frame);
      case kinds.ping:
        return target === this.#own
          ? this.#send(of, frameOf(kinds.pong, this.#own, of, number))
          : this.#send(target, frame);
      case kinds.pong:
        return target === this.#own ? this.#conclude(now, number) : this.#send(target, frame);
      default:
        return [];
    }
  }

  probe(now: Millis, id: number, address: MeshAddress): readonly MeshOutput[] {
    this.#probes.set(id, now);
    return this.#send(address, frameOf(kinds.ping, this.#own, address, id));
  }

  expire(now: Millis): readonly MeshOutput[] {
    const over = [...this.#probes].filter(([, at]) => at + patience <= now);
    for (const [probe] of over) this.#probes.delete(probe);
    const lost = over.map(([probe]) => ({ kind: "unanswered", probe, why: "lost" }) as const);
    return now < this.#announceAt ? lost : [...lost, ...this.#announce(now)];
  }

  deadline(): Millis {
    const [first = Number.POSITIVE_INFINITY] = this.#probes.values();
    return millis(Math.min(first + patience, this.#announceAt));
  }

  routes(): Iterable<SimulatedRoute> {
    return this.#ways.values();
  }

  #announce(now: Millis): readonly MeshOutput[] {
    this.#sequence += 1;
    this.#announceAt = now + interval;
    const mark = { epoch: 1, sequence: this.#sequence };
    return [
      { kind: "keep", mark },
      ...this.#tell(frameOf(kinds.announce, this.#own, this.#own, this.#sequence), undefined),
    ];
  }

  /** The first that brings it leads there: who brought it there had it before. */
  #learn(link: LinkId, address: MeshAddress, sequence: number, frame: Uint8Array): readonly MeshOutput[] {
    if (address === this.#own || (this.#ways.get(address)?.sequence ?? 0) >= sequence) return [];
    this.#ways.set(address, { address, sequence, frame, best: { link } });
    return this.#tell(frame, link);
  }

  #conclude(now: Millis, probe: number): readonly MeshOutput[] {
    const asked = this.#probes.get(probe);
    if (asked === undefined) return [];
    this.#probes.delete(probe);
    return [{ kind: "answered", probe, roundTrip: millis(now - asked), path: [] }];
  }

  #send(target: MeshAddress, frame: Uint8Array): readonly MeshOutput[] {
    const link = this.#ways.get(target)?.best.link;
    return link === undefined ? [] : [{ kind: "transmit", link, frame }];
  }

  #tell(frame: Uint8Array, not: LinkId | undefined): readonly MeshOutput[] {
    return [...this.#links].filter((link) => link !== not).map((link) => ({ kind: "transmit", link, frame }));
  }
}

function frameOf(kind: number, of: MeshAddress, target: MeshAddress, number: number): Uint8Array {
  const frame = new Uint8Array(37);
  frame[0] = kind;
  frame.set(addressOctets(of), 1);
  frame.set(addressOctets(target), 17);
  new DataView(frame.buffer).setUint32(33, number);
  return frame;
}
