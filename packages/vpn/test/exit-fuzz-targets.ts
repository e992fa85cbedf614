/** What an exit reads that it has not written itself. */
import { fromBinary, toBinary } from "@bufbuild/protobuf";
import { ApplyRequestSchema, SnapshotSchema } from "@ropewalk/api/proto/vpn/exit";
import { millis } from "@ropewalk/kernel/units";
import { parseLeases } from "@ropewalk/vpn/node/pure/listed-leases";
import { decodeOrders, decodeSnapshot } from "@ropewalk/vpn/node/pure/order-codec";
import type { FuzzTarget } from "./fuzz-target.ts";
import { applyMessage, listedLeases, snapshotMessage } from "./node/pure/wire-messages.ts";

const decoder = new TextDecoder();

/** The generated code throws for octets that are no message; what it makes of the others, nobody may throw for. */
function decoded<Message>(read: () => Message, use: (message: Message) => void): void {
  let message: Message;
  try {
    message = read();
  } catch {
    return;
  }
  use(message);
}

export const fuzzTargets: readonly FuzzTarget[] = [
  {
    name: "leases of an exit",
    run: (bytes) => void parseLeases(decoder.decode(bytes), millis(0)),
    seeds: [new TextEncoder().encode(listedLeases)],
  },
  {
    name: "orders to an exit",
    run: (bytes) =>
      decoded(
        () => fromBinary(ApplyRequestSchema, bytes),
        ({ orders }) => void decodeOrders(orders),
      ),
    seeds: [toBinary(ApplyRequestSchema, applyMessage)],
  },
  {
    name: "snapshots for an exit",
    run: (bytes) =>
      decoded(
        () => fromBinary(SnapshotSchema, bytes),
        (message) => void decodeSnapshot(message),
      ),
    seeds: [toBinary(SnapshotSchema, snapshotMessage)],
  },
];
