/** What a message of ten characters has in octets on a link, with the length and the head of its frame, and what its proof has. */
import { generateSigningKey } from "@ropewalk/crypto/signing-key";
import { millis, seconds } from "@ropewalk/kernel/units";
import { createMessageCrypto } from "@ropewalk/mesh/message-crypto";
import { addressOfKey } from "@ropewalk/mesh/pure/mesh-address";
import { type Padding, type SealedMessage, SenderSessions } from "@ropewalk/mesh/pure/messages/sealing/sender-sessions";
import { decodeEnvelope, encodeEnvelope, tagName } from "@ropewalk/mesh/pure/messages/wire/envelope";
import { encodeFrame } from "@ropewalk/mesh/pure/wire/encode-frame";
import { encodeFrames } from "@ropewalk/mesh/pure/wire/frame-stream";
import type { Part } from "../mesh/part.ts";
import { ownColumn } from "../tunnel/entrant.ts";
import type { Figure } from "../tunnel/round-table.ts";
import { lxmfOctets, publishedColumns } from "./published.ts";

const text = "ten octets";
const limits = { chain: 64, opening: 128 } as const;
const names = { chain: "to a known contact", opening: "to somebody for the first time" } as const;
const paddings: Readonly<Record<Padding, string>> = { class: "", none: ", unpadded as on constrained links" };

export const envelopeOctets: Part = ({ table }) => {
  for (const padding of ["class", "none"] as const) {
    for (const sealed of sealedTwice(padding)) {
      const figure: Figure = {
        ...{ metric: `ten characters ${names[sealed.form]}${paddings[padding]}`, unit: "octets", better: "less" },
        goals: [{ kind: "figure", limit: limits[sealed.form] }],
      };
      table.record(figure, ownColumn, 0, onTheWire(sealed));
      table.record(figure, publishedColumns.lxmf, 0, lxmfOctets);
    }
  }
  const proof = encodeFrames([encodeFrame({ type: "proof", ackKeys: [new Uint8Array(16)] })]);
  table.record({ metric: "the proof of it", unit: "octets", better: "less", goals: [] }, ownColumn, 0, proof.length);
  return Promise.resolve();
};

/** The first that a sender says to somebody, and, once that is proved, the second. */
function sealedTwice(padding: Padding): readonly SealedMessage[] {
  const [sender, recipient] = [createMessageCrypto(generateSigningKey("ed25519")), generateSigningKey("ed25519")];
  const sessions = new SenderSessions(sender);
  const key = recipient.verifyingKey.raw();
  const to = { address: addressOfKey(key), key, prekey: sender.generate().publicKey };
  const plaintext = { kind: "whole", port: 1, id: "00".repeat(8), sent: 1_790_000_000 } as const;
  return [0, 1].map((now) => {
    const sealed = sessions.seal(millis(now), to, { ...plaintext, content: new TextEncoder().encode(text) }, padding);
    if (sealed === undefined) throw new Error("it cannot be sealed");
    sessions.proved(millis(now), tagName(sealed.tag));
    return sealed;
  });
}

function onTheWire({ form, tag, sealed }: SealedMessage): number {
  const envelope = decodeEnvelope(
    encodeEnvelope({ form, tag, priority: 1, copies: 8, life: seconds(86_400), hops: 64 }, sealed),
  );
  if (typeof envelope === "string") throw new Error(`it is no envelope: ${envelope}`);
  return encodeFrames([encodeFrame({ type: "message", label: 1, envelope })]).length;
}
