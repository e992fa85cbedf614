/**
 * Requests of the cross-platform userspace protocol, as octets: keys are written as hexadecimal digits without ever being a text,
 * so that the request can be erased. Source: https://www.wireguard.com/xplatform/
 */
import { formatPrefix, type Prefix } from "@ropewalk/kernel/addresses";
import { InternalError } from "@ropewalk/kernel/errors";
import { formatHostPort } from "@ropewalk/kernel/host-port";
import type { SecretBytes } from "@ropewalk/kernel/secret-bytes";
import type { Millis } from "@ropewalk/kernel/units";
import type { PeerChange, PeerEndpoint, PeerValues, WantedPeer, WireGuardSettings } from "../device.ts";
import { type WireGuardPublicKey, wireGuardKeyLength, wireGuardPublicKeyBytes } from "../public-key.ts";
import { secretKeyOctets } from "./key-octets.ts";

/** Octets are written as hexadecimal digits. */
type Line = readonly [field: string, value: string | number | Uint8Array];

const noKey = new Uint8Array(wireGuardKeyLength);
const encoder = new TextEncoder();

/** `get=1`: the answer is all of the device. */
export function encodeGet(): Uint8Array {
  return encodeLines([["get", 1]]);
}

/** Throws HOST_WIREGUARD_KEY. */
export function encodeSettings({ privateKey, listenPort, fwmark }: WireGuardSettings): Uint8Array {
  const lines: Line[] = [["set", 1]];
  if (privateKey !== undefined) lines.push(["private_key", secretKeyOctets(privateKey, "a private key")]);
  if (listenPort !== undefined) lines.push(["listen_port", whole(listenPort, 0xffff, "a port")]);
  if (fwmark !== undefined) lines.push(["fwmark", whole(fwmark, 0xffff_ffff, "a firewall mark")]);
  return encodeLines(lines);
}

/** One stanza for each change, in their order. Throws HOST_WIREGUARD_KEY. */
export function encodeChanges(changes: readonly PeerChange[]): Uint8Array {
  return encodeLines([["set", 1], ...changes.flatMap(stanza)]);
}

function stanza(change: PeerChange): readonly Line[] {
  switch (change.kind) {
    case "add":
      return [publicKeyLine(change.peer.publicKey), ...valueLines(allValues(change.peer))];
    case "update":
      return [publicKeyLine(change.publicKey), ["update_only", "true"], ...valueLines(change.values)];
    case "remove":
      return [publicKeyLine(change.publicKey), ["remove", "true"]];
  }
}

function allValues({ presharedKey, allowedPrefixes, keepalive, endpoint }: WantedPeer): PeerValues {
  return {
    presharedKey: presharedKey ?? null,
    prefixes: { kind: "replace", prefixes: allowedPrefixes },
    keepalive: keepalive ?? null,
    ...(endpoint === undefined ? {} : { endpoint }),
  };
}

function valueLines({ presharedKey, endpoint, keepalive, prefixes }: PeerValues): readonly Line[] {
  const lines: Line[] = [];
  if (presharedKey !== undefined) lines.push(["preshared_key", presharedKeyOctets(presharedKey)]);
  if (endpoint !== undefined) lines.push(["endpoint", endpointText(endpoint)]);
  if (keepalive !== undefined) lines.push(["persistent_keepalive_interval", keepaliveSeconds(keepalive)]);
  if (prefixes?.kind === "replace") lines.push(["replace_allowed_ips", "true"]);
  for (const prefix of prefixes?.prefixes ?? []) lines.push(["allowed_ip", prefixText(prefix)]);
  return lines;
}

function publicKeyLine(key: WireGuardPublicKey): Line {
  return ["public_key", wireGuardPublicKeyBytes(key)];
}

function presharedKeyOctets(key: SecretBytes | null): Uint8Array {
  return key === null ? noKey : secretKeyOctets(key, "a preshared key");
}

function endpointText({ address, port }: PeerEndpoint): string {
  return formatHostPort({ host: address, port: whole(port, 0xffff, "a port") });
}

function prefixText(prefix: Prefix): string {
  whole(prefix.length, prefix.address.includes(":") ? 128 : 32, "the length of a prefix");
  return formatPrefix(prefix);
}

function keepaliveSeconds(keepalive: Millis | null): number {
  return keepalive === null ? 0 : whole(keepalive / 1_000, 0xffff, "a keepalive in seconds");
}

function whole(value: number, most: number, what: string): number {
  if (!Number.isInteger(value) || value < 0 || value > most) throw new InternalError(`${value} is not ${what}`);
  return value;
}

/** With the empty line that ends a request. */
function encodeLines(lines: readonly Line[]): Uint8Array {
  const texts = lines.map(([field, value]) => ({ head: `${field}=`, value: isOctets(value) ? value : String(value) }));
  const lengths = texts.map(({ head, value }) => head.length + (isOctets(value) ? value.length * 2 : value.length) + 1);
  const request = new Uint8Array(lengths.reduce((sum, length) => sum + length, 1));
  let at = 0;
  for (const { head, value } of texts) {
    at += encoder.encodeInto(head, request.subarray(at)).written;
    at = isOctets(value) ? writeHex(request, at, value) : at + encoder.encodeInto(value, request.subarray(at)).written;
    request[at] = newline;
    at += 1;
  }
  request[at] = newline;
  return request;
}

const newline = 0x0a;

function isOctets(value: Line[1]): value is Uint8Array {
  return typeof value === "object";
}

function writeHex(target: Uint8Array, start: number, octets: Uint8Array): number {
  let at = start;
  for (const octet of octets) {
    target[at] = hexDigit(octet >> 4);
    target[at + 1] = hexDigit(octet & 0x0f);
    at += 2;
  }
  return at;
}

function hexDigit(value: number): number {
  return value < 10 ? 0x30 + value : 0x57 + value;
}
