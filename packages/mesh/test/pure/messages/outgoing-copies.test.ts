/** Of a message of this node's own as many copies are about as were made, whether it goes by a way, is given away or outlives a restart. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { type Millis, millis } from "@ropewalk/kernel/units";
import { addressOfKey } from "@ropewalk/mesh/pure/mesh-address";
import { Outgoing } from "@ropewalk/mesh/pure/messages/outgoing";
import { SenderSessions } from "@ropewalk/mesh/pure/messages/sealing/sender-sessions";
import type { StoreCallEnd } from "@ropewalk/mesh/pure/messages/store-call";
import { StoreCalendar } from "@ropewalk/mesh/pure/messages/store-time";
import { storeTime, tagNumber } from "./held-makers.ts";
import { person } from "./sealing/people.ts";

/** Writes to one contact, to whom there is a way or not; `sent` and `kept` are how many copies went and stayed each time. */
class Desk {
  now: Millis = millis(1_000);
  isReachable = true;
  readonly sent: number[] = [];
  readonly kept: number[] = [];
  readonly outgoing: Outgoing;
  readonly #contact = person(2);
  readonly #thens: ((now: Millis, end: StoreCallEnd) => void)[] = [];

  constructor(isConstrained = false) {
    const calendar = new StoreCalendar({ now: this.now, wall: 1_800_000_000_000, last: storeTime(0) });
    const correspondent = { address: this.#address, key: this.#contact.publicKey, prekey: undefined };
    this.outgoing = new Outgoing(
      {
        ...{ calendar, isConstrained, sessions: new SenderSessions(person(1)) },
        store: (_, then) => void (then && this.#thens.push(then)),
        custody: { add: (_, { copies }) => this.kept.push(copies) > 0, withdraw: () => {} },
        correspondent: () => correspondent,
        isReachable: () => this.isReachable,
        send: (_, __, ___, { copies }) => this.isReachable && this.sent.push(copies) > 0,
        readContent: (_, { length }, then) => then(this.now, new Uint8Array(length)),
        tell: () => {},
      },
      this.now,
    );
  }

  write(): void {
    this.outgoing.accepted(this.message, new Uint8Array(10));
    this.run(0);
  }

  get message() {
    const facts = { id: "00".repeat(8), contact: this.#address, port: 1, priority: 1 };
    return { ...facts, until: storeTime(1_800_100_000), accepted: 1_800_000_000, chunks: 1 };
  }

  run(time: number): void {
    for (const end = this.now + time; this.now <= end; this.now = millis(this.now + 500)) {
      this.outgoing.expire(this.now);
      this.outgoing.work(this.now);
      for (const then of this.#thens.splice(0)) then(this.now, "durable");
    }
  }

  get #address() {
    return addressOfKey(this.#contact.publicKey);
  }
}

test("what goes by a way and is not proved stays with what is left of the copies", () => {
  const desk = new Desk();
  desk.write();
  desk.run(110_000);
  assert.deepEqual([desk.sent, desk.kept], [[4, 1, 1], [2]]);
});

test("where there is no way all copies stay, to be given to neighbours", () => {
  const desk = new Desk();
  desk.isReachable = false;
  desk.write();
  assert.deepEqual([desk.sent, desk.kept], [[], [8]]);
});

test("where octets are dear there is one", () => {
  const desk = new Desk(true);
  desk.isReachable = false;
  desk.write();
  assert.deepEqual(desk.kept, [1]);
  const other = new Desk(true);
  other.write();
  other.run(110_000);
  assert.deepEqual([other.sent, other.kept], [[1, 1, 1], [1]], "it goes again, for it may be lost");
});

test("after a restart there is one: how many were given away nobody wrote down", () => {
  const desk = new Desk();
  const { id } = desk.message;
  const sealed = { tag: tagNumber(1), id, chunk: 0, mark: new Uint8Array(8) };
  desk.outgoing.restore(desk.now, desk.message, { size: 10, proved: [], sealed: [{ sealed, size: 100 }] });
  assert.deepEqual(desk.kept, [1]);
});

test("what a start finds unsealed may have gone before: it has the copies that did not go with it then", () => {
  const found = { size: 10, proved: [], sealed: [] };
  const desk = new Desk();
  desk.outgoing.restore(desk.now, desk.message, found);
  desk.run(110_000);
  assert.deepEqual([desk.sent, desk.kept], [[2, 1, 1], [1]]);
  const other = new Desk();
  other.isReachable = false;
  other.outgoing.restore(other.now, other.message, found);
  other.run(0);
  assert.deepEqual(other.kept, [4]);
});

test("what is sealed anew has one copy, for all that were given away of it before may be held still", () => {
  const desk = new Desk();
  desk.write();
  desk.run(400_000);
  assert.deepEqual(
    [desk.sent.slice(0, 6), desk.kept.slice(0, 2)],
    [
      [4, 1, 1, 1, 1, 1],
      [2, 1],
    ],
  );
});

test("what is withdrawn while it goes to the disk is not kept when it is there", () => {
  const desk = new Desk();
  desk.isReachable = false;
  desk.outgoing.accepted(desk.message, new Uint8Array(10));
  desk.outgoing.work(desk.now);
  assert.notEqual(desk.outgoing.withdrawn(desk.message.id), undefined);
  desk.run(0);
  assert.deepEqual([desk.kept, desk.outgoing.size], [[], 0]);
});
