/** Envelopes, broadcasts and what is sealed, as anybody may send them: taken or refused, and never more than who sent it could say. */

import { ChainHash } from "@ropewalk/mesh/pure/messages/sealing/chain";
import { RecipientChain } from "@ropewalk/mesh/pure/messages/sealing/recipient-chain";
import { Broadcast, decodeBroadcast, encodeBroadcast } from "@ropewalk/mesh/pure/messages/wire/broadcast";
import { decodeEnvelope, encodeEnvelope } from "@ropewalk/mesh/pure/messages/wire/envelope";
import { decodeLife, encodeLife } from "@ropewalk/mesh/pure/messages/wire/life";
import { decodePlaintext, encodePlaintext, plaintextHead } from "@ropewalk/mesh/pure/messages/wire/plaintext";
import fc from "fast-check";
import { assertWrittenSo, type FuzzTarget } from "./fuzz-target.ts";
import { envelopeOf, openedOf, Pair, saying, today } from "./pure/messages/sealing/people.ts";
import { anyBroadcast, anyEnvelope, anyPlaintext } from "./pure/messages/wire/envelopes.ts";

const sampled = <T>(arbitrary: fc.Arbitrary<T>) => fc.sample(arbitrary, { numRuns: 30, seed: 1 });

const pair = new Pair();
const hash = new ChainHash(pair.recipient);
const opening = pair.seal(1);
const state = pair.prove(opening).chain;
const inChain = Array.from({ length: 8 }, (_, number) => pair.seal(number));
const skipping = openedOf(pair.open(inChain[7] ?? opening)).chain;
/** Those that may come again, or still. */
const sealed = [opening, ...inChain.slice(0, 7)].map((one) => envelopeOf(one).octets);
const withoutHop = (octets: Uint8Array) => `${(octets[0] ?? 0) & 0x20}${octets.subarray(4).toHex()}`;
const genuine = new Set(sealed.map(withoutHop));

export const fuzzTargets: readonly FuzzTarget[] = [
  {
    name: "mesh envelopes",
    run: (bytes) => {
      const envelope = decodeEnvelope(bytes);
      if (typeof envelope !== "string") assertWrittenSo(encodeEnvelope(envelope, envelope.sealed), bytes);
    },
    seeds: sampled(anyEnvelope).map(({ octets }) => octets),
  },
  {
    name: "mesh broadcasts",
    run: (bytes) => {
      const broadcast = decodeBroadcast(bytes);
      if (broadcast instanceof Broadcast) assertWrittenSo(encodeBroadcast(broadcast, broadcast.content), bytes);
    },
    seeds: sampled(anyBroadcast).map(({ octets }) => octets),
  },
  {
    name: "mesh messages as they are sealed",
    run: (bytes) => {
      const plaintext = decodePlaintext(bytes);
      if (plaintext === undefined) return;
      const padding = bytes.length - plaintextHead[plaintext.kind] - plaintext.content.length;
      assertWrittenSo(encodePlaintext(plaintext, padding), bytes);
    },
    seeds: [
      ...sampled(anyPlaintext).map((plaintext) => encodePlaintext(plaintext, 0)),
      encodePlaintext(saying(1), 2),
      encodePlaintext(saying(1), 39),
    ],
  },
  {
    name: "mesh lives",
    run: (bytes) => {
      const code = ((bytes[0] ?? 0) << 8) | (bytes[1] ?? 0);
      const life = decodeLife(code);
      if (life !== undefined && encodeLife(life) !== code) throw new Error(`${code} is written in a second way`);
    },
    seeds: [Uint8Array.of(0, 1), Uint8Array.of(0xa9, 0xe3)],
  },
  {
    name: "mesh sealed envelopes",
    run: (bytes) => {
      const envelope = decodeEnvelope(bytes);
      if (typeof envelope === "string") return;
      const outcome = pair.chains.open(today, envelope);
      if (outcome.kind === "refused") return;
      pair.chains.reinstate(outcome);
      if (!genuine.has(withoutHop(bytes))) throw new Error("it was not sealed");
    },
    seeds: sealed,
    sample: 3_000,
  },
  {
    name: "mesh chains from a store",
    run: (bytes) => {
      const chain = RecipientChain.of(hash, {
        ...{ ...state, base: ((bytes[0] ?? 0) << 8) | (bytes[1] ?? 0) },
        seen: bytes.subarray(2),
      });
      if (chain !== undefined) assertWrittenSo(chain.state().seen, bytes.subarray(2));
    },
    seeds: [Uint8Array.of(0, 9, ...skipping.seen), Uint8Array.of(0, 1)],
  },
];
