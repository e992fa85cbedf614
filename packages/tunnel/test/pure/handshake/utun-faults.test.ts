/** Faults that a tunnel before this one had in its handshake, each as a sentence that holds here. What needs TLS: `io/utun-faults.test.ts`. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { createRecordCipher } from "@ropewalk/crypto/record-cipher";
import { joined } from "@ropewalk/kernel/bytes";
import { millis, seconds } from "@ropewalk/kernel/units";
import { beginHandshake, expire, receive } from "@ropewalk/tunnel/pure/handshake/handshake";
import type {
  AgreedSession,
  HandshakeFacts,
  HandshakeOutput,
  Step,
} from "@ropewalk/tunnel/pure/handshake/handshake-state";
import {
  encodeMessage,
  type Mode,
  mceliece460896,
  messageType,
  type Role,
} from "@ropewalk/tunnel/pure/handshake/message";
import { epochSecrets, finishedMac } from "@ropewalk/tunnel/pure/handshake/session-keys";
import { type EpochKeys, epochKeys } from "@ropewalk/tunnel/pure/lane/epoch-keys";
import { nextLaneSecret, type RecordKey, recordKey } from "@ropewalk/tunnel/pure/lane/lane-keys";
import { RecordOpener } from "@ropewalk/tunnel/pure/lane/record-opener";
import { RecordSealer } from "@ropewalk/tunnel/pure/lane/record-sealer";
import { encodeFrame } from "@ropewalk/tunnel/pure/wire/encode-frame";
import { converse, End, factsOf, identities, kemPair, knowing, sha384, type TwoEnds } from "./two-ends.ts";

const roles: readonly Role[] = ["source", "destination"];
const otherOf = (role: Role): Role => (role === "source" ? "destination" : "source");

function agreed({ source, destination }: TwoEnds): AgreedSession {
  assert.deepEqual([source.failure, destination.failure], [undefined, undefined]);
  assert.deepEqual({ ...source.session, role: "destination" }, destination.session);
  return source.session ?? assert.fail("there is no session");
}

/** Lets two ends talk, `first` saying all that it has before the other says anything, and so on. */
function inTurns(ends: TwoEnds, first: Role): TwoEnds {
  const told = { source: 0, destination: 0 };
  for (let turn = first, silent = 0; silent < 2; turn = otherOf(turn)) {
    const messages = ends[turn].sent.slice(told[turn]);
    told[turn] += messages.length;
    silent = messages.length === 0 ? silent + 1 : 0;
    for (const message of messages) ends[otherOf(turn)].receive(message);
  }
  return ends;
}

test("a ciphertext is opened by the key pair that it was made for: where an end made another in the meantime, nobody has a session", () => {
  for (const role of roles) {
    const facts = { source: knowing(factsOf("source")), destination: knowing(factsOf("destination")) };
    const forgetful = new End(facts[role], kemPair());
    const other = new End(facts[otherOf(role)]);
    const ends =
      role === "source" ? { source: forgetful, destination: other } : { source: other, destination: forgetful };
    inTurns(ends, "source");
    assert.deepEqual([ends.source.session, ends.destination.session], [undefined, undefined], role);
  }
});

test("the key that an end sends is the one that its certificate names, byte for byte, and the one that its ciphertext is for", () => {
  const ends = converse(factsOf("source"), factsOf("destination"));
  agreed(ends);
  for (const role of roles) {
    const sent = ends[role].sent.find(([type]) => type === messageType.kemKey);
    assert.deepEqual(Buffer.from(sent?.subarray(4) ?? []), Buffer.from(identities[role].kem.publicKey));
  }
});

test("both sides put the messages into the transcript in one order, whichever arrived first", () => {
  for (const known of [factsOf, (role: Role) => knowing(factsOf(role))]) {
    for (const first of roles) {
      const { transcript } = agreed(
        inTurns({ source: new End(known("source")), destination: new End(known("destination")) }, first),
      );
      assert.equal(transcript.length, 48);
    }
  }
});

test("two messages that change places are noticed by whoever receives them", () => {
  const clean = converse(factsOf("source"), factsOf("destination"));
  let changed = 0;
  for (const from of roles) {
    for (let index = 0; index + 1 < clean[from].sent.length; index += 1) {
      let held: Uint8Array | undefined;
      const ends = converse(factsOf("source"), factsOf("destination"), (message, sender, at) => {
        if (sender === from && at === index) {
          held = message;
          return [];
        }
        if (sender !== from || held === undefined) return [message];
        const both = [message, held];
        held = undefined;
        changed += 1;
        return both;
      });
      assert.equal(ends[otherOf(from)].session, undefined, `messages ${index} and ${index + 1} of ${from}`);
    }
  }
  assert.equal(changed, 6, "each neighbour of another");
});

test("the proof of one side is not that of the other, and sent back to its maker it proves nothing", () => {
  const [secret, transcript] = [new Uint8Array(48).fill(1), new Uint8Array(48).fill(2)];
  const [source, destination] = roles.map((role) => finishedMac(sha384, secret, role, transcript));
  assert.notDeepEqual(source, destination);
  for (const role of roles) {
    const ends = { source: new End(knowing(factsOf("source"))), destination: new End(knowing(factsOf("destination"))) };
    const [victim, other] = [ends[role], ends[otherOf(role)]];
    for (const message of [...other.sent]) victim.receive(message);
    for (const message of [...victim.sent]) other.receive(message);
    const rest = other.sent.filter(([type]) => type !== messageType.finished).slice(2);
    for (const message of rest) victim.receive(message);
    const own = victim.sent.find(([type]) => type === messageType.finished) ?? assert.fail("it has proved nothing");
    victim.receive(own);
    assert.deepEqual([victim.session, victim.failure], [undefined, { kind: "aborted", reason: "finished-mismatch" }]);
  }
});

/** What a destination sends whose key is Classic McEliece's, and the facts of the source that asks for it. */
function withLargeKey(): { readonly facts: HandshakeFacts; readonly stream: Uint8Array } {
  const publicKey = Uint8Array.from({ length: mceliece460896.publicKeyLength }, (_, index) => index % 253);
  const facts: HandshakeFacts = { ...factsOf("source"), kem: mceliece460896, peerKemPin: sha384.hash(publicKey) };
  const [hello] = new End(knowing(factsOf("destination"))).sent;
  return { facts, stream: Buffer.concat([hello ?? assert.fail(), encodeMessage({ type: "kem-key", publicKey })]) };
}

test("a key of 524,160 octets crosses a link of 64 kbit/s within the time that it has, in pieces of any size", () => {
  const { facts, stream } = withLargeKey();
  const outputs: HandshakeOutput[] = [];
  let { state } = beginHandshake(sha384, facts, millis(0));
  const take = (step: Step) => {
    state = step.state;
    outputs.push(...step.outputs);
  };
  // Eight octets each millisecond.
  for (let at = 0; at < stream.length; at += 1_460) {
    take(expire(state, millis(at / 8)));
    take(receive(sha384, state, stream.subarray(at, at + 1_460)));
  }
  assert.ok(stream.length / 8 > seconds(60), "it takes more than a minute");
  const asked = outputs.find((output) => output.kind === "encapsulate");
  assert.equal(asked?.publicKey.length, mceliece460896.publicKeyLength);
  assert.deepEqual(
    outputs.filter(({ kind }) => kind === "failed"),
    [],
  );
});

test("a key that is an octet longer or shorter than its kind is refused by its header, before any of it is kept", () => {
  for (const difference of [-1, 1]) {
    const { facts, stream } = withLargeKey();
    const header = stream.subarray(0, stream.length - mceliece460896.publicKeyLength);
    const length = mceliece460896.publicKeyLength + difference;
    header.set([length >> 16, (length >> 8) & 0xff, length & 0xff], header.length - 3);
    const { state } = beginHandshake(sha384, facts, millis(0));
    const { outputs } = receive(sha384, state, header);
    assert.deepEqual(
      outputs.flatMap((output) => (output.kind === "failed" ? [output.failure] : [])),
      [{ kind: "aborted", reason: "malformed-message" }],
    );
  }
});

/** The keys of some lanes of a session, each with other nonces at each call, and two generations of each. */
function recordKeysOf({ lanes }: EpochKeys, count: number, call: number): readonly RecordKey[] {
  const nonces = Array.from({ length: count }, (_, index) => ({
    lane: index + 1,
    sourceNonce: new Uint8Array(32).fill(call * count + index),
    destinationNonce: new Uint8Array(32),
  }));
  return nonces
    .map((of) => lanes.take(of) ?? assert.fail())
    .flatMap((secrets) => roles.flatMap((role) => [secrets[role], nextLaneSecret(sha384, secrets[role])]))
    .map((secret) => recordKey(sha384, secret));
}

test("no key and no nonce's beginning comes twice: not in the other direction, another lane, or another session of the same two ends", () => {
  const seen = new Set<string>();
  for (let session = 0; session < 8; session += 1) {
    const mode = session % 2 === 0 ? "hybrid" : "mlkem768";
    const { epochSecret } = agreed(converse(factsOf("source", mode), factsOf("destination", mode)));
    const secrets = epochSecrets(sha384, epochSecret);
    for (const role of roles) {
      for (const octets of [secrets.lanes[role], secrets.laneAuthentication[role], secrets.resumption[role]])
        seen.add(octets.toHex());
    }
    // As if each lane were dialled twice.
    const keys = [0, 1].flatMap((call) => recordKeysOf(epochKeys(sha384, epochSecret), 4, call));
    for (const { key, iv } of keys) seen.add(key.toHex()).add(iv.toHex());
  }
  const eachSession = 2 * 3 + 4 * 2 * 2 * 2 * 2;
  assert.equal(seen.size, 8 * eachSession);
});

test("what one end seals the other opens with the key of that direction, and with no other key", () => {
  const ends = converse(factsOf("source"), factsOf("destination"));
  agreed(ends);
  const nonces = { lane: 1, sourceNonce: new Uint8Array(32), destinationNonce: new Uint8Array(32) };
  const crypto = { sha384, createCipher: createRecordCipher };
  const secrets = (role: Role) =>
    epochKeys(sha384, (ends[role].session ?? assert.fail()).epochSecret).lanes.take(nonces) ?? assert.fail();
  for (const sender of roles) {
    const ping = encodeFrame({ type: "ping", token: new Uint8Array(8) });
    const record = joined(...new RecordSealer(crypto, secrets(sender)[sender], millis(0)).seal([ping], ping.length));
    const open = (direction: Role) =>
      new RecordOpener(crypto, secrets(otherOf(sender))[direction]).open(record.subarray(0, 4), record.subarray(4));
    assert.deepEqual(open(sender), [{ type: "ping", token: new Uint8Array(8) }]);
    assert.equal(open(otherOf(sender)), "broken");
  }
});

test("the mode that is set is the one that runs: hybrid mixes a KEM in from both ends, mlkem768 sends none of it", () => {
  const { kemCiphertext, kemKey } = messageType;
  const sent = (mode: Mode) => {
    const ends = converse(factsOf("source", mode), factsOf("destination", mode));
    assert.equal(agreed(ends).mode, mode);
    return roles.map((role) => ends[role].sent.filter(([type]) => type === kemKey || type === kemCiphertext).length);
  };
  assert.deepEqual(
    [sent("hybrid"), sent("mlkem768")],
    [
      [2, 2],
      [0, 0],
    ],
  );
});

test("a secret of the KEM is used, and not only exchanged: an end that has another one, of the same ciphertext, has no session", () => {
  const swapped = {
    source: new End(knowing(factsOf("source"))),
    destination: new End(knowing(factsOf("destination"))),
  };
  const { state } = swapped.destination;
  assert(state.kind === "exchanging" && state.toPeer !== undefined);
  swapped.destination.state = { ...state, toPeer: { ...state.toPeer, secret: new Uint8Array(32) } };
  inTurns(swapped, "source");
  assert.deepEqual([swapped.source.session, swapped.destination.session], [undefined, undefined]);
  assert.deepEqual(
    roles.map((role) => swapped[role].failure?.reason),
    ["finished-mismatch", "finished-mismatch"],
  );
});

test("whoever only greets has nothing computed for it: no key is made, and no ciphertext before its key was checked", () => {
  for (const role of roles) {
    const { state, outputs } = beginHandshake(sha384, factsOf(role), millis(0));
    const [greeting] = new End(factsOf(otherOf(role))).sent;
    const after = receive(sha384, state, greeting ?? assert.fail());
    const kinds = [...outputs, ...after.outputs].map(({ kind }) => kind);
    assert.deepEqual(kinds, ["transmit", "transmit"], "its own greeting, and the key that it has anyway");
    const lie = encodeMessage({ type: "kem-key", publicKey: kemPair().publicKey });
    const lied = receive(sha384, after.state, lie).outputs;
    assert.ok(
      lied.some(
        (output) =>
          output.kind === "failed" && output.failure.kind === "aborted" && output.failure.reason === "kem-key-mismatch",
      ),
    );
    assert.ok(lied.every(({ kind }) => kind !== "encapsulate"));
  }
});
