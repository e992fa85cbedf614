/** Records and messages of TLS 1.3's handshake with TLS_AES_256_GCM_SHA384, by hand. Sources: RFC 8446 §4.4, 5.2 and 7.1. */
import { createCipheriv, createDecipheriv, createHash, createHmac, type KeyObject, sign } from "node:crypto";

export const recordType = { handshake: 22, protected: 23 } as const;
export const messageType = { certificate: 11, certificateVerify: 15, finished: 20 } as const;
/** What TLS calls ML-DSA-65. */
const mlDsa65 = 0x0905;
const tagLength = 16;

export interface TlsRecord {
  readonly type: number;
  readonly body: Buffer;
  readonly whole: Buffer;
}

/** Those that are there whole. */
export function recordsOf(octets: Buffer): readonly TlsRecord[] {
  const records: TlsRecord[] = [];
  for (let at = 0; at + 5 <= octets.length; ) {
    const end = at + 5 + octets.readUInt16BE(at + 3);
    if (end > octets.length) break;
    records.push({ type: octets[at] ?? 0, body: octets.subarray(at + 5, end), whole: octets.subarray(at, end) });
    at = end;
  }
  return records;
}

/** Messages with their headers; a last one that is not whole is left out. */
function messagesIn(octets: Buffer): readonly Buffer[] {
  const messages: Buffer[] = [];
  for (let at = 0; at + 4 <= octets.length; ) {
    const end = at + 4 + octets.readUIntBE(at + 1, 3);
    if (end > octets.length) break;
    messages.push(octets.subarray(at, end));
    at = end;
  }
  return messages;
}

export function plainMessages(records: readonly TlsRecord[]): readonly Buffer[] {
  return messagesIn(Buffer.concat(records.filter(({ type }) => type === recordType.handshake).map(({ body }) => body)));
}

/** The messages in protected records, of which `secret` is the sender's traffic secret and the first the first that it protects. */
export function opened(records: readonly TlsRecord[], secret: Buffer): readonly Buffer[] {
  const contents: Buffer[] = [];
  for (const { body, whole } of records.filter(({ type }) => type === recordType.protected)) {
    const { key, nonce } = protection(secret, contents.length);
    const decipher = createDecipheriv("aes-256-gcm", key, nonce).setAAD(whole.subarray(0, 5));
    decipher.setAuthTag(body.subarray(-tagLength));
    const inner = Buffer.concat([decipher.update(body.subarray(0, -tagLength)), decipher.final()]);
    contents.push(inner.subarray(0, inner.lastIndexOf(recordType.handshake)));
  }
  return messagesIn(Buffer.concat(contents));
}

/** Records of `octets`, the first that `secret` protects. */
export function sealed(octets: Buffer, secret: Buffer): readonly Buffer[] {
  const most = 16_000;
  return Array.from({ length: Math.ceil(octets.length / most) }, (_, index) => {
    const inner = Buffer.concat([octets.subarray(index * most, (index + 1) * most), Buffer.of(recordType.handshake)]);
    const header = Buffer.of(recordType.protected, 3, 3, 0, 0);
    header.writeUInt16BE(inner.length + tagLength, 3);
    const { key, nonce } = protection(secret, index);
    const cipher = createCipheriv("aes-256-gcm", key, nonce).setAAD(header);
    return Buffer.concat([header, cipher.update(inner), cipher.final(), cipher.getAuthTag()]);
  });
}

function protection(secret: Buffer, sequence: number): { readonly key: Buffer; readonly nonce: Buffer } {
  const nonce = expanded(secret, "iv", 12);
  nonce.writeUInt32BE((nonce.readUInt32BE(8) ^ sequence) >>> 0, 8);
  return { key: expanded(secret, "key", 32), nonce };
}

/** One certificate, in answer to a request without a context. */
export function certificateMessage(der: Uint8Array): Buffer {
  const entry = Buffer.concat([length24(der.length), der, Buffer.of(0, 0)]);
  return message(messageType.certificate, Buffer.concat([Buffer.of(0), length24(entry.length), entry]));
}

export function certificateVerifyMessage(
  signer: "client" | "server",
  key: KeyObject,
  transcript: readonly Buffer[],
): Buffer {
  const context = Buffer.from(`${" ".repeat(64)}TLS 1.3, ${signer} CertificateVerify\0`);
  const signature = sign(null, Buffer.concat([context, hashOf(transcript)]), key);
  const header = Buffer.alloc(4);
  header.writeUInt16BE(mlDsa65);
  header.writeUInt16BE(signature.length, 2);
  return message(messageType.certificateVerify, Buffer.concat([header, signature]));
}

export function finishedMessage(secret: Buffer, transcript: readonly Buffer[]): Buffer {
  const mac = createHmac("sha384", expanded(secret, "finished", 48))
    .update(hashOf(transcript))
    .digest();
  return message(messageType.finished, mac);
}

function message(type: number, body: Buffer): Buffer {
  return Buffer.concat([Buffer.of(type), length24(body.length), body]);
}

function length24(length: number): Buffer {
  return Buffer.of(length >> 16, (length >> 8) & 0xff, length & 0xff);
}

function hashOf(transcript: readonly Buffer[]): Buffer {
  return transcript.reduce((hash, each) => hash.update(each), createHash("sha384")).digest();
}

/** HKDF-Expand-Label without a context, for what is no longer than one block. */
function expanded(secret: Buffer, label: string, length: number): Buffer {
  const name = Buffer.from(`tls13 ${label}`);
  const info = Buffer.concat([Buffer.of(0, length, name.length), name, Buffer.of(0, 1)]);
  return createHmac("sha384", secret).update(info).digest().subarray(0, length);
}
