/**
 * A node that keeps for others, and one neighbour that may send what it likes: what honest ones brought stays until it is proved, bounds hold,
 * the disk has what is kept, and all that goes out is a frame.
 */
import { seconds } from "@ropewalk/kernel/units";
import { decodeFrame } from "@ropewalk/mesh/pure/wire/decode-frame";
import { encodeFrame } from "@ropewalk/mesh/pure/wire/encode-frame";
import { eachFor, type FuzzTarget } from "./fuzz-target.ts";
import { addressNumber } from "./pure/messages/held-makers.ts";
import { ackKeyOf, envelopeNumber, hintFor, MessageRig, nameOf } from "./pure/messages/message-rig.ts";
import { identity } from "./pure/wire/announces.ts";

/** As many inputs as one node lives through. */
const life = 400;
const between = 50;
/** Room for some twenty, five of one neighbour. */
const most = 16_000;
/** Of the honest neighbour; all else is the hostile one's. */
const honest = [1_000_001, 1_000_002, 1_000_003];
const forever = { life: seconds(7 * 86_400), priority: 0 };

class Besieged {
  readonly rig = new MessageRig({ most });
  readonly #bad = this.rig.linkUp(1, "keeps");
  readonly #good = this.rig.linkUp(2, "keeps");
  readonly #way = this.rig.linkUp(3);
  readonly labels: readonly number[];
  #taken = 0;

  constructor() {
    this.labels = [this.rig.routes.own, this.rig.wayTo(7, this.#way).label, this.rig.wayTo(8, this.#way).label];
    this.rig.noWayTo(8);
    for (const number of honest) this.rig.deposit(this.#good, addressNumber(number), envelopeNumber(number, forever));
  }

  /** Throws where the node does what it must not. */
  take(octets: Uint8Array): void {
    this.#taken += 1;
    const frame = decodeFrame(octets);
    if (frame?.type === "message" || frame?.type === "deposit" || frame?.type === "proof")
      this.rig.receive(this.#bad, frame);
    if (this.#taken % 50 === 0) this.rig.met(this.#bad, ...honest);
    this.rig.run(between);
    this.rig.sent();
    const { custody, disk } = this.rig;
    for (const number of honest)
      if (this.rig.heldOf(nameOf(number)) === undefined) throw new Error("the honest one's is gone");
    const its = [...custody.names()].map((name) => custody.get(name)).filter((held) => held?.from === addressNumber(1));
    if (its.reduce((sum, held) => sum + (held?.cost ?? 0), 0) > most / 4) throw new Error("it has more than its share");
    if (custody.octets > most) throw new Error(`${custody.octets} octets are kept`);
    if (disk.size !== custody.size) throw new Error(`${custody.size} are kept, and ${disk.size} are on the disk`);
  }
}

function seeds(): readonly Uint8Array[] {
  const { labels, rig } = new Besieged();
  const envelopes = [1, 2, 3].flatMap((number) => [
    envelopeNumber(number),
    envelopeNumber(number, { priority: 3, copies: 1, hops: 1, size: 400 }),
  ]);
  const destinations = [rig.address, identity(7).address, identity(8).address];
  return envelopes.flatMap((envelope) => [
    ...labels.map((label) => encodeFrame({ type: "message", label, envelope })),
    ...destinations.map((to) =>
      encodeFrame({ type: "deposit", hint: Uint8Array.fromHex(hintFor(envelope.name, to)), envelope }),
    ),
    encodeFrame({ type: "proof", ackKeys: [1, 2, 3].map(ackKeyOf) }),
  ]);
}

export const fuzzTargets: readonly FuzzTarget[] = [
  {
    name: "a mesh node that keeps for others",
    run: eachFor(life, () => new Besieged()),
    seeds: seeds(),
    sample: 2_000,
  },
];
