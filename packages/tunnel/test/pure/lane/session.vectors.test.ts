/** The vectors of docs/protocols/tunnel-session.md: the code gives them, and so does what the text says, done by hand. */
import assert from "node:assert/strict";
import { createCipheriv, createHmac } from "node:crypto";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { sha384 } from "@ropewalk/crypto/sha384";
import { joined } from "@ropewalk/kernel/bytes";
import { millis } from "@ropewalk/kernel/units";
import type { Role } from "@ropewalk/tunnel/pure/handshake/message";
import { epochKeys } from "@ropewalk/tunnel/pure/lane/epoch-keys";
import { LaneOffer, LaneWelcomes } from "@ropewalk/tunnel/pure/lane/lane-hello";
import { nextLaneSecret, recordKey } from "@ropewalk/tunnel/pure/lane/lane-keys";
import { decodeFrames } from "@ropewalk/tunnel/pure/wire/decode-frames";
import { type Frame, streamId } from "@ropewalk/tunnel/pure/wire/frame";
import { encodeAny } from "../wire/frames.ts";
import { crypto, sealer } from "./epochs.ts";

interface Vectors {
  readonly hello: string;
  readonly welcome: string;
  readonly secrets: Readonly<Record<string, string>>;
  readonly keys: Readonly<Record<string, string>>;
  readonly records: readonly string[];
  readonly frames: Readonly<Record<string, string>>;
}

const text = readFileSync(new URL("../../../../../docs/protocols/tunnel-session.md", import.meta.url), "utf8");
const vectors: Vectors = JSON.parse(/^```json\n([\s\S]*?)^```$/m.exec(text)?.[1] ?? "{}");

const counting = (length: number, modulus: number) => Uint8Array.from({ length }, (_, index) => index % modulus);
const ascii = (line: string) => new TextEncoder().encode(line);
const roles: readonly Role[] = ["source", "destination"];

/** What the document gives. */
const given = {
  epoch: counting(16, 16),
  secret: counting(48, 48),
  nonces: { source: counting(32, 33), destination: counting(32, 31) },
} as const;

const stream = streamId(1);
const state = { highest: 4, streams: [{ stream, received: 2 ** 40 + 5, limit: 2 ** 53 - 1 }] };
const settings = { version: 1, initialCredit: 65_536, mostStreams: 2_048 };
const proof = counting(48, 47);
const one: readonly Frame[] = [
  { type: "start", settings },
  { type: "started", settings },
  { type: "resume", attempt: 7, session: given.epoch, proof, state },
  { type: "resumed", proof, state },
  { type: "unknown" },
  { type: "ping", token: counting(8, 8) },
  { type: "pong", token: counting(8, 8) },
  { type: "key-update" },
  { type: "go-away", reason: "stopping" },
  { type: "join" },
  { type: "connect", stream, limit: 65_536, request: ascii("db") },
  { type: "accept", stream, limit: 65_536 },
  { type: "data", stream, offset: 2 ** 32, octets: ascii("hello") },
  { type: "credit", stream, limit: 131_072 },
  { type: "ack", stream, received: 6 },
  { type: "fin", stream, offset: 5 },
  { type: "reset", stream, reason: "aborted" },
  { type: "gone", stream },
  { type: "datagram", octets: ascii("ping") },
];

const encoded = (type: Frame["type"]) => encodeAny(one.find((frame) => frame.type === type) ?? assert.fail());
const plaintexts = [
  encoded("start"),
  joined(encoded("connect"), encoded("data")),
  encoded("key-update"),
  encoded("fin"),
];

function made(): Vectors {
  const keys = epochKeys(sha384, given.secret);
  const offerOf = (lane: number) =>
    new LaneOffer(sha384, { epoch: given.epoch, keys, lane, nonce: given.nonces.source });
  const offer = offerOf(1);
  const welcomes = new LaneWelcomes(sha384, given.epoch, keys);
  const { welcome, secrets } = welcomes.answer(offer.hello, given.nonces.destination) ?? assert.fail();
  const third = welcomes.answer(offerOf(3).hello, given.nonces.destination) ?? assert.fail();
  const next = nextLaneSecret(crypto.sha384, secrets.source);
  const [first, second] = [recordKey(sha384, secrets.source), recordKey(sha384, next)];
  const by = sealer(secrets);
  const records = plaintexts.map((plaintext, index) =>
    joined(...(index === 2 ? by.update(millis(0)) : by.seal([plaintext], plaintext.length))).toHex(),
  );
  return {
    hello: offer.hello.toHex(),
    welcome: welcome.toHex(),
    secrets: {
      "lane 0 source": secrets.source.toHex(),
      "lane 0 destination": secrets.destination.toHex(),
      "lane 1 source": next.toHex(),
      "lane 0 source, third of the epoch": third.secrets.source.toHex(),
    },
    keys: {
      "key 0 source": first.key.toHex(),
      "iv 0 source": first.iv.toHex(),
      "key 1 source": second.key.toHex(),
      "iv 1 source": second.iv.toHex(),
    },
    records,
    frames: Object.fromEntries(one.map((frame) => [frame.type, encodeAny(frame).toHex()])),
  };
}

test("the code gives the vectors of the specification", () => {
  assert.deepEqual(made(), vectors);
});

test("the frames of the specification are read as what they say", () => {
  const whole = Uint8Array.fromHex(Object.values(vectors.frames).join(""));
  assert.deepEqual(decodeFrames(whole), one);
});

test("what the specification says, done by hand, gives the same", () => {
  const derive = (purpose: string, sender: Role) =>
    expanded(given.secret, framed(ascii("ropewalk tunnel v1"), ascii(purpose), ascii(sender)));
  const number = Uint8Array.of(0, 0, 0, 1);
  const head = joined(Uint8Array.of(0x52, 1), given.epoch, number, given.nonces.source);
  const hello = joined(head, hmac(derive("lane authentication", "source"), ascii("ropewalk lane hello v1"), head));
  assert.equal(hello.toHex(), vectors.hello);
  const opening = joined(Uint8Array.of(0x57, 1), given.nonces.destination);
  const mac = hmac(derive("lane authentication", "destination"), ascii("ropewalk lane welcome v1"), hello, opening);
  assert.equal(joined(opening, mac).toHex(), vectors.welcome);

  const label = ascii("ropewalk lane v1");
  for (const role of roles) {
    const info = framed(label, number, given.nonces.source, given.nonces.destination);
    assert.equal(expanded(derive("lane", role), info).toHex(), vectors.secrets[`lane 0 ${role}`]);
  }
  const link = (lane: number): Uint8Array =>
    lane === 1 ? derive("lane", "source") : expanded(link(lane - 1), framed(label, ascii("lane")));
  const ofThird = framed(label, Uint8Array.of(0, 0, 0, 3), given.nonces.source, given.nonces.destination);
  assert.equal(expanded(link(3), ofThird).toHex(), vectors.secrets["lane 0 source, third of the epoch"]);
  const secret = (generation: number) => Uint8Array.fromHex(vectors.secrets[`lane ${generation} source`] ?? "");
  assert.deepEqual(expanded(secret(0), framed(label, ascii("next"))), secret(1));
  const places: readonly (readonly [number, number])[] = [
    [0, 0],
    [0, 1],
    [0, 2],
    [1, 0],
  ];
  for (const [index, [generation, count]] of places.entries()) {
    const key = expanded(secret(generation), framed(label, ascii("key"))).subarray(0, 32);
    const iv = expanded(secret(generation), framed(label, ascii("iv"))).subarray(0, 12);
    assert.equal(key.toHex(), vectors.keys[`key ${generation} source`]);
    assert.equal(iv.toHex(), vectors.keys[`iv ${generation} source`]);
    const plaintext = plaintexts[index] ?? assert.fail();
    const length = Uint8Array.of(0, 0, 0, plaintext.length + 16);
    const nonce = iv.with(11, (iv[11] ?? 0) ^ count);
    const cipher = createCipheriv("aes-256-gcm", key, nonce).setAAD(length);
    const record = joined(length, cipher.update(plaintext), cipher.final(), cipher.getAuthTag());
    assert.equal(record.toHex(), vectors.records[index]);
  }
});

function hmac(key: Uint8Array, ...parts: readonly Uint8Array[]): Uint8Array {
  return new Uint8Array(parts.reduce((mac, part) => mac.update(part), createHmac("sha384", key)).digest());
}

/** RFC 5869 §2.3, for one block. */
function expanded(key: Uint8Array, info: Uint8Array): Uint8Array {
  return hmac(key, info, Uint8Array.of(1));
}

function framed(...parts: readonly Uint8Array[]): Uint8Array {
  return joined(...parts.flatMap((part) => [Uint8Array.of(0, 0, 0, part.length), part]));
}
