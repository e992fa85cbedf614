/** The vectors of docs/protocols/tunnel-handshake.md: the machine gives them, and so does what the text says, done by hand. */
import assert from "node:assert/strict";
import { createHash, createHmac } from "node:crypto";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { millis } from "@ropewalk/kernel/units";
import { beginHandshake, decapsulated, encapsulated, receive } from "@ropewalk/tunnel/pure/handshake/handshake";
import type {
  AgreedSession,
  HandshakeFacts,
  HandshakeState,
  Step,
} from "@ropewalk/tunnel/pure/handshake/handshake-state";
import { type Mode, mceliece460896, type Role } from "@ropewalk/tunnel/pure/handshake/message";
import { epochSecrets } from "@ropewalk/tunnel/pure/handshake/session-keys";
import { sha384 } from "./two-ends.ts";

interface Vector {
  readonly mode: Mode;
  readonly messages: readonly (readonly [Role, string])[];
  readonly session: string;
  readonly transcript: string;
  readonly epoch: string;
  readonly keys: Readonly<Record<string, string>>;
}

const text = readFileSync(new URL("../../../../../docs/protocols/tunnel-handshake.md", import.meta.url), "utf8");
const vectors: readonly Vector[] = JSON.parse(/^```json\n([\s\S]*?)^```$/m.exec(text)?.[1] ?? "[]");

const counting = (length: number, modulus: number) => Uint8Array.from({ length }, (_, index) => index % modulus);
const ascii = (line: string) => new TextEncoder().encode(line);

/** What the document gives each end. */
const given = {
  source: { leaf: ascii("source leaf"), random: counting(32, 33), key: counting(524_160, 251) },
  destination: { leaf: ascii("destination leaf"), random: counting(32, 31), key: counting(524_160, 253) },
  toDestination: { ciphertext: counting(156, 157), secret: new Uint8Array(32).fill(0xd5) },
  toSource: { ciphertext: counting(156, 155), secret: new Uint8Array(32).fill(0x5d) },
  exporter: counting(48, 49),
} as const;

function factsOf(role: Role, mode: Mode): HandshakeFacts {
  const peer = role === "source" ? "destination" : "source";
  const isHybrid = mode === "hybrid";
  return {
    ...{ role, mode, kem: mceliece460896, capabilities: 0, random: given[role].random, exporter: given.exporter },
    ...{ ownLeaf: given[role].leaf, peerLeaf: given[peer].leaf, ownKemKey: isHybrid ? given[role].key : undefined },
    peerKemPin: isHybrid ? sha384.hash(given[peer].key) : undefined,
    // The source has the destination's key, and the destination asks for the source's.
    peerKemKey: isHybrid && role === "source" ? given.destination.key : undefined,
  };
}

/** Runs the machine with the KEM's results that the document gives; every message in the order in which it was sent. */
function run(mode: Mode) {
  const states: Partial<Record<Role, HandshakeState>> = {};
  const sessions: Partial<Record<Role, AgreedSession>> = {};
  const messages: [Role, Uint8Array][] = [];
  const stateOf = (role: Role): HandshakeState => states[role] ?? { kind: "over" };
  const take = (role: Role, { state, outputs }: Step): void => {
    states[role] = state;
    for (const output of outputs) {
      if (output.kind === "transmit") messages.push([role, output.bytes]);
      if (output.kind === "established") sessions[role] = output.session;
      if (output.kind === "encapsulate") {
        take(role, encapsulated(sha384, stateOf(role), role === "source" ? given.toDestination : given.toSource));
      }
      if (output.kind === "decapsulate") {
        const { secret } = role === "source" ? given.toSource : given.toDestination;
        take(role, decapsulated(sha384, stateOf(role), secret));
      }
    }
  };
  take("source", beginHandshake(sha384, factsOf("source", mode), millis(0)));
  take("destination", beginHandshake(sha384, factsOf("destination", mode), millis(0)));
  for (let index = 0; index < messages.length; index += 1) {
    const [from, bytes] = messages[index] ?? assert.fail();
    const to = from === "source" ? "destination" : "source";
    take(to, receive(sha384, stateOf(to), bytes));
  }
  const { source, destination } = sessions;
  assert.ok(source !== undefined && destination !== undefined);
  assert.deepEqual({ ...source, role: "destination" }, destination);
  return { messages, session: source };
}

function vectorOf(mode: Mode): Vector {
  const { messages, session } = run(mode);
  const { lanes, laneAuthentication, resumption } = epochSecrets(sha384, session.epochSecret);
  return {
    mode,
    messages: messages.map(([from, bytes]) => [from, bytes.length > 1_000 ? digestText(bytes) : bytes.toHex()]),
    session: session.id.toHex(),
    transcript: session.transcript.toHex(),
    epoch: session.epochSecret.toHex(),
    keys: {
      "lane source": lanes.source.toHex(),
      "lane destination": lanes.destination.toHex(),
      "lane authentication source": laneAuthentication.source.toHex(),
      "lane authentication destination": laneAuthentication.destination.toHex(),
      "resumption source": resumption.source.toHex(),
      "resumption destination": resumption.destination.toHex(),
    },
  };
}

const digestText = (bytes: Uint8Array) => `SHA-384 of ${bytes.length} octets: ${sha384.hash(bytes).toHex()}`;

test("the machine gives the vectors of the specification", () => {
  assert.deepEqual(
    vectors.map(({ mode }) => mode),
    ["mlkem768", "hybrid"],
  );
  for (const vector of vectors) assert.deepEqual(vectorOf(vector.mode), vector);
});

test("what the specification says, done by hand, gives the same", () => {
  for (const vector of vectors) {
    const { messages } = run(vector.mode);
    const isHybrid = vector.mode === "hybrid";
    const ofSender = (sender: Role) =>
      messages
        .filter(([from, [type]]) => from === sender && type !== 4)
        .reduce((link, [, bytes]) => digest(link, bytes), digest(ascii(`ropewalk tunnel messages of ${sender} v1`)));
    const { source, destination, toSource, toDestination, exporter } = given;
    const session = digest(framed(ascii("ropewalk tunnel session v1"), source.random, destination.random)).subarray(
      0,
      16,
    );
    const ends = [digest(source.leaf), digest(destination.leaf)];
    const label = ascii("ropewalk tunnel handshake v1");
    const transcript = digest(
      framed(label, Uint8Array.of(1), ...ends, session, ofSender("source"), ofSender("destination")),
    );
    assert.equal(transcript.toHex(), vector.transcript);

    const name = (receiver: Role) => ascii(`ClassicMcEliece460896 to ${receiver}`);
    const parts = [framed(ascii("TLS 1.3 exporter"), new Uint8Array(), new Uint8Array())];
    if (isHybrid) parts.push(framed(name("destination"), destination.key, toDestination.ciphertext));
    if (isHybrid) parts.push(framed(name("source"), source.key, toSource.ciphertext));
    const salt = digest(framed(ascii("ropewalk tunnel v1"), ...parts.map((part) => digest(part)), transcript));
    const secrets = isHybrid ? [exporter, toDestination.secret, toSource.secret] : [exporter];
    // HKDF's extraction, which Node does not offer alone, is one HMAC (RFC 5869 §2.2).
    const secret = createHmac("sha384", salt)
      .update(framed(...secrets))
      .digest();
    const derive = (key: Uint8Array, purpose: string, sender = "") => {
      const info = framed(ascii("ropewalk tunnel v1"), ascii(purpose), ascii(sender));
      return expanded(key, info).toHex();
    };
    assert.equal(derive(secret, "epoch"), vector.epoch);
    const epoch = Uint8Array.fromHex(vector.epoch);
    for (const [what, hex] of Object.entries(vector.keys)) {
      const [, purpose = "", sender = ""] = /^(.*) (source|destination)$/.exec(what) ?? [];
      assert.equal(derive(epoch, purpose, sender), hex, what);
    }
    for (const role of ["source", "destination"] as const) {
      const key = Uint8Array.fromHex(derive(secret, "finished", role));
      const proof = vector.messages.find(([from, hex]) => from === role && hex.startsWith("04"));
      assert.equal(proof?.[1], `04000030${createHmac("sha384", key).update(transcript).digest("hex")}`);
    }
  }
});

function digest(...parts: readonly Uint8Array[]): Uint8Array {
  return parts.reduce((hash, part) => hash.update(part), createHash("sha384")).digest();
}

function framed(...parts: readonly Uint8Array[]): Uint8Array {
  return Buffer.concat(
    parts.flatMap((part) => {
      const length = Buffer.alloc(4);
      length.writeUInt32BE(part.length);
      return [length, part];
    }),
  );
}

/** RFC 5869 §2.3, for one block. */
function expanded(key: Uint8Array, info: Uint8Array): Uint8Array {
  return createHmac("sha384", key).update(info).update(Uint8Array.of(1)).digest();
}
