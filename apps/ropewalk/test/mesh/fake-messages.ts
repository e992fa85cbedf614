/** Messages as a node's API sees them: one contact, one message in the inbox, one on its way, and a store that was damaged. */
import { bytes, millis, seconds } from "@ropewalk/kernel/units";
import type { SendOutcome } from "@ropewalk/mesh/messages";
import { addressOfKey, type MeshAddress } from "@ropewalk/mesh/pure/mesh-address";
import type { BroadcastOrder } from "@ropewalk/mesh/pure/messages/broadcasts/broadcast-terms";
import type { MessageOrder } from "@ropewalk/mesh/pure/messages/message-terms";
import type { ChangeOutcome } from "@ropewalk/mesh/pure/messages/store-call";
import type { StoredContact } from "@ropewalk/mesh/pure/messages/store-operations";
import type { BroadcastRow } from "@ropewalk/mesh/pure/messages/store-questions";
import type { AskedMessages } from "../../src/local-api/messages-api.ts";

export const someKey: Uint8Array = new Uint8Array(32).fill(9);
export const own: MeshAddress = addressOfKey(Uint8Array.of(1));
export const someone: MeshAddress = addressOfKey(someKey);

type Refusal = (SendOutcome & { readonly kind: "refused" })["why"];

export interface FakeMessages extends AskedMessages {
  readonly sent: MessageOrder[];
  readonly put: StoredContact[];
  readonly asked: { readonly after: number; readonly most: number; readonly port: number | undefined }[];
}

const id = "00000000000000aa";
const tables = [
  { name: "inbox", saved: 5, refused: 2, breaks: 1 },
  { name: "outbox", saved: 1, refused: 0, breaks: 0 },
];

/** One was heard of `someone`, one in the channel "here", whose key is of sevens; what is sent is refused where it is "refuse". */
export function fakeBroadcasts(
  change?: ChangeOutcome,
): AskedMessages["broadcasts"] & { readonly sent: BroadcastOrder[] } {
  const channels = new Map<string, Uint8Array>([["here", new Uint8Array(32).fill(7)]]);
  const sent: BroadcastOrder[] = [];
  const row = { port: 0, id, sent: 1_795_000_000, at: 1_795_000_001, octets: new TextEncoder().encode("hello all") };
  const rows: readonly BroadcastRow[] = [
    { ...row, number: 5, source: { kind: "origin", address: someone } },
    { ...row, number: 6, source: { kind: "channel", name: "here" } },
  ];
  return {
    sent,
    send: (order) => {
      sent.push(order);
      if (order.channel === "nowhere") return { kind: "refused", why: { kind: "no-channel" } };
      if (order.port === 1) return { kind: "refused", why: { kind: "too-many", wait: millis(10_000) } };
      if (order.content.length > 1_024)
        return { kind: "refused", why: { kind: "too-long", octets: order.content.length, limit: 1_024 } };
      return { kind: "sent", id, neighbours: 2 };
    },
    list: async () => ({ kind: "read", value: rows }),
    take: async (number) => change ?? { kind: number === 5 ? "done" : "absent" },
    channels: () => channels,
    putChannel: async (name, key = new Uint8Array(32).fill(8)) => {
      if (change === undefined) channels.set(name, key);
      return change ?? { kind: "done" };
    },
    removeChannel: async (name) => change ?? { kind: channels.delete(name) ? "done" : "absent" },
  };
}

/** `refusal`: what is answered to whatever is sent; `change`: and to any other change. */
export function fakeMessages(refusal?: Refusal, change?: ChangeOutcome): FakeMessages {
  const [sent, put, asked]: [MessageOrder[], StoredContact[], FakeMessages["asked"]] = [[], [], []];
  const config = {
    accepting: { most: bytes(64 * 2 ** 20), longest: bytes(262_144) },
    ...{
      custody: bytes(64 * 2 ** 20),
      longestLife: seconds(604_800),
      mostInbox: 100_000,
      inboxOctets: bytes(128 * 2 ** 20),
      isConstrained: false,
    },
  };
  const row = { number: 4, sender: someone, port: 0, id, sent: 1_795_000_000, at: 1_795_000_001 };
  const own = { port: 7, priority: 2, octets: 10_000, accepted: 1_795_000_000, left: millis(86_400_000), parts: 3 };
  const aside = { aside: "/m.corrupt-1", reason: "page 3", tables };
  return {
    ...{ sent, put, asked },
    broadcasts: fakeBroadcasts(change),
    making: { config } as never,
    found: { start: "salvaged", salvaged: aside, lastTime: 0 as never },
    subscribe: () => ({ [Symbol.dispose]: () => {} }),
    send: async (order) => {
      sent.push(order);
      return refusal === undefined ? { kind: "accepted", id } : { kind: "refused", why: refusal };
    },
    inbox: async (after, most, port) => {
      asked.push({ after, most, port });
      return { kind: "read", value: [{ ...row, content: new TextEncoder().encode("hello") }] };
    },
    take: async (number) => change ?? { kind: number === 4 ? "done" : "absent" },
    withdraw: async (which) => change ?? { kind: which === id ? "done" : "absent" },
    outbox: () => [{ ...own, id, to: someone, proved: 1, state: "kept" }],
    contacts: () => [{ address: someone, key: someKey, name: "anna" }],
    putContact: async (contact) => {
      put.push(contact);
      return change ?? { kind: "done" };
    },
    removeContact: async (address) => change ?? { kind: address === someone ? "done" : "absent" },
    status: () => ({
      inbox: { messages: 1, octets: 5 },
      outbox: { messages: 1, octets: 10_512 },
      custody: { envelopes: 0, octets: 0 },
      counts: { passed: 2, "dropped: hops": 1, given: 0 },
    }),
  };
}
