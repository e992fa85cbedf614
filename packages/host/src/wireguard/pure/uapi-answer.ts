/**
 * Answers of the userspace protocol, read as they come, in whichever pieces: lines FIELD=VALUE, an `errno` line among the last, and
 * an empty line at the end. Fields of later versions are skipped. Source: https://www.wireguard.com/xplatform/
 */
import type { Prefix } from "@ropewalk/kernel/addresses";
import { SecretBytes } from "@ropewalk/kernel/secret-bytes";
import { type Bytes, bytes, type Millis, millis } from "@ropewalk/kernel/units";
import type { PeerEndpoint, PresentPeer } from "../device.ts";
import { type WireGuardPublicKey, wireGuardPublicKeyFromBytes } from "../public-key.ts";
import {
  readEndpoint,
  readErrno,
  readField,
  readKey,
  readPrefix,
  readWhole,
  type Span,
  type UapiField,
} from "./uapi-fields.ts";

/** What `get=1` tells. The private key is the caller's to erase. */
export interface UapiDevice {
  readonly privateKey: SecretBytes | undefined;
  readonly listenPort: number | undefined;
  readonly fwmark: number;
  readonly peers: ReadonlyMap<WireGuardPublicKey, PresentPeer>;
}

export type UapiAnswer =
  | { readonly kind: "done"; readonly device: UapiDevice }
  | { readonly kind: "refused"; readonly errno: number }
  /** `reason` holds nothing of what came. */
  | { readonly kind: "malformed"; readonly reason: string };

interface PeerDraft {
  readonly publicKey: WireGuardPublicKey;
  readonly allowedPrefixes: Prefix[];
  presharedKey: SecretBytes | undefined;
  endpoint: PeerEndpoint | undefined;
  keepalive: Millis | undefined;
  lastHandshake: number | undefined;
  received: Bytes;
  sent: Bytes;
}

const newline = 0x0a;
const equals = 0x3d;
/** The longest known line has 79 octets. */
const longestLine = 1_024;

export class UapiAnswerReader {
  /** The beginning of a line whose end has not come. */
  readonly #begun = new Uint8Array(longestLine);
  readonly #peers = new Map<WireGuardPublicKey, PeerDraft>();
  #begunLength = 0;
  #lines = 0;
  #privateKey: SecretBytes | undefined;
  #listenPort: number | undefined;
  #fwmark = 0;
  #peer: PeerDraft | undefined;
  #errno: number | undefined;
  #answer: UapiAnswer | undefined;

  /** The whole answer, once it is there; what comes behind it is not read. Keeps nothing of `octets`. */
  push(octets: Uint8Array): UapiAnswer | undefined {
    for (let start = 0; this.#answer === undefined; ) {
      const end = octets.indexOf(newline, start);
      if (end < 0) {
        this.#begin(octets, start);
        break;
      }
      this.#readLine(this.#completed({ octets, start, end }));
      this.#forget();
      start = end + 1;
    }
    return this.#answer;
  }

  #begin(octets: Uint8Array, start: number): void {
    const length = octets.length - start;
    if (this.#begunLength + length > longestLine) {
      this.#fail("has no end");
      return;
    }
    this.#begun.set(octets.subarray(start), this.#begunLength);
    this.#begunLength += length;
  }

  /** The line that ends here, with the part of it that came earlier. */
  #completed(span: Span): Span {
    if (this.#begunLength === 0) return span;
    this.#begin(span.octets.subarray(0, span.end), span.start);
    return { octets: this.#begun, start: 0, end: this.#begunLength };
  }

  #forget(): void {
    if (this.#begunLength === 0) return;
    this.#begun.fill(0, 0, this.#begunLength);
    this.#begunLength = 0;
  }

  #readLine({ octets, start, end }: Span): void {
    if (this.#answer !== undefined) return;
    this.#lines += 1;
    const middle = octets.indexOf(equals, start);
    if (start === end) this.#finish();
    else if (middle < 0 || middle >= end) this.#fail("has no field");
    else {
      const field = readField({ octets, start, end: middle });
      if (field !== undefined && !this.#readValue(field, { octets, start: middle + 1, end }))
        this.#fail(`has no ${field}, or has it in the wrong place`);
    }
  }

  #finish(): void {
    const peers = this.#peers;
    const device = { privateKey: this.#privateKey, listenPort: this.#listenPort, fwmark: this.#fwmark, peers };
    if (this.#errno === 0) this.#answer = { kind: "done", device };
    else if (this.#errno === undefined) this.#fail("ends an answer without errno");
    else {
      this.#erase();
      this.#answer = { kind: "refused", errno: this.#errno };
    }
  }

  #fail(what: string): void {
    this.#erase();
    this.#answer = { kind: "malformed", reason: `line ${this.#lines} ${what}` };
  }

  #erase(): void {
    this.#forget();
    this.#privateKey?.erase();
    for (const { presharedKey } of this.#peers.values()) presharedKey?.erase();
  }

  /** False when the value is none, or comes where it cannot be. */
  #readValue(field: UapiField, value: Span): boolean {
    switch (field) {
      case "errno":
        this.#errno = readErrno(value);
        return this.#errno !== undefined;
      case "private_key":
      case "listen_port":
      case "fwmark":
        return this.#peer === undefined && this.#readOwn(field, value);
      case "public_key":
        return this.#readPublicKey(value);
      default:
        return this.#peer !== undefined && readOfPeer(this.#peer, field, value);
    }
  }

  #readOwn(field: "private_key" | "listen_port" | "fwmark", value: Span): boolean {
    if (field === "private_key") {
      const key = readKey(value);
      this.#privateKey?.erase();
      this.#privateKey = key === undefined || isZero(key) ? undefined : new SecretBytes(key);
      return key !== undefined;
    }
    const number = readWhole(value, field === "listen_port" ? 0xffff : 0xffff_ffff);
    if (field === "listen_port") this.#listenPort = number === 0 ? undefined : number;
    else this.#fwmark = number ?? 0;
    return number !== undefined;
  }

  #readPublicKey(value: Span): boolean {
    const key = readKey(value);
    if (key === undefined) return false;
    const publicKey = wireGuardPublicKeyFromBytes(key);
    if (this.#peers.has(publicKey)) return false;
    this.#peer = {
      ...{ publicKey, allowedPrefixes: [], presharedKey: undefined, endpoint: undefined, keepalive: undefined },
      ...{ lastHandshake: undefined, received: bytes(0), sent: bytes(0) },
    };
    this.#peers.set(publicKey, this.#peer);
    return true;
  }
}

type PeerField = Exclude<UapiField, "errno" | "private_key" | "listen_port" | "fwmark" | "public_key">;

function readOfPeer(peer: PeerDraft, field: PeerField, value: Span): boolean {
  switch (field) {
    case "preshared_key":
      return readPresharedKey(peer, value);
    case "endpoint":
      peer.endpoint = readEndpoint(value);
      return peer.endpoint !== undefined;
    case "allowed_ip": {
      const prefix = readPrefix(value);
      if (prefix !== undefined) peer.allowedPrefixes.push(prefix);
      return prefix !== undefined;
    }
    case "persistent_keepalive_interval": {
      const interval = readWhole(value, 0xffff);
      peer.keepalive = interval === undefined || interval === 0 ? undefined : millis(interval * 1_000);
      return interval !== undefined;
    }
    default:
      return readCount(peer, field, readWhole(value, Number.MAX_SAFE_INTEGER));
  }
}

function readPresharedKey(peer: PeerDraft, value: Span): boolean {
  const key = readKey(value);
  peer.presharedKey?.erase();
  peer.presharedKey = key === undefined || isZero(key) ? undefined : new SecretBytes(key);
  return key !== undefined;
}

type CountField = Exclude<PeerField, "preshared_key" | "endpoint" | "allowed_ip" | "persistent_keepalive_interval">;

function readCount(peer: PeerDraft, field: CountField, count: number | undefined): boolean {
  if (count === undefined) return false;
  switch (field) {
    case "tx_bytes":
      peer.sent = bytes(count);
      break;
    case "rx_bytes":
      peer.received = bytes(count);
      break;
    // The two are one time, and 0 is none.
    case "last_handshake_time_sec":
      if (count > 0) peer.lastHandshake = (peer.lastHandshake ?? 0) + count * 1_000;
      break;
    case "last_handshake_time_nsec":
      if (count > 0) peer.lastHandshake = (peer.lastHandshake ?? 0) + Math.floor(count / 1_000_000);
      break;
  }
  return true;
}

function isZero(key: Uint8Array): boolean {
  return key.every((octet) => octet === 0);
}
