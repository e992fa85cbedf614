/** How much waits for an application, and who finds room beside whom: contacts beside strangers, what was begun beside what begins. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { bytes } from "@ropewalk/kernel/units";
import { longestChunk } from "@ropewalk/mesh/pure/messages/chunks";
import { InboxRoom, type Kept } from "@ropewalk/mesh/pure/messages/inbox-room";
import { reservedFor } from "@ropewalk/mesh/pure/messages/incomplete-messages";
import type { StoreTime } from "@ropewalk/mesh/pure/messages/store-time";
import type { Plaintext } from "@ropewalk/mesh/pure/messages/wire/plaintext";
import { addressNumber, storeTime } from "./held-makers.ts";

const longest = 8 * longestChunk;
/** Of the longest message, in octets that are kept free for it. */
const cost = reservedFor(8);
const hour = 3_600;
const friend = 1;

function whole(length: number): Plaintext {
  return { kind: "whole", port: 0, id: "00".repeat(8), sent: 0, content: new Uint8Array(length) };
}

function part(message: number, index = 0, count = 8): Plaintext {
  const id = message.toString(16).padStart(16, "0");
  return { kind: "chunk", port: 0, id, sent: 0, content: new Uint8Array(longestChunk), index, count };
}

/** A room for 100 messages and 64 of the longest, in which identity 1 is a contact. */
class Room {
  now: StoreTime = storeTime(1_000_000);
  readonly contacts: Set<number> = new Set([friend]);
  readonly room: InboxRoom;

  constructor(messages = 100, octets = 64 * cost) {
    const isContact = (address: string) => this.contacts.values().some((one) => addressNumber(one) === address);
    this.room = new InboxRoom({ messages, octets: bytes(octets), longest: bytes(longest) }, isContact);
  }

  /** What comes of one that is stored, or why it is not. */
  come(from: number, plaintext: Plaintext, kept: Kept = plaintext.kind === "whole" ? "delivered" : "done"): string {
    const offered = this.room.offer(this.now, addressNumber(from), plaintext);
    if (offered === "taken") this.room.settle(this.now, addressNumber(from), plaintext, kept);
    return offered;
  }

  pass(time: number): void {
    this.now = storeTime(this.now + time);
  }

  givenUp(): readonly string[] {
    return this.room.takeGivenUp().map(({ sender, id }) => `${Number.parseInt(sender, 16)} ${Number.parseInt(id, 16)}`);
  }
}

test("a message that is longer than any may be is refused with the first part of it that comes, and nothing is kept free for it", () => {
  const room = new Room();
  assert.equal(room.come(friend, part(1, 3, 9)), "too-long");
  assert.equal(room.come(friend, whole(longest + 1)), "too-long");
  assert.deepEqual([room.room.messages, room.room.octets], [0, 0]);
  assert.equal(room.come(friend, part(1, 3, 8)), "taken");
});

test("parts of one message that say another count of them are refused", () => {
  const room = new Room();
  assert.equal(room.come(friend, part(1, 0, 8)), "taken");
  assert.equal(room.come(friend, part(1, 1, 7)), "malformed");
});

test("strangers fill half of the inbox, in messages as in octets, and contacts find the other", () => {
  const room = new Room();
  for (let count = 0; count < 50; count += 1) assert.equal(room.come(100 + count, whole(1)), "taken");
  assert.equal(room.come(200, whole(1)), "strangers-full");
  for (let count = 0; count < 50; count += 1) assert.equal(room.come(friend, whole(1)), "taken");
  assert.equal(room.come(friend, whole(1)), "inbox-full");
  const octets = new Room(1_000_000, 100 * longest);
  for (let count = 0; count < 50; count += 1) octets.come(100 + count, whole(longest));
  assert.equal(octets.come(200, whole(1)), "strangers-full");
  assert.equal(octets.come(friend, whole(longest)), "taken");
});

test("what an application took makes room for who was refused", () => {
  const room = new Room();
  for (let count = 0; count < 51; count += 1) room.come(100, whole(10));
  assert.equal(room.come(100, whole(10)), "strangers-full");
  room.room.taken({ sender: addressNumber(100), size: 10 });
  assert.equal(room.come(100, whole(10)), "taken");
  assert.deepEqual([room.room.messages, room.room.octets], [50, 500]);
});

test("what came before, or could not be stored, takes no room", () => {
  const room = new Room();
  room.come(friend, whole(10), "repeated");
  room.come(friend, whole(10), "refused");
  for (const kept of ["repeated", "refused", "given-up"] as const) room.come(friend, part(1), kept);
  assert.deepEqual([room.room.messages, room.room.octets], [0, 0]);
});

test("who is made a contact takes his messages out of the strangers' half with his next one", () => {
  const room = new Room();
  for (let count = 0; count < 50; count += 1) room.come(100, whole(1));
  room.contacts.add(100);
  assert.equal(room.come(200, whole(1)), "strangers-full");
  assert.equal(room.come(100, whole(1)), "taken");
  assert.equal(room.come(200, whole(1)), "taken");
});

test("a message has its room from its first part on: however full it gets meanwhile, it can be ended", () => {
  const room = new Room(100, 64 * cost);
  assert.equal(room.come(friend, part(1, 0)), "taken");
  while (room.come(friend, whole(longest)) === "taken");
  assert.ok(!room.room.isFull, "what comes is opened still");
  for (let index = 1; index < 7; index += 1) assert.equal(room.come(friend, part(1, index)), "taken");
  const before = room.room.messages;
  assert.equal(room.come(friend, part(1, 7), "delivered"), "taken");
  assert.equal(room.room.messages, before + 1);
  assert.equal(room.room.octets % longest, 0, "now it takes what it has");
});

test("of a sender's messages that are not whole the one that rested longest gives way, once it has rested for an hour", () => {
  const room = new Room();
  // A quarter of all is for what is not whole, and a quarter of that for one sender.
  for (const message of [1, 2, 3, 4]) assert.equal(room.come(friend, part(message)), "taken");
  assert.equal(room.come(friend, part(5)), "parts-full");
  room.pass(hour - 1);
  assert.equal(room.come(friend, part(1, 1)), "taken");
  assert.equal(room.come(friend, part(5)), "parts-full");
  room.pass(1);
  assert.equal(room.come(friend, part(5)), "taken");
  assert.deepEqual(room.givenUp(), ["1 2"], "the first had gone on");
  assert.equal(room.room.givenUp.get("gave-way"), 1);
});

test("where many senders fill the room for what is not whole, who has the most gives way, and a contact never to a stranger", () => {
  const room = new Room();
  for (const message of [1, 2, 3, 4]) room.come(friend, part(message));
  // Strangers have eight of the longest, of which one may have two.
  for (const [from, message] of [
    [100, 1],
    [101, 1],
    [101, 2],
    [102, 1],
    [103, 1],
    [104, 1],
    [105, 1],
    [106, 1],
  ] as const)
    assert.equal(room.come(from, part(message)), "taken");
  assert.equal(room.come(107, part(1)), "parts-full");
  room.pass(hour);
  assert.equal(room.come(107, part(1)), "taken");
  assert.deepEqual(room.givenUp(), ["101 1"]);
  for (let stranger = 200; stranger < 300; stranger += 1) room.come(stranger, part(1));
  assert.ok(room.givenUp().every((one) => !one.startsWith("1 ")));
  for (const message of [1, 2, 3, 4]) assert.equal(room.come(friend, part(message, 1)), "taken");
});

test("what has not gone on for as long as it may is given up, and its room is free", () => {
  const room = new Room();
  room.come(friend, part(1));
  room.pass(1_000);
  room.come(friend, part(2));
  room.room.expire(storeTime(room.now - 1_001));
  assert.deepEqual(room.givenUp(), []);
  room.room.expire(storeTime(room.now - 1_000));
  assert.deepEqual([room.givenUp(), room.room.octets], [["1 1"], cost]);
});

test("what is on its way to the disk is not given up", () => {
  const room = new Room();
  room.room.offer(room.now, addressNumber(friend), part(1));
  room.pass(10 * hour);
  room.room.expire(room.now);
  assert.deepEqual(room.givenUp(), []);
});

test("a start finds the room as it was left: what is in the inbox, and what came in part", () => {
  const before = new Room();
  before.come(100, whole(10));
  before.come(friend, part(1, 0));
  before.come(friend, part(1, 1));
  const after = new Room();
  const parts = [0, 1].map(() => ({ sender: addressNumber(friend), id: "0000000000000001", count: 8 }));
  const stored = parts.map((one) => ({ ...one, size: longestChunk, at: before.now }));
  after.room.restore([{ sender: addressNumber(100), size: 10 }], stored);
  assert.deepEqual([after.room.messages, after.room.octets], [before.room.messages, before.room.octets]);
  after.pass(60);
  for (let index = 2; index < 7; index += 1) after.come(friend, part(1, index));
  after.come(friend, part(1, 7), "delivered");
  assert.deepEqual([after.room.messages, after.room.octets], [2, 10 + longest]);
});

test("whatever comes in whatever order, the room counts what is there, and no bound is passed", () => {
  const room = new Room(40, 20 * cost);
  let seed = 7;
  const any = (below: number) => {
    seed = (seed * 48_271) % 2_147_483_647;
    return seed % below;
  };
  const inbox: { readonly from: number; readonly size: number }[] = [];
  for (let step = 0; step < 5_000; step += 1) {
    const from = 1 + any(12);
    if (any(3) === 0) room.contacts[any(2) === 0 ? "add" : "delete"](from);
    const [size, kept] = [any(longest), (["delivered", "repeated", "refused"] as const)[any(3)] ?? "refused"];
    if (any(2) === 0) {
      if (room.come(from, whole(size), kept) === "taken" && kept === "delivered") inbox.push({ from, size });
    } else room.come(from, part(any(3), any(8)), any(4) === 0 ? "repeated" : "done");
    const [taken] = any(2) === 0 ? inbox.splice(any(Math.max(1, inbox.length)), 1) : [];
    if (taken !== undefined) room.room.taken({ sender: addressNumber(taken.from), size: taken.size });
    room.pass(any(300));
    assert.equal(room.room.messages, inbox.length);
    assert.ok(room.room.octets <= 20 * cost);
  }
  for (const { from, size } of inbox) room.room.taken({ sender: addressNumber(from), size });
  room.room.expire(room.now);
  assert.deepEqual([room.room.messages, room.room.octets], [0, 0]);
});
