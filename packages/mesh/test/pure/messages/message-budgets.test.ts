/** A node that carries messages takes of each kind of their frames as many as its budget for that kind says, and no fewer. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { generateSigningKey } from "@ropewalk/crypto/signing-key";
import { bytes, type Millis, millis, seconds } from "@ropewalk/kernel/units";
import { createMessageCrypto } from "@ropewalk/mesh/message-crypto";
import type { LinkId } from "@ropewalk/mesh/pure/link";
import { MeshNode } from "@ropewalk/mesh/pure/mesh-node";
import { defaultAccepting } from "@ropewalk/mesh/pure/messages/accepting";
import { defaultCustodyOctets } from "@ropewalk/mesh/pure/messages/custody";
import { StoreCalendar } from "@ropewalk/mesh/pure/messages/store-time";
import { defaultLinkBudget } from "@ropewalk/mesh/pure/protection/link-budget";
import { encodeFrame } from "@ropewalk/mesh/pure/wire/encode-frame";
import type { LinkFrame } from "@ropewalk/mesh/pure/wire/link-frame";
import { factsOf, usualConfig } from "../small-mesh.ts";
import { identity } from "../wire/announces.ts";
import { storeTime } from "./held-makers.ts";
import { ackKeyOf, envelopeNumber } from "./message-rig.ts";

const now: Millis = millis(10_000);
const link = 1 as LinkId;

function carrier(): MeshNode {
  const calendar = new StoreCalendar({ now, wall: millis(1_790_000_000_000), last: storeTime(0) });
  const crypto = createMessageCrypto(generateSigningKey("ed25519"));
  const bounds = { accepting: defaultAccepting, custody: defaultCustodyOctets, longestLife: seconds(86_400) };
  const config = { ...bounds, mostInbox: 1_000, inboxOctets: bytes(2 ** 24), isConstrained: false };
  const messages = { config, now, calendar, crypto, wall: () => 1_790_000_000 };
  const node = new MeshNode(usualConfig, identity(1), { epoch: 1, sequence: 1 }, () => 0.5, messages);
  node.linkUp(now, link, factsOf(identity(2)));
  return node;
}

/** All at the same time. */
function brought(frame: LinkFrame, times: number): { readonly node: MeshNode; readonly refused: number } {
  const node = carrier();
  const octets = encodeFrame(frame);
  for (let time = 0; time < times; time += 1) node.receive(now, link, octets);
  const refused = [...(node.neighbours.get(link)?.budget.refused.values() ?? [])];
  return { node, refused: refused.reduce((sum, count) => sum + count, 0) };
}

test("messages come as fast as packets do, and are not counted with what is rare", () => {
  const { burst } = defaultLinkBudget.message;
  const frame = { type: "message", label: 99, envelope: envelopeNumber(1) } as const;
  assert.equal(brought(frame, burst).refused, 0);
  assert.equal(brought(frame, burst + 5).refused, 5);
});

test("what is to be stored is bounded by itself, for it costs the disk", () => {
  const { burst } = defaultLinkBudget.deposit;
  const frame = { type: "deposit", hint: new Uint8Array(8), envelope: envelopeNumber(1) } as const;
  assert.equal(brought(frame, burst).refused, 0);
  assert.equal(brought(frame, burst + 5).refused, 5);
});

test("of proofs each is counted, and not each frame of them", () => {
  const { burst } = defaultLinkBudget.proof;
  const ackKeys = Array.from({ length: 64 }, (_, number) => ackKeyOf(number));
  assert.equal(brought({ type: "proof", ackKeys }, burst / 64).refused, 0);
  assert.equal(brought({ type: "proof", ackKeys }, burst / 64 + 1).refused, 64);
});
