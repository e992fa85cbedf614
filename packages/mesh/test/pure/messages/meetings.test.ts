/** Two custodians that meet: each is given what it lacks, and whoever lies about a tag keeps nobody from the envelope that it is of. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { LinkId } from "@ropewalk/mesh/pure/link";
import { Meetings } from "@ropewalk/mesh/pure/messages/meetings";
import { decodeFrame } from "@ropewalk/mesh/pure/wire/decode-frame";
import type { LinkFrame } from "@ropewalk/mesh/pure/wire/link-frame";
import { identity } from "../wire/announces.ts";
import { addressNumber } from "./held-makers.ts";
import { type EnvelopeOptions, envelopeNumber, heldNameOf, MessageRig } from "./message-rig.ts";

const link = 90 as LinkId;
const [one, other] = [addressNumber(1), addressNumber(2)];
const to = identity(7).address;

class Custodian {
  readonly rig: MessageRig;
  readonly meetings: Meetings;
  readonly said: LinkFrame[] = [];

  constructor(address: typeof one) {
    this.rig = new MessageRig({ address });
    const { carrying, calendar, neighbours } = this.rig;
    let drawn = address === one ? 0 : 100;
    this.meetings = new Meetings({
      ...{ address, carrying, calendar, neighbours },
      random: (length) => {
        drawn += 1;
        return new Uint8Array(length).fill(drawn);
      },
      emit: (output) => {
        if (output.kind === "transmit") this.said.push(decodeFrame(output.frame) ?? assert.fail());
      },
    });
  }

  keep(by: number, number: number, options: EnvelopeOptions = {}): void {
    const from = this.rig.neighbours.has(by as LinkId) ? (by as LinkId) : this.rig.linkUp(by);
    this.rig.deposit(from, to, envelopeNumber(number, options));
  }

  hear(frame: LinkFrame): void {
    if (frame.type === "meeting") this.meetings.receive(this.rig.now, link, frame.said);
    else this.rig.receive(link, frame);
    this.rig.turn();
  }
}

/** They are neighbours for some seconds. What each gave, by kind. */
function meet(first: Custodian, second: Custodian): readonly string[] {
  const given: string[] = [];
  for (const [who, peer] of [[first, second] as const, [second, first] as const]) {
    who.rig.linkUp(link, "keeps", { peer: peer.rig.address });
    who.meetings.linkUp(who.rig.now, who.rig.neighbours.get(link) ?? assert.fail());
  }
  for (let time = 0; time < 4_000; time += 100) {
    for (const [who, peer] of [[first, second] as const, [second, first] as const]) {
      who.rig.run(100);
      who.meetings.expire(who.rig.now);
      who.rig.turn();
      const frames = who.rig.sent().flatMap(({ to: by, frame }) => (by === link ? [frame] : []));
      given.push(...frames.map(({ type }) => type));
      // Of one turn: proofs go before it is said what is wanted.
      for (const frame of [...frames, ...who.said.splice(0)]) peer.hear(frame);
    }
  }
  return given;
}

test("who holds other octets under a tag is given the true ones when stores meet, and the other way round", () => {
  const [honest, deceived] = [new Custodian(one), new Custodian(other)];
  honest.keep(11, 1);
  deceived.keep(12, 1, { size: 31 });
  meet(honest, deceived);
  for (const { rig } of [honest, deceived]) assert.ok(rig.custody.get(heldNameOf(envelopeNumber(1))) !== undefined);
});

test("two that hold the same have nothing to give, whatever their copies and lives", () => {
  const [first, second] = [new Custodian(one), new Custodian(other)];
  first.keep(11, 1, { copies: 8 });
  second.keep(12, 1, { copies: 2, hops: 9 });
  assert.deepEqual(meet(first, second), []);
});

test("of what the other end has the proof it is given nothing, and what is held of it ends, whichever end leads", () => {
  for (const prover of [one, other]) {
    const [holds, proves] = [new Custodian(prover === one ? other : one), new Custodian(prover)];
    holds.keep(11, 1);
    holds.keep(11, 2);
    proves.keep(12, 1);
    proves.rig.proof(12 as LinkId, 1);
    const given = meet(holds, proves);
    assert.deepEqual(holds.rig.tags(), proves.rig.tags(), "only the other is held, at both");
    assert.deepEqual([holds.rig.custody.size, given.filter((type) => type === "proof").length], [1, 1]);
  }
});
