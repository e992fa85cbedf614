/** The inner handshake as a peer could torment it: whatever comes, it answers or refuses, and keeps little. */

import { millis } from "@ropewalk/kernel/units";
import { beginHandshake, receive } from "@ropewalk/tunnel/pure/handshake/handshake";
import type { HandshakeState } from "@ropewalk/tunnel/pure/handshake/handshake-state";
import { cutFrame } from "@ropewalk/tunnel/pure/handshake/message-reader";
import { converse, factsOf, knowing, sha384 } from "./pure/handshake/two-ends.ts";

const conversation = converse(factsOf("source"), knowing(factsOf("destination")));
const [hello = new Uint8Array(), ...others] = conversation.source.sent;

/** A destination before and after it was greeted. */
const states: readonly HandshakeState[] = [hello, new Uint8Array()].map((greeting) => {
  const { state } = beginHandshake(sha384, factsOf("destination"), millis(0));
  return receive(sha384, state, greeting).state;
});

export const fuzzTargets: readonly {
  readonly name: string;
  readonly run: (bytes: Uint8Array) => void;
  readonly seeds?: readonly Uint8Array[];
}[] = [
  {
    name: "tunnel handshake",
    run: (bytes) => {
      for (const state of states) {
        const { state: next } = receive(sha384, state, bytes);
        if (next.kind === "over") continue;
        const kept = next.pending.reduce((length, chunk) => length + chunk.length, 0);
        if (kept > bytes.length) throw new Error(`it keeps ${kept} octets of ${bytes.length}`);
      }
    },
    seeds: [hello, ...others.map((message) => message.subarray(0, 200)), Uint8Array.of(...hello, 3, 0, 4, 64)],
  },
  {
    name: "tunnel handshake, message by message",
    run: (bytes) => {
      let rest = bytes;
      for (;;) {
        const cut = cutFrame([], rest, (_, length) => (length > 400 ? "malformed-message" : undefined));
        if (cut.kind !== "frame") return;
        rest = cut.rest;
      }
    },
    seeds: [hello],
  },
];
