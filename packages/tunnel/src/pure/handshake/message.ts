/**
 * The messages of the inner handshake, inside a TLS connection whose both ends have proved who they are.
 *
 *     0        1                       4
 *     +--------+-----------------------+----------------- - -
 *     | type   | length, big-endian    | body
 *     +--------+-----------------------+----------------- - -
 *
 *     hello           versions(2) role(1) mode(1) KEM key(1) capabilities(4) random(32), then what later versions add
 *     kem-key         the sender's public key
 *     kem-ciphertext  for the receiver's public key
 *     finished        MAC(48)
 *     abort           reason(1)
 *
 * Specification: docs/protocols/tunnel-handshake.md.
 */

import { sha384Length } from "@ropewalk/crypto/pure/sha384";
import { ByteReader, joined } from "@ropewalk/kernel/bytes";
import { type AbortReason, abortCode, abortReason } from "./failure.ts";

export const messageType = { hello: 1, kemKey: 2, kemCiphertext: 3, finished: 4, abort: 5 } as const;
export type MessageType = (typeof messageType)[keyof typeof messageType];

/** The end that opened the connection, and the one that was reached. */
export type Role = "source" | "destination";

/** `mlkem768`: TLS's X25519MLKEM768 alone. `hybrid`: Classic McEliece from both ends mixed in. */
export type Mode = "hybrid" | "mlkem768";

export interface Hello {
  readonly type: "hello";
  readonly leastVersion: number;
  readonly mostVersion: number;
  readonly role: Role;
  readonly mode: Mode;
  /** Whether the sender has the receiver's KEM key, or asks for it; "none" outside hybrid mode. */
  readonly kemKey: "none" | "wanted" | "held";
  /** 32 bits, of which each end then uses what both have. */
  readonly capabilities: number;
  /** 32 bytes, fresh. */
  readonly random: Uint8Array;
}

export type Message =
  | Hello
  | { readonly type: "kem-key"; readonly publicKey: Uint8Array }
  | { readonly type: "kem-ciphertext"; readonly ciphertext: Uint8Array }
  | { readonly type: "finished"; readonly mac: Uint8Array }
  | { readonly type: "abort"; readonly reason: AbortReason };

/** What the two ends' KEM takes. */
export interface KemSizes {
  readonly name: string;
  readonly publicKeyLength: number;
  readonly ciphertextLength: number;
}

/** Source: Classic McEliece, ISO submission (2022) §7. */
export const mceliece460896: KemSizes = {
  name: "ClassicMcEliece460896",
  publicKeyLength: 524_160,
  ciphertextLength: 156,
};

export const headerLength = 4;
export const randomLength = 32;
const helloLength = 41;
/** Room for what later versions add to a hello; this one reads over it, and has it in the transcript. */
const longestHello = 256;

const roleCodes: readonly [Role, number][] = [
  ["source", 1],
  ["destination", 2],
];
const modeCodes: readonly [Mode, number][] = [
  ["mlkem768", 1],
  ["hybrid", 2],
];
const kemKeyCodes: readonly [Hello["kemKey"], number][] = [
  ["none", 0],
  ["wanted", 1],
  ["held", 2],
];

/** The header and the body. */
export function encodeMessage(message: Message): Uint8Array {
  switch (message.type) {
    case "hello":
      return withHeader(messageType.hello, encodeHello(message));
    case "kem-key":
      return withHeader(messageType.kemKey, message.publicKey);
    case "kem-ciphertext":
      return withHeader(messageType.kemCiphertext, message.ciphertext);
    case "finished":
      return withHeader(messageType.finished, message.mac);
    case "abort":
      return withHeader(messageType.abort, Uint8Array.of(abortCode(message.reason)));
  }
}

function withHeader(type: MessageType, body: Uint8Array): Uint8Array {
  return joined(Uint8Array.of(type, body.length >> 16, (body.length >> 8) & 0xff, body.length & 0xff), body);
}

function encodeHello(hello: Hello): Uint8Array {
  const octets = new Uint8Array(helloLength);
  const codes = [codeOf(roleCodes, hello.role), codeOf(modeCodes, hello.mode), codeOf(kemKeyCodes, hello.kemKey)];
  octets.set([hello.leastVersion, hello.mostVersion, ...codes]);
  new DataView(octets.buffer).setUint32(5, hello.capabilities);
  octets.set(hello.random, 9);
  return octets;
}

/** Whether a body of this type may be so long: asked before any of it is kept. */
export function isLengthAllowed(type: number, length: number, kem: KemSizes): boolean {
  switch (type) {
    case messageType.hello:
      return length >= helloLength && length <= longestHello;
    case messageType.kemKey:
      return length === kem.publicKeyLength;
    case messageType.kemCiphertext:
      return length === kem.ciphertextLength;
    case messageType.finished:
      return length === sha384Length;
    case messageType.abort:
      return length === 1;
    default:
      return false;
  }
}

/** Undefined when the body is none. Its length was allowed. */
export function decodeMessage(type: number, body: Uint8Array): Message | undefined {
  switch (type) {
    case messageType.hello:
      return decodeHello(body);
    case messageType.kemKey:
      return { type: "kem-key", publicKey: body };
    case messageType.kemCiphertext:
      return { type: "kem-ciphertext", ciphertext: body };
    case messageType.finished:
      return { type: "finished", mac: body };
    case messageType.abort:
      return { type: "abort", reason: abortReason(body[0] ?? 0) };
    default:
      return undefined;
  }
}

function decodeHello(body: Uint8Array): Hello | undefined {
  const reader = new ByteReader(body, { littleEndian: false });
  const leastVersion = reader.u8();
  const mostVersion = reader.u8();
  const role = namedBy(roleCodes, reader.u8());
  const mode = namedBy(modeCodes, reader.u8());
  const kemKey = namedBy(kemKeyCodes, reader.u8());
  const capabilities = reader.u32();
  const random = reader.take(randomLength);
  if (leastVersion === undefined || mostVersion === undefined || leastVersion > mostVersion) return undefined;
  if (role === undefined || mode === undefined || kemKey === undefined) return undefined;
  if (capabilities === undefined || random === undefined) return undefined;
  return { type: "hello", leastVersion, mostVersion, role, mode, kemKey, capabilities, random };
}

function codeOf<Name>(codes: readonly (readonly [Name, number])[], name: Name): number {
  return codes.find(([known]) => known === name)?.[1] ?? 0;
}

function namedBy<Name>(codes: readonly (readonly [Name, number])[], code: number | undefined): Name | undefined {
  return codes.find(([, known]) => known === code)?.[0];
}
