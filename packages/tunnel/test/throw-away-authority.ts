/** Certificates for tests, also such as no CA should make: wrong dates, roles, algorithms. Nothing here is for use. */
import { createHash, generateKeyPairSync, type KeyObject, randomBytes, sign } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { IdentityFiles } from "@ropewalk/tunnel/io/identity";

export interface Issued {
  readonly name: string;
  readonly privateKey: KeyObject;
  readonly publicKey: Buffer;
  readonly serial: Buffer;
  readonly der: Buffer;
  readonly certificate: string;
  readonly key: string;
}

export interface Wanted {
  /** Signs itself without. */
  readonly ca?: Issued | undefined;
  readonly name: string;
  readonly names?: readonly string[];
  readonly usage?: "server" | "client";
  readonly isCa?: boolean;
  readonly from?: Date;
  readonly to?: Date;
  readonly algorithm?: "ml-dsa-65" | "ed25519";
  /** The key of another one, so that a second certificate has it too. */
  readonly keyOf?: Issued;
}

const hour = 3_600_000;

export function issue(wanted: Wanted): Issued {
  const { name, names = [], usage, isCa = false } = wanted;
  const from = wanted.from ?? new Date(Date.now() - hour);
  const to = wanted.to ?? new Date(Date.now() + 720 * hour);
  const made = wanted.algorithm === "ed25519" ? generateKeyPairSync("ed25519") : generateKeyPairSync("ml-dsa-65");
  const privateKey = wanted.keyOf?.privateKey ?? made.privateKey;
  const publicKey = wanted.keyOf?.publicKey ?? made.publicKey.export({ type: "spki", format: "der" });
  const issuer = wanted.ca ?? { name, privateKey, publicKey };
  const serial = randomBytes(16);
  serial[0] = ((serial[0] ?? 0) & 0x7f) | 0x40;
  const extensions = [
    extension("2.5.29.19", true, isCa ? sequence(Buffer.of(1, 1, 255)) : sequence()),
    extension("2.5.29.15", true, tagged(3, Buffer.from(isCa ? [1, 0x06] : [7, 0x80]))),
    extension("2.5.29.14", false, tagged(4, keyId(publicKey))),
    extension("2.5.29.35", false, sequence(tagged(0x80, keyId(issuer.publicKey)))),
    ...(usage === undefined ? [] : [extension("2.5.29.37", false, sequence(oid(usageOids[usage])))]),
    ...(names.length === 0 ? [] : [extension("2.5.29.17", false, sequence(...names.map(generalName)))]),
  ];
  const algorithm = algorithmOf(issuer.privateKey);
  const parts = [tagged(0xa0, integer(Buffer.of(2))), integer(serial), algorithm, distinguished(issuer.name)];
  const rest = [sequence(date(from), date(to)), distinguished(name), publicKey, tagged(0xa3, sequence(...extensions))];
  const der = signed(sequence(...parts, ...rest), issuer.privateKey);
  const key = privateKey.export({ type: "pkcs8", format: "pem" }).toString();
  return { name, privateKey, publicKey, serial, der, certificate: pem("CERTIFICATE", der), key };
}

export interface ListWanted {
  readonly from?: Date;
  readonly to?: Date;
}

/** A list of revoked certificates, as PEM. */
export function revocationList(ca: Issued, revoked: readonly Issued[], { from, to }: ListWanted = {}): string {
  const since = from ?? new Date(Date.now() - hour);
  const until = to ?? new Date(Date.now() + 24 * hour);
  const entries = revoked.map(({ serial }) => sequence(integer(serial), date(since)));
  const list = entries.length === 0 ? [] : [sequence(...entries)];
  const number = tagged(0xa0, sequence(extension("2.5.29.20", false, integer(Buffer.of(1)))));
  const parts = [integer(Buffer.of(1)), algorithmOf(ca.privateKey), distinguished(ca.name), date(since), date(until)];
  return pem("X509 CRL", signed(sequence(...parts, ...list, number), ca.privateKey));
}

/** A folder of files that is gone with the test. */
export class IdentityFolder implements Disposable {
  readonly path: string = mkdtempSync(join(tmpdir(), "ropewalk-tunnel-"));

  /** The path of a file with this text, 0600. */
  put(name: string, text: string | Uint8Array, mode = 0o600): string {
    const path = join(this.path, name);
    writeFileSync(path, text, { mode });
    return path;
  }

  /** Files of `issued`, to trust `authorities`. */
  identity(name: string, issued: Issued, authorities: readonly Issued[]): IdentityFiles {
    return {
      certificate: this.put(`${name}.crt`, issued.certificate, 0o644),
      key: this.put(`${name}.key`, issued.key),
      kemKey: undefined,
      authorities: authorities.map((ca, index) => this.put(`${name}-ca${index}.crt`, ca.certificate, 0o644)),
      revocationLists: [],
    };
  }

  [Symbol.dispose](): void {
    rmSync(this.path, { recursive: true, force: true });
  }
}

const usageOids = { server: "1.3.6.1.5.5.7.3.1", client: "1.3.6.1.5.5.7.3.2" };

function lengthOctets(length: number): Buffer {
  if (length < 128) return Buffer.of(length);
  return length < 256 ? Buffer.of(0x81, length) : Buffer.of(0x82, length >> 8, length & 255);
}

function tagged(tag: number, ...contents: readonly Buffer[]): Buffer {
  const body = Buffer.concat(contents);
  return Buffer.concat([Buffer.of(tag), lengthOctets(body.length), body]);
}

function sequence(...contents: readonly Buffer[]): Buffer {
  return tagged(0x30, ...contents);
}

function integer(octets: Buffer): Buffer {
  return tagged(2, octets);
}

function oid(text: string): Buffer {
  const [first = 0, second = 0, ...others] = text.split(".").map(Number);
  const octets = others.flatMap((value) => {
    const groups = [value & 127];
    for (let rest = value >> 7; rest > 0; rest >>= 7) groups.unshift((rest & 127) | 128);
    return groups;
  });
  return tagged(6, Buffer.from([first * 40 + second, ...octets]));
}

function algorithmOf(key: KeyObject): Buffer {
  return sequence(oid(key.asymmetricKeyType === "ml-dsa-65" ? "2.16.840.1.101.3.4.3.18" : "1.3.101.112"));
}

function distinguished(name: string): Buffer {
  return sequence(tagged(0x31, sequence(oid("2.5.4.3"), tagged(0x0c, Buffer.from(name)))));
}

function generalName(name: string): Buffer {
  return tagged(name.includes(":") ? 0x86 : 0x82, Buffer.from(name));
}

function extension(id: string, isCritical: boolean, value: Buffer): Buffer {
  return sequence(oid(id), ...(isCritical ? [Buffer.of(1, 1, 255)] : []), tagged(4, value));
}

/** RFC 5280 §4.1.2.5: two digits of the year until 2049. */
function date(when: Date): Buffer {
  const text = `${when.toISOString().replace(/[-:T]/g, "").slice(0, 14)}Z`;
  return when.getUTCFullYear() < 2050 ? tagged(0x17, Buffer.from(text.slice(2))) : tagged(0x18, Buffer.from(text));
}

function keyId(publicKey: Buffer): Buffer {
  return createHash("sha256").update(publicKey).digest().subarray(0, 20);
}

function signed(body: Buffer, key: KeyObject): Buffer {
  return sequence(body, algorithmOf(key), tagged(3, Buffer.of(0), sign(null, body, key)));
}

function pem(label: string, der: Buffer): string {
  const lines = der.toString("base64").match(/.{1,64}/g) ?? [];
  return `-----BEGIN ${label}-----\n${lines.join("\n")}\n-----END ${label}-----\n`;
}
