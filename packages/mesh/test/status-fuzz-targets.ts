/** Status records as anybody may send them: read as what was written, or refused, and never taken for a node's that did not sign them. */
import { decodeStatus, encodeStatus } from "@ropewalk/mesh/pure/status/status-record";
import { openStatus, sealStatus } from "@ropewalk/mesh/pure/status/status-sealing";
import { crypto, entry, oneStatus } from "./pure/status/status-makers.ts";

const sealed = sealStatus(crypto, entry.publicKey, oneStatus) ?? new Uint8Array();

export const fuzzTargets: readonly {
  readonly name: string;
  readonly run: (bytes: Uint8Array) => void;
  readonly seeds: readonly Uint8Array[];
  readonly sample?: number;
}[] = [
  {
    name: "mesh status records",
    run: (bytes) => {
      const record = decodeStatus(bytes);
      if (record !== undefined && encodeStatus(record).toHex() !== bytes.toHex())
        throw new Error("it is written in a second way");
    },
    seeds: [encodeStatus(oneStatus)],
  },
  {
    name: "mesh sealed status records",
    run: (bytes) => {
      const opened = openStatus(crypto, entry, bytes);
      if (opened.kind === "opened" && bytes.toHex() !== sealed.toHex()) throw new Error("it was not sealed");
    },
    seeds: [sealed],
    sample: 3_000,
  },
];
