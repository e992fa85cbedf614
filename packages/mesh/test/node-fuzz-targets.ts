/**
 * A node between an honest neighbour and one that sends anything: it throws nothing, says nothing that is no frame, keeps its honest
 * neighbour and the way to it, and believes nobody who did not sign.
 */
import { bitsPerSecond, bytes, type Millis, millis } from "@ropewalk/kernel/units";
import type { LinkId } from "@ropewalk/mesh/pure/link";
import type { MeshCrypto } from "@ropewalk/mesh/pure/mesh-crypto";
import { MeshNode } from "@ropewalk/mesh/pure/mesh-node";
import type { MeshOutput } from "@ropewalk/mesh/pure/mesh-output";
import { makeAnnounce } from "@ropewalk/mesh/pure/wire/announce-proof";
import { decodeFrame } from "@ropewalk/mesh/pure/wire/decode-frame";
import { encodeFrame } from "@ropewalk/mesh/pure/wire/encode-frame";
import { furtherLink } from "@ropewalk/mesh/pure/wire/hop-chain";
import { eachFor, type FuzzTarget } from "./fuzz-target.ts";
import { usualConfig } from "./pure/small-mesh.ts";
import { identity, plainContent } from "./pure/wire/announces.ts";
import { one } from "./pure/wire/link-frames.ts";

const [own, honest, hostile, distant] = [identity(1), identity(2), identity(3), identity(4)];
const [good, bad] = [1 as LinkId, 2 as LinkId];
const alive = encodeFrame(one.ping);
/** As many inputs as one node lives through. */
const life = 500;
const between = 50;
/** From where the hostile neighbour truly has the distant one's announce. */
const far = 3;

const facts = ({ publicKey: peerKey, address: peer }: MeshCrypto) =>
  ({ peerKey, peer, mtu: bytes(4096), bitrate: bitsPerSecond(1e9), cost: 0, duty: 1 }) as const;
const announced = (crypto: MeshCrypto) => makeAnnounce(crypto, plainContent);

class Besieged {
  readonly node: MeshNode = new MeshNode(usualConfig, own, { epoch: 1, sequence: 1 }, () => 0.5);
  /** What it says to the hostile neighbour before that says anything. */
  readonly said: readonly Uint8Array[];
  #now: Millis = millis(1000);

  constructor() {
    const began = [
      ...this.node.linkUp(this.#now, good, facts(honest)),
      ...this.node.linkUp(this.#now, bad, facts(hostile)),
    ];
    const announce = encodeFrame({ type: "announce", label: 77, announce: announced(honest).octets });
    this.said = [...began, ...this.#hear(good, announce), ...this.#wait(), ...this.#wait()].flatMap((output) =>
      output.kind === "transmit" && output.link === bad ? [output.frame] : [],
    );
  }

  /** Throws where the node does what it must not. */
  take(octets: Uint8Array): void {
    for (const output of [...this.#hear(bad, octets), ...this.#hear(good, alive), ...this.#wait()]) check(output);
    const believed = [...this.node.routes()].map(({ address }) => address);
    if (!believed.includes(honest.address) || !this.node.isRoutable(honest.address))
      throw new Error("the honest neighbour was lost");
    if (believed.some((address) => ![honest.address, hostile.address, distant.address].includes(address)))
      throw new Error("somebody was believed who did not sign");
    if ((this.node.route(distant.address)?.announce.hops ?? far) < far) throw new Error("hops were lowered");
  }

  #hear(link: LinkId, octets: Uint8Array): readonly MeshOutput[] {
    return this.node.receive(this.#now, link, octets);
  }

  #wait(): readonly MeshOutput[] {
    this.#now = millis(this.#now + between);
    return (this.node.deadline() ?? this.#now) <= this.#now ? this.node.expire(this.#now) : [];
  }
}

function check(output: MeshOutput): void {
  if (output.kind === "transmit" && decodeFrame(output.frame) === undefined)
    throw new Error(`it said ${output.frame.toHex()}, which is no frame`);
  if (output.kind === "cut" && output.link === good) throw new Error(`its honest neighbour was cut: ${output.why}`);
}

function seeds(): readonly Uint8Array[] {
  const { said } = new Besieged();
  const labels = said.flatMap((octets) => {
    const frame = decodeFrame(octets);
    return frame?.type === "announce" ? [frame.label] : [];
  });
  const sealed = own.seal(own.publicKey, new Uint8Array(17).with(0, 1)) ?? new Uint8Array();
  const relayed = announced(distant);
  const further = relayed.relayed(far, furtherLink(relayed, relayed.chain, far));
  const frames = labels.flatMap((label) => [
    { ...one.packet, label },
    { ...one.packet, label, hopsLeft: 0 },
    { ...one.packet, label, body: sealed },
    { ...one.trace, label, body: sealed },
    { ...one.withdraw, labels: [label, 77] },
  ]);
  const lowered = relayed.relayed(1, furtherLink(relayed, relayed.chain, far));
  const announces = [announced(hostile).octets, announced(honest).octets, announced(own).octets, further, lowered];
  return [
    ...said,
    ...[...Object.values(one), ...frames].map((frame) => encodeFrame(frame)),
    ...announces.map((announce) => encodeFrame({ type: "announce", label: 5, announce })),
    ...[own, honest, distant].map(({ address }) => encodeFrame({ ...one.request, address })),
  ];
}

export const fuzzTargets: readonly FuzzTarget[] = [
  {
    name: "a mesh node's links",
    run: eachFor(life, () => new Besieged()),
    seeds: seeds(),
  },
];
