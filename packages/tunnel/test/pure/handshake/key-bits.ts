/** A KEM key of full size on its way to an end that asked for it, with one bit changed. */
import { millis } from "@ropewalk/kernel/units";
import { beginHandshake, receive } from "@ropewalk/tunnel/pure/handshake/handshake";
import { encodeMessage, headerLength, mceliece460896 } from "@ropewalk/tunnel/pure/handshake/message";
import { factsOf, sha384 } from "./two-ends.ts";

const { publicKeyLength } = mceliece460896;
const publicKey = Uint8Array.from({ length: publicKeyLength }, (_, index) => (index * 167) >> 3);
const message = encodeMessage({ type: "kem-key", publicKey });
const facts = { ...factsOf("source"), kem: mceliece460896, peerKemPin: sha384.hash(publicKey) };
const greeted = receive(
  sha384,
  beginHandshake(sha384, facts, millis(0)).state,
  encodeMessage({
    ...{ type: "hello", leastVersion: 1, mostVersion: 1, role: "destination", mode: "hybrid", kemKey: "held" },
    ...{ capabilities: 0, random: new Uint8Array(32) },
  }),
).state;

/** Of the key itself; the four octets before it are its header. */
export const keyBits: number = publicKeyLength * 8;

/** What the end does: "keep-key" when the key is good, else the reason of its refusal. `bit` undefined: nothing is changed. */
export function answerTo(bit: number | undefined): string {
  flip(bit);
  const { outputs } = receive(sha384, greeted, message);
  flip(bit);
  if (outputs.some(({ kind }) => kind === "keep-key" || kind === "encapsulate")) return "keep-key";
  const failure = outputs.find((output) => output.kind === "failed");
  return failure?.kind === "failed" ? failure.failure.reason : "nothing";
}

function flip(bit: number | undefined): void {
  if (bit === undefined) return;
  const index = headerLength + (bit >> 3);
  message[index] = (message[index] ?? 0) ^ (1 << (bit & 7));
}
