/**
 * Nodes that meet by chance, two at a time, and never have a way to whom they write: what is carried arrives, no more nodes carry it than its
 * sender said, and when it is proved nobody carries it for long.
 */
import assert from "node:assert/strict";
import { type Millis, seconds } from "@ropewalk/kernel/units";
import type { LinkId } from "@ropewalk/mesh/pure/link";
import { tagIn } from "@ropewalk/mesh/pure/messages/custody/held";
import { type TagName, tagOctets } from "@ropewalk/mesh/pure/messages/wire/envelope";
import { Random } from "@ropewalk/simnet/random";
import { identity } from "../wire/announces.ts";
import { storeTime } from "./held-makers.ts";
import { ackKeyOf, envelopeNumber, heldNameOf, MessageRig, nameOf } from "./message-rig.ts";

const copies = 8;
/** What may be carried still when all has arrived long ago: of 160 copies. */
const mostLeft = 16;
/** How long two stay together, and until others meet. */
const [together, between] = [3_000, 57_000];

class Couriers {
  readonly rigs: readonly MessageRig[];
  readonly arrived = new Map<TagName, number>();
  readonly #whose = new Map<TagName, number>();
  #links = 0;

  constructor(count: number) {
    this.rigs = Array.from({ length: count }, (_, who) => new MessageRig({ address: identity(1 + who).address }));
  }

  at(who: number): MessageRig {
    return this.rigs[who] ?? assert.fail("there is no such node");
  }

  /** `from` writes to `to`: message `number`. */
  write(from: number, to: number, number: number, life: Millis): void {
    const rig = this.at(from);
    const tag = nameOf(number);
    const envelope = envelopeNumber(number, { life });
    const facts = {
      name: heldNameOf(envelope),
      from: "own",
      isSenders: true,
      priority: 1,
      until: rig.calendar.after(rig.now, life),
      copies,
    } as const;
    this.#whose.set(tag, number);
    rig.disk.set(facts.name, envelope.octets);
    rig.custody.add(rig.now, { ...facts, to: { kind: "address", address: this.at(to).address } }, 72, "untried");
    rig.turn();
  }

  /** Two are neighbours for a while, and then not any more. */
  meet(one: number, other: number): void {
    this.#links += 1;
    const link = this.#links as LinkId;
    for (const [who, peer] of [[one, other] as const, [other, one] as const]) {
      this.at(who).linkUp(this.#links, "keeps", { peer: this.at(peer).address });
      this.at(who).neighbourIs(1 + peer, link, this.at(peer).routes.own);
    }
    for (const [who, peer] of [[one, other] as const, [other, one] as const]) this.#compare(who, peer, link);
    this.#exchange(one, other, link);
    for (const who of [one, other]) this.at(who).linkDown(this.#links);
  }

  pass(time: number): void {
    for (const rig of this.rigs) rig.run(time);
  }

  holders(tag: TagName): number {
    return this.rigs.filter((rig) => rig.heldOf(tag) !== undefined).length;
  }

  copiesOf(tag: TagName): number {
    return this.rigs.reduce((sum, rig) => sum + (rig.heldOf(tag)?.copies ?? 0), 0);
  }

  /** What a meeting comes to: what the peer lacks, and proofs of what it carries still. */
  #compare(who: number, peer: number, link: LinkId): void {
    const [rig, its] = [this.at(who), this.at(peer)];
    const known = (tag: TagName) => rig.carrying.proofOf(rig.calendar.at(rig.now), tagOctets(tag));
    const proofs = its
      .tags()
      .map(known)
      .filter((ackKey) => ackKey !== undefined);
    if (proofs.length > 0) its.receive(link, { type: "proof", ackKeys: proofs });
    const isKnown = (tag: TagName) => its.heldOf(tag) ?? its.carrying.proofOf(its.calendar.at(its.now), tagOctets(tag));
    rig.carrying.met(
      link,
      [...rig.custody.names()].filter((name) => isKnown(tagIn(name)) === undefined),
    );
    rig.turn();
  }

  #exchange(one: number, other: number, link: LinkId): void {
    for (let time = 0; time < together; time += 100) {
      for (const [who, peer] of [[one, other] as const, [other, one] as const]) {
        for (const { to, frame } of this.at(who).sent()) {
          const envelope = to === link ? this.at(peer).receive(link, frame) : undefined;
          if (envelope !== undefined) this.#open(peer, envelope.name);
        }
      }
      for (const rig of this.rigs) rig.run(100);
    }
  }

  /** As who has opened an envelope does. */
  #open(who: number, tag: TagName): void {
    const rig = this.at(who);
    const ackKey = ackKeyOf(this.#whose.get(tag) ?? assert.fail("nobody wrote this"));
    this.arrived.set(tag, (this.arrived.get(tag) ?? 0) + 1);
    rig.carrying.opened(tagOctets(tag), ackKey, storeTime(1_900_000_000), "kept");
    rig.turn();
  }
}

/** What went otherwise than it should, with this seed. Fourteen nodes meet two hundred times. */
export function carry(seed: number): readonly string[] {
  const [random, couriers] = [new Random(seed), new Couriers(14)];
  const any = (below: number) => Math.floor(random.unit() * below);
  const numbers = Array.from({ length: 20 }, (_, number) => number);
  const faults = new Set<string>();
  let most = 0;
  for (const number of numbers) couriers.write(number % 7, 7 + (number % 7), number, seconds(86_400));
  for (let meeting = 0; meeting < 200; meeting += 1) {
    const one = any(14);
    couriers.meet(one, (one + 1 + any(13)) % 14);
    couriers.pass(between);
    for (const number of numbers) {
      most = Math.max(most, couriers.holders(nameOf(number)));
      if (couriers.copiesOf(nameOf(number)) > copies) faults.add(`more copies of ${number} than there were`);
    }
  }
  if (most > copies) faults.add(`${most} carried one`);
  if (most <= copies / 2) faults.add(`only ${most} carried one: nothing was tried`);
  for (const number of numbers) {
    const times = couriers.arrived.get(nameOf(number)) ?? 0;
    if (times !== 1) faults.add(`${number} arrived ${times} times`);
  }
  const left = couriers.rigs.reduce((sum, { custody }) => sum + custody.size, 0);
  if (left > mostLeft) faults.add(`${left} are carried still, though all are proved`);
  couriers.pass(86_400_000);
  if (couriers.rigs.some(({ custody }) => custody.size > 0 || custody.octets > 0))
    faults.add("something is carried for ever");
  return [...faults];
}
