import assert from "node:assert/strict";
import { test } from "node:test";
import { create, type MessageInitShape } from "@bufbuild/protobuf";
import {
  ApplyRequestSchema,
  type Order,
  OrderSchema,
  type PlaceOrder,
  type PlaceOrderSchema,
  SnapshotSchema,
} from "@ropewalk/api/proto/vpn/exit";
import { millis } from "@ropewalk/kernel/units";
import { decodeOrders, decodeSnapshot, encodeAnswer, encodeHeld } from "@ropewalk/vpn/node/pure/order-codec";
import fc from "fast-check";
import { gone, present } from "./table-of.ts";
import { applyMessage, placeMessage, snapshotMessage, uuid } from "./wire-messages.ts";

const key = "AwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwM=";

test("orders are read as they were meant", () => {
  const decoded = decodeOrders(applyMessage.orders);
  assert.ok(decoded.kind === "valid");
  const [place, remove] = decoded.value;
  assert.ok(place?.kind === "place");
  assert.deepEqual(place.peer.presharedKey?.reveal(), new Uint8Array(32).fill(4));
  const { presharedKey: _, ...peer } = place.peer;
  assert.deepEqual(
    { ...place, peer },
    {
      ...{ kind: "place", placement: uuid, generation: 7, lease: 1_800_000, until: { boot: "boot 1", at: 99_000 } },
      peer: { publicKey: key, addresses: ["10.90.0.2", "fdfd:fdfd:fdfd:fdfd:fdfd:fdfd:fdfd:fdfd"] },
    },
  );
  assert.deepEqual(remove, {
    ...{ kind: "remove", placement: uuid, generation: 8, publicKey: key, remember: 1_800_000 },
  });
});

test("a preshared key outlives the message that it came in", () => {
  const message = placeMessage();
  const decoded = decodeOrders([create(OrderSchema, { order: { case: "place", value: message } })]);
  message.peer?.presharedKey?.fill(0);
  assert.ok(decoded.kind === "valid" && decoded.value[0]?.kind === "place");
  assert.deepEqual(decoded.value[0].peer.presharedKey?.reveal(), new Uint8Array(32).fill(4));
});

test("what is no order is told with what is wrong with it", () => {
  const peer = { publicKey: new Uint8Array(32).fill(3), addresses: [Uint8Array.of(10, 90, 0, 2)] };
  const until = { boot: "boot 1", millis: 1n };
  const wrong: readonly (readonly [string, MessageInitShape<typeof PlaceOrderSchema>])[] = [
    ["no UUID", { placement: uuid.toUpperCase() }],
    ["generation is too great", { generation: 2n ** 53n }],
    ["no peer", { peer: undefined }],
    ["lease is no time", { leaseMillis: 0 }],
    ["no moment", { until: undefined }],
    ["boot has no name", { until: { ...until, boot: "" } }],
    ["moment is too late", { until: { ...until, millis: 2n ** 60n } }],
    ["key has 31 octets", { peer: { ...peer, publicKey: new Uint8Array(31) } }],
    ["or is zero", { peer: { ...peer, presharedKey: new Uint8Array(32) } }],
    ["no address", { peer: { ...peer, addresses: [] } }],
    ["neither 4", { peer: { ...peer, addresses: [new Uint8Array(5)] } }],
    ["two of one", { peer: { ...peer, addresses: [Uint8Array.of(10, 90, 0, 2), Uint8Array.of(10, 90, 0, 9)] } }],
  ];
  for (const [what, spoilt] of wrong) {
    const value = { ...placeMessage(), ...spoilt } as PlaceOrder;
    const decoded = decodeOrders([create(OrderSchema, { order: { case: "place", value } })]);
    assert.ok(decoded.kind === "invalid" && decoded.what.includes(what), what);
  }
  assert.equal(decodeOrders([create(OrderSchema)]).kind, "invalid");
  assert.equal(decodeSnapshot(undefined).kind, "invalid");
});

test("one order that is none spoils the call", () => {
  const orders: readonly Order[] = [...applyMessage.orders, create(OrderSchema)];
  assert.equal(decodeOrders(create(ApplyRequestSchema, { orders: [...orders] }).orders).kind, "invalid");
});

test("snapshots are read whole", () => {
  const decoded = decodeSnapshot(snapshotMessage);
  assert.ok(decoded.kind === "valid");
  assert.deepEqual([decoded.value.watermark, decoded.value.boot, decoded.value.placements.length], [9, "boot 1", 1]);
});

test("whatever a message holds, it is an order or it is told what is wrong with it", () => {
  const octets = fc.uint8Array({ maxLength: 40 });
  const moment = fc.record({ boot: fc.string(), millis: fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }) });
  const generation = fc.bigInt({ min: 0n, max: 2n ** 64n - 1n });
  const peer = fc.record({ publicKey: octets, addresses: fc.array(octets), presharedKey: fc.option(octets) });
  const place = fc.record({
    ...{ placement: fc.constantFrom(uuid, "x"), generation, leaseMillis: fc.nat() },
    ...{ peer: fc.option(peer), until: fc.option(moment) },
  });
  fc.assert(
    fc.property(fc.array(place, { maxLength: 3 }), generation, fc.string(), (placements, watermark, boot) => {
      const given = placements.map(
        ({ peer: some, until, ...rest }): MessageInitShape<typeof PlaceOrderSchema> => ({
          ...rest,
          ...(until === null ? {} : { until }),
          ...(some === null ? {} : { peer: { ...some, presharedKey: some.presharedKey ?? undefined } }),
        }),
      );
      const decoded = decodeSnapshot(create(SnapshotSchema, { watermark, boot, placements: given }));
      assert.ok(decoded.kind === "valid" || decoded.what.length > 0);
    }),
  );
});

test("answers and what is held are told in the words of the contract", () => {
  const about = { placement: uuid as never, generation: 7 as never };
  assert.deepEqual(encodeAnswer({ ...about, kind: "refused", why: "own-key" }), {
    ...{ placement: uuid, generation: 7n },
    answer: { case: "refused", value: { why: "own-key" } },
  });
  assert.equal(encodeAnswer({ ...about, kind: "placed" }).answer?.case, "placed");
  assert.equal(encodeAnswer({ ...about, kind: "removed" }).answer?.case, "removed");
  const held = encodeHeld(
    { ...present({ endsAt: 1_000 }), peer: { publicKey: key, addresses: ["10.0.0.2"] } },
    millis(1),
  );
  assert.deepEqual(held.until, { case: "leaseLeftMillis", value: 999 });
  assert.deepEqual(held.addresses, [Uint8Array.of(10, 0, 0, 2)]);
  const remembered = encodeHeld(gone({ key, forgetAt: 500 }), millis(900));
  assert.deepEqual(remembered.until, { case: "rememberedMillis", value: 0 });
});
