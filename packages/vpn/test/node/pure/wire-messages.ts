/** Messages as entry sends them, and what nft lists of leases. */
import { create } from "@bufbuild/protobuf";
import {
  type ApplyRequest,
  ApplyRequestSchema,
  type PlaceOrder,
  PlaceOrderSchema,
  type Snapshot,
  SnapshotSchema,
} from "@ropewalk/api/proto/vpn/exit";

export const uuid = "0190c8a2-7f3e-7b1c-9a55-3f0e6d2c1b4a";

export function placeMessage(generation = 7n): PlaceOrder {
  return create(PlaceOrderSchema, {
    ...{ placement: uuid, generation, leaseMillis: 1_800_000, until: { boot: "boot 1", millis: 99_000n } },
    peer: {
      publicKey: new Uint8Array(32).fill(3),
      addresses: [Uint8Array.of(10, 90, 0, 2), new Uint8Array(16).fill(0xfd)],
      presharedKey: new Uint8Array(32).fill(4),
    },
  });
}

export const applyMessage: ApplyRequest = create(ApplyRequestSchema, {
  orders: [
    { order: { case: "place", value: placeMessage() } },
    {
      order: {
        case: "remove",
        value: { placement: uuid, generation: 8n, publicKey: new Uint8Array(32).fill(3), rememberMillis: 1_800_000 },
      },
    },
  ],
});

export const snapshotMessage: Snapshot = create(SnapshotSchema, {
  ...{ watermark: 9n, boot: "boot 1", placements: [placeMessage()] },
});

/** By nft 1.0.6. */
export const listedLeases = JSON.stringify({
  nftables: [
    { metainfo: { version: "1.0.6", release_name: "Lester Gooch #5", json_schema_version: 1 } },
    {
      set: {
        ...{ family: "inet", name: "leases4", table: "ropewalk-vpn", type: ["ifname", "ipv4_addr"], handle: 12 },
        flags: ["timeout"],
        elem: [
          { elem: { val: { concat: ["wg0", "10.90.0.2"] }, timeout: 600, expires: 599 } },
          { elem: { val: { concat: ["wg0", "10.90.0.3"] }, timeout: 60, expires: 1 } },
        ],
      },
    },
  ],
});
