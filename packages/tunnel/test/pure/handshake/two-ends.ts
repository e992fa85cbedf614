/** Two ends of an inner handshake, joined by a wire that a test may tamper with. The KEM is ML-KEM-768: real, small and quick. */
import {
  createHash,
  createHmac,
  createPublicKey,
  decapsulate,
  encapsulate,
  generateKeyPairSync,
  type KeyObject,
  randomBytes,
} from "node:crypto";
import type { Sha384 } from "@ropewalk/crypto/pure/sha384";
import { type Millis, millis } from "@ropewalk/kernel/units";
import type { HandshakeFailure } from "@ropewalk/tunnel/pure/handshake/failure";
import { beginHandshake, decapsulated, encapsulated, expire, receive } from "@ropewalk/tunnel/pure/handshake/handshake";
import type {
  AgreedSession,
  HandshakeFacts,
  HandshakeOutput,
  HandshakeState,
  Step,
} from "@ropewalk/tunnel/pure/handshake/handshake-state";
import type { KemSizes, Mode, Role } from "@ropewalk/tunnel/pure/handshake/message";

export const sha384: Sha384 = {
  hash: (...parts) => parts.reduce((hash, part) => hash.update(part), createHash("sha384")).digest(),
  hmac: (key, ...parts) => parts.reduce((hmac, part) => hmac.update(part), createHmac("sha384", key)).digest(),
};

export const kem: KemSizes = { name: "ML-KEM-768", publicKeyLength: 1_184, ciphertextLength: 1_088 };

export interface KemPair {
  readonly publicKey: Uint8Array;
  readonly privateKey: KeyObject;
}

export function kemPair(): KemPair {
  const { publicKey, privateKey } = generateKeyPairSync("ml-kem-768");
  return { publicKey: publicKey.export({ format: "raw-public" }), privateKey };
}

/** Who an end is, apart from one handshake. */
export interface Identity {
  readonly leaf: Uint8Array;
  readonly kem: KemPair;
}

export const identities: Readonly<Record<Role, Identity>> = {
  source: { leaf: new TextEncoder().encode("the certificate of the source"), kem: kemPair() },
  destination: { leaf: new TextEncoder().encode("the certificate of the destination"), kem: kemPair() },
};

const exporter = new Uint8Array(48).fill(7);

/** As TLS and the files would have it; the ends do not know each other's KEM keys yet. */
export function factsOf(role: Role, mode: Mode = "hybrid"): HandshakeFacts {
  const peer = identities[role === "source" ? "destination" : "source"];
  const isHybrid = mode === "hybrid";
  return {
    ...{ role, mode, kem, capabilities: 0, random: randomBytes(32), exporter: exporter.slice() },
    ...{ ownLeaf: identities[role].leaf, peerLeaf: peer.leaf },
    ownKemKey: isHybrid ? identities[role].kem.publicKey : undefined,
    peerKemPin: isHybrid ? sha384.hash(peer.kem.publicKey) : undefined,
    peerKemKey: undefined,
  };
}

/** With what an earlier handshake kept. */
export function knowing(facts: HandshakeFacts): HandshakeFacts {
  return { ...facts, peerKemKey: identities[facts.role === "source" ? "destination" : "source"].kem.publicKey };
}

/** One end, with its KEM at hand; what it sends waits in `sent`, a message each. */
export class End {
  readonly role: Role;
  readonly sent: Uint8Array[] = [];
  readonly kept: Uint8Array[] = [];
  readonly erased: Uint8Array[] = [];
  readonly #own: KemPair;
  state: HandshakeState;
  session: AgreedSession | undefined;
  rest: Uint8Array | undefined;
  failure: HandshakeFailure | undefined;

  constructor(facts: HandshakeFacts, own: KemPair = identities[facts.role].kem, now: Millis = millis(0)) {
    this.role = facts.role;
    this.#own = own;
    this.state = { kind: "over" };
    this.#take(beginHandshake(sha384, facts, now));
  }

  receive(bytes: Uint8Array): void {
    this.#take(receive(sha384, this.state, bytes));
  }

  expire(now: Millis): void {
    this.#take(expire(this.state, now));
  }

  #take({ state, outputs }: Step): void {
    this.state = state;
    for (const output of outputs) this.#perform(output);
  }

  #perform(output: HandshakeOutput): void {
    switch (output.kind) {
      case "transmit":
        this.sent.push(output.bytes);
        break;
      case "encapsulate": {
        const key = createPublicKey({ key: Buffer.from(output.publicKey), ...rawKey });
        const { sharedKey, ciphertext } = encapsulate(key);
        this.#take(encapsulated(sha384, this.state, { ciphertext, secret: sharedKey }));
        break;
      }
      case "decapsulate":
        this.#take(decapsulated(sha384, this.state, decapsulate(this.#own.privateKey, output.ciphertext)));
        break;
      case "keep-key":
        this.kept.push(output.publicKey);
        break;
      case "established":
        this.session = output.session;
        this.rest = output.rest;
        break;
      case "failed":
        this.failure = output.failure;
        break;
      case "erase":
        this.erased.push(...output.secrets);
        break;
    }
  }
}

const rawKey = { format: "raw-public", asymmetricKeyType: "ml-kem-768" } as const;

/** A message on its way; what is returned arrives in its place. */
export type Tamper = (message: Uint8Array, from: Role, index: number) => readonly Uint8Array[];

const untouched: Tamper = (message) => [message];

export interface TwoEnds {
  readonly source: End;
  readonly destination: End;
}

/** Runs two ends against each other until neither has anything to say. */
export function converse(source: HandshakeFacts, destination: HandshakeFacts, tamper: Tamper = untouched): TwoEnds {
  const ends = { source: new End(source), destination: new End(destination) };
  const told = { source: 0, destination: 0 };
  const speak = (from: End, to: End) => {
    const index = told[from.role];
    const message = from.sent[index];
    if (message === undefined) return false;
    told[from.role] += 1;
    for (const bytes of tamper(message, from.role, index)) to.receive(bytes);
    return true;
  };
  while ([speak(ends.source, ends.destination), speak(ends.destination, ends.source)].includes(true));
  return ends;
}
