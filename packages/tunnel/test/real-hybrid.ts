/** Two ends of a handshake with keys of real McEliece, a bit of a ciphertext changed on its way. */
import type { McElieceKeyPair } from "@ropewalk/crypto/mceliece/keys";
import { McEliecePublicKey, mcElieceLengths } from "@ropewalk/crypto/mceliece/keys";
import type { McElieceWorkers } from "@ropewalk/crypto/mceliece/workers";
import { millis } from "@ropewalk/kernel/units";
import { beginHandshake, decapsulated, encapsulated, receive } from "@ropewalk/tunnel/pure/handshake/handshake";
import type { HandshakeFacts, HandshakeState, Step } from "@ropewalk/tunnel/pure/handshake/handshake-state";
import { headerLength, mceliece460896, messageType, type Role } from "@ropewalk/tunnel/pure/handshake/message";
import { factsOf, sha384 } from "./pure/handshake/two-ends.ts";

/** Of one ciphertext; there are two in a handshake. */
export const ciphertextBits: number = mcElieceLengths.ciphertext * 8;

export interface RealHybrid {
  /** Which ends have a session although this bit was changed: the first half of them are of the source's ciphertext. */
  readonly withChangedBit: (bit: number) => Promise<readonly Role[]>;
}

/** Makes the keys, and sees that all is well when nothing is changed. */
export async function openHybrid(workers: McElieceWorkers): Promise<RealHybrid> {
  const pairs = { source: await workers.generate(), destination: await workers.generate() };
  const both = await converse(workers, pairs, undefined);
  if (both.length !== 2) throw new Error("two ends whose messages nobody changed have no session");
  return { withChangedBit: (bit) => converse(workers, pairs, bit) };
}

type Pairs = Readonly<Record<Role, McElieceKeyPair>>;

async function converse(workers: McElieceWorkers, pairs: Pairs, bit: number | undefined): Promise<readonly Role[]> {
  const established: Role[] = [];
  const states: Record<Role, HandshakeState> = { source: { kind: "over" }, destination: { kind: "over" } };
  const mail: { readonly to: Role; readonly bytes: Uint8Array }[] = [];
  const take = async (role: Role, { state, outputs }: Step): Promise<void> => {
    states[role] = state;
    for (const output of outputs) {
      if (output.kind === "transmit") mail.push({ to: otherOf(role), bytes: changed(output.bytes, role, bit) });
      if (output.kind === "established") established.push(role);
      if (output.kind === "encapsulate") {
        const { ciphertext, secret } = await workers.encapsulate(new McEliecePublicKey(output.publicKey));
        await take(role, encapsulated(sha384, states[role], { ciphertext, secret: secret.reveal() }));
      }
      if (output.kind === "decapsulate") {
        const secret = await workers.decapsulate(pairs[role], output.ciphertext);
        await take(role, decapsulated(sha384, states[role], secret.reveal()));
      }
    }
  };
  for (const role of ["source", "destination"] as const) {
    await take(role, beginHandshake(sha384, hybridFacts(role, pairs), millis(0)));
  }
  for (const { to, bytes } of mail) await take(to, receive(sha384, states[to], bytes));
  return established;
}

function hybridFacts(role: Role, pairs: Pairs): HandshakeFacts {
  const peer = pairs[otherOf(role)].publicKey;
  return {
    ...factsOf(role),
    ...{ kem: mceliece460896, ownKemKey: pairs[role].publicKey.raw(), peerKemPin: peer.sha384, peerKemKey: peer.raw() },
  };
}

function changed(bytes: Uint8Array, from: Role, bit: number | undefined): Uint8Array {
  const isHit = bit !== undefined && (from === "source") === bit < ciphertextBits;
  if (!isHit || bytes[0] !== messageType.kemCiphertext) return bytes;
  const own = bit % ciphertextBits;
  return bytes.map((octet, index) => (index === headerLength + (own >> 3) ? octet ^ (1 << (own & 7)) : octet));
}

const otherOf = (role: Role): Role => (role === "source" ? "destination" : "source");
