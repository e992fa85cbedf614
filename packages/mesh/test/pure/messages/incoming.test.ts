/** What comes for a node itself: kept before it is proved, and neither kept nor proved where there is no room for it. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { bitsPerSecond, bytes, type Millis, millis, seconds } from "@ropewalk/kernel/units";
import type { LinkId } from "@ropewalk/mesh/pure/link";
import { Incoming, type IncomingEvent } from "@ropewalk/mesh/pure/messages/incoming";
import type { Opened } from "@ropewalk/mesh/pure/messages/sealing/recipient-chains";
import type { StoreOperation, StoreOutcome } from "@ropewalk/mesh/pure/messages/store-operations";
import { StoreCalendar } from "@ropewalk/mesh/pure/messages/store-time";
import type { Plaintext } from "@ropewalk/mesh/pure/messages/wire/plaintext";
import { Neighbour } from "@ropewalk/mesh/pure/neighbour";
import { DropCounts } from "@ropewalk/mesh/pure/protection/drop-counts";
import { addressNumber, storeTime } from "./held-makers.ts";
import { ackKeyOf, envelopeNumber, nameOf } from "./message-rig.ts";

const sender = addressNumber(100);
const stall = seconds(7 * 86_400);
const longest = 20_000;

function whole(length: number): Plaintext {
  return { kind: "whole", port: 3, id: "00".repeat(8), sent: 0, content: new Uint8Array(length) };
}

function part(index: number, count: number): Plaintext {
  return { kind: "chunk", port: 3, id: "11".repeat(8), sent: 0, content: new Uint8Array(100), index, count };
}

/** A node's inbox of four messages; what its neighbours bring is opened as whatever the test says. */
class Recipient {
  now: Millis = millis(1_000);
  readonly stored: StoreOperation[] = [];
  readonly reinstated: number[] = [];
  readonly proved: number[] = [];
  readonly told: IncomingEvent[] = [];
  readonly unbegun: string[] = [];
  by: Opened["by"] = "chain";
  isFirst = false;
  outcome: StoreOutcome = { kind: "delivered", number: 1 };
  readonly incoming: Incoming;
  #plaintexts = new Map<string, readonly [number, Plaintext]>();
  readonly #neighbour = new Neighbour(
    1 as LinkId,
    {
      ...{ peerKey: new Uint8Array(32), peer: addressNumber(9), mtu: bytes(4_096), cost: 0, duty: 1 },
      bitrate: bitsPerSecond(1e9),
    },
    this.now,
    new DropCounts(),
  );

  constructor() {
    const calendar = new StoreCalendar({ now: this.now, wall: 1_800_000_000_000, last: storeTime(0) });
    this.incoming = new Incoming({
      ...{ calendar, stall, wall: () => 1_800_000_000, isContact: () => true },
      bounds: { messages: 4, octets: bytes(8 * longest), longest: bytes(longest) },
      chains: {
        open: (_, { name }) => {
          const [number, plaintext] = this.#plaintexts.get(name) ?? assert.fail();
          const chain = { opening: new Uint8Array(8), key: new Uint8Array(32), base: 1, seen: new Uint8Array() };
          return {
            ...{ kind: "opened", sender, senderKey: undefined, tag: name, ackKey: ackKeyOf(number), plaintext },
            ...{
              chain: { sender, until: storeTime(9e9), ...chain },
              by: this.by,
              isFirst: this.isFirst,
              expected: undefined,
            },
          };
        },
        reinstate: ({ tag }) => void this.reinstated.push(this.#plaintexts.get(tag)?.[0] ?? -1),
        unbegin: ({ tag }) => void this.unbegun.push(tag),
        takeForgotten: () => this.unbegun.splice(0).map((tag) => ({ sender, opening: Uint8Array.fromHex(tag) })),
      },
      carrying: { opened: (_, ackKey) => void this.proved.push(new DataView(ackKey.buffer).getUint32(0)) },
      store: (operation, then) => {
        this.stored.push(operation);
        then?.(this.now, "durable", this.outcome);
      },
      tell: (event) => this.told.push(event),
    });
  }

  come(number: number, plaintext: Plaintext): void {
    this.#plaintexts.set(nameOf(number), [number, plaintext]);
    this.incoming.receive(this.now, this.#neighbour, envelopeNumber(number), "direct");
  }

  pass(time: number): void {
    this.now = millis(this.now + time);
    this.incoming.expire(this.now);
  }

  get events(): readonly string[] {
    return this.told.map(({ kind }) => kind);
  }
}

test("a message is stored and then proved, and told once it is whole", () => {
  const recipient = new Recipient();
  recipient.come(1, whole(10));
  assert.deepEqual(
    recipient.stored.map(({ kind }) => kind),
    ["receive"],
  );
  assert.deepEqual([recipient.proved, recipient.events], [[1], ["received"]]);
});

test("the first part of a message that is too long is neither stored nor proved, and may come again", () => {
  const recipient = new Recipient();
  recipient.come(1, part(0, 7));
  assert.deepEqual([recipient.stored, recipient.proved, recipient.reinstated], [[], [], [1]]);
  assert.deepEqual([...recipient.incoming.dropped], [["too-long", 1]]);
  assert.deepEqual(recipient.events, [], "that says nothing of the inbox");
});

test("a full inbox proves nothing, so that senders keep what they have, and says so once, until nobody was refused for a while", () => {
  const recipient = new Recipient();
  for (const number of [1, 2, 3, 4]) recipient.come(number, whole(10));
  for (const number of [5, 6, 5]) recipient.come(number, whole(10));
  assert.deepEqual(recipient.proved, [1, 2, 3, 4]);
  assert.deepEqual(recipient.events, ["received", "received", "received", "received", "inbox-full"]);
  recipient.pass(600_000);
  recipient.come(5, whole(10));
  recipient.pass(899_999);
  assert.equal(recipient.events.at(-1), "inbox-full");
  recipient.incoming.taken({ sender, size: 10 });
  recipient.pass(1);
  assert.equal(recipient.events.at(-1), "inbox-roomy");
  recipient.come(5, whole(10));
  assert.deepEqual(recipient.proved.at(-1), 5);
});

test("where there is room for none of a sender's, what was opened goes back into its chain, to be opened again", () => {
  const recipient = new Recipient();
  recipient.outcome = { kind: "done" };
  recipient.come(1, part(0, 2));
  for (const number of [2, 3, 4]) {
    recipient.outcome = { kind: "delivered", number };
    recipient.come(number, whole(10));
  }
  recipient.come(5, whole(10));
  assert.deepEqual(recipient.reinstated, [5]);
  recipient.outcome = { kind: "delivered", number: 9 };
  recipient.come(6, part(1, 2));
  assert.deepEqual(recipient.proved, [1, 2, 3, 4, 6], "what was begun is ended");
});

test("a message that never becomes whole is given up when its parts have waited as long as a message may live, and told", () => {
  const recipient = new Recipient();
  recipient.outcome = { kind: "done" };
  recipient.come(1, part(0, 3));
  recipient.pass(stall - 1_000);
  assert.deepEqual(recipient.events, []);
  recipient.come(2, part(1, 3));
  recipient.pass(stall - 1_000);
  assert.equal(recipient.stored.length, 2, "each part lets the others wait anew");
  recipient.pass(1_000);
  const [, , given] = recipient.stored;
  assert.ok(given?.kind === "give-up" && given.sender === sender && given.id === "11".repeat(8));
  assert.deepEqual(recipient.told, [{ kind: "given-up", sender }]);
  assert.deepEqual([...recipient.incoming.inbox.givenUp], [["stalled", 1]]);
});

test("a part of what was given up is not proved: nobody is to take the message for delivered", () => {
  const recipient = new Recipient();
  recipient.outcome = { kind: "given-up" };
  recipient.come(1, part(2, 3));
  assert.deepEqual(recipient.proved, []);
  assert.deepEqual([...recipient.incoming.dropped], [["given-up", 1]]);
  assert.equal(recipient.incoming.inbox.octets, 0);
});

test("an opening that came before begins no chain, unless it is known; one with a message that came before does", () => {
  const kinds = (isFirst: boolean, what: "envelope" | "content") => {
    const recipient = new Recipient();
    recipient.isFirst = isFirst;
    recipient.outcome = { kind: "repeated", what };
    recipient.come(1, whole(1));
    assert.deepEqual(recipient.proved, [1]);
    return recipient.stored.map(({ kind }) => kind);
  };
  assert.deepEqual(kinds(true, "envelope"), ["receive", "chain-forget"]);
  assert.deepEqual(kinds(false, "envelope"), ["receive"]);
  assert.deepEqual(kinds(true, "content"), ["receive"]);
});

test("what needs no prekey is remembered until its sender's own time is past too", () => {
  const until = (by: "identity" | "prekey", sent: number) => {
    const recipient = new Recipient();
    recipient.by = by;
    recipient.come(1, { ...whole(1), sent: 1_800_000_000 + sent });
    const [stored] = recipient.stored;
    return stored?.kind === "receive" ? stored.until - 1_800_000_000 : undefined;
  };
  const usual = 38 * 86_400;
  assert.deepEqual([until("identity", 0), until("identity", -100), until("prekey", 5_000)], [usual, usual, usual]);
  assert.equal(until("identity", 5_000), usual + 5_000);
});
