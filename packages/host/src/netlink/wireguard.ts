/**
 * WireGuard devices of the kernel. Source: linux/wireguard.h.
 *
 *   device       { name, private key, public key, flags u32, port u16, mark u32, peers [ { peer }, … ] }
 *   peer         { public key, preshared key, flags u32, endpoint, keepalive u16, handshake, received u64, sent u64, allowed [ { prefix }, … ] }
 *   prefix       { family u16, address, length u8 }
 *   endpoint     sockaddr_in or sockaddr_in6
 *
 * A list of peers that does not fit into one message goes on in the next, and so does one peer's list of prefixes.
 */
import { familyOf, ipAddressBytes, ipAddressFromBytes, type Prefix } from "@ropewalk/kernel/addresses";
import { SecretBytes } from "@ropewalk/kernel/secret-bytes";
import { type Bytes, bytes, type Millis, millis } from "@ropewalk/kernel/units";
import type { PeerChange, PeerEndpoint, PeerValues, WireGuardSettings } from "../wireguard/device.ts";
import {
  type WireGuardPublicKey,
  wireGuardKeyLength,
  wireGuardPublicKeyBytes,
  wireGuardPublicKeyFromBytes,
} from "../wireguard/public-key.ts";
import { secretKeyOctets } from "../wireguard/pure/key-octets.ts";
import { type Attributes, attributeHeaderLength, attributeU8, attributeU32, readAttributes } from "./attributes.ts";
import { familyOfNumber, prefixOf } from "./families.ts";
import { encodeName, genericHeader, genericHeaderLength } from "./generic.ts";
import { readU16, readU64, writeU16 } from "./integers.ts";
import { type Malformed, malformed } from "./malformed.ts";
import { align4, NLM_F } from "./message.ts";
import type { NestedWriter } from "./nested-writer.ts";
import { encodeAttribute, encodeRequest } from "./request.ts";

export const wireGuardFamily = "wireguard";
const version = 1;
const WG_CMD = { GET_DEVICE: 0, SET_DEVICE: 1 } as const;
const WGDEVICE_A = { IFNAME: 2, PRIVATE_KEY: 3, PUBLIC_KEY: 4, LISTEN_PORT: 6, FWMARK: 7, PEERS: 8 } as const;
const WGPEER_A = {
  PUBLIC_KEY: 1,
  PRESHARED_KEY: 2,
  FLAGS: 3,
  ENDPOINT: 4,
  KEEPALIVE: 5,
  LAST_HANDSHAKE: 6,
  RX_BYTES: 7,
  TX_BYTES: 8,
  ALLOWED_IPS: 9,
} as const;
const WGPEER_F = { REMOVE_ME: 1, REPLACE_ALLOWED_IPS: 2, UPDATE_ONLY: 4 } as const;
const WGALLOWEDIP_A = { FAMILY: 1, ADDRESS: 2, LENGTH: 3 } as const;
const familyNumbers = { ipv4: 2, ipv6: 10 } as const;
const addressLengths = { ipv4: 16, ipv6: 28 } as const;
/** In a sockaddr: behind family, port and, with IPv6, the label of the flow. */
const addressOffsets = { ipv4: 4, ipv6: 8 } as const;
const noKey = new Uint8Array(wireGuardKeyLength);

/** The answer ends with NLMSG_DONE; ENODEV: there is no such link, EOPNOTSUPP: it is another kind of link. */
export function encodeDeviceDump(family: number, name: string, sequence: number): Uint8Array {
  const header = genericHeader(WG_CMD.GET_DEVICE, version);
  return encodeRequest(family, NLM_F.DUMP | NLM_F.ACK, sequence, header, [nameAttribute(name)]);
}

/** The caller disposes of the writer, and erases what this returns: both hold keys. Throws HOST_WIREGUARD_KEY. */
export function encodeDeviceSettings(
  { family, name, writer }: SetTarget,
  { privateKey, listenPort, fwmark }: WireGuardSettings,
  sequence: number,
): Uint8Array {
  if (privateKey !== undefined) writer.octets(WGDEVICE_A.PRIVATE_KEY, secretKeyOctets(privateKey, "a private key"));
  if (listenPort !== undefined) writer.u16(WGDEVICE_A.LISTEN_PORT, listenPort);
  if (fwmark !== undefined) writer.u32(WGDEVICE_A.FWMARK, fwmark);
  return encodeSet(family, name, writer, sequence);
}

export interface SetTarget {
  readonly family: number;
  readonly name: string;
  /** Empty. */
  readonly writer: NestedWriter;
}

/** In their order. The caller disposes of the writer, and erases what this returns: both hold keys. Throws HOST_WIREGUARD_KEY. */
export function encodePeerChanges(
  { family, name, writer }: SetTarget,
  changes: readonly PeerChange[],
  sequence: number,
): Uint8Array {
  writer.nested(WGDEVICE_A.PEERS, () => {
    for (const change of changes) writer.nested(0, () => writePeer(writer, change));
  });
  return encodeSet(family, name, writer, sequence);
}

function encodeSet(family: number, name: string, { written }: NestedWriter, sequence: number): Uint8Array {
  const header = genericHeader(WG_CMD.SET_DEVICE, version);
  return encodeRequest(family, NLM_F.ACK, sequence, header, [nameAttribute(name), written]);
}

function nameAttribute(name: string): Uint8Array {
  return encodeAttribute(WGDEVICE_A.IFNAME, encodeName(name));
}

function writePeer(writer: NestedWriter, change: PeerChange): void {
  switch (change.kind) {
    case "remove":
      writer.octets(WGPEER_A.PUBLIC_KEY, wireGuardPublicKeyBytes(change.publicKey));
      writer.u32(WGPEER_A.FLAGS, WGPEER_F.REMOVE_ME);
      break;
    case "update":
      writer.octets(WGPEER_A.PUBLIC_KEY, wireGuardPublicKeyBytes(change.publicKey));
      writeValues(writer, change.values, WGPEER_F.UPDATE_ONLY);
      break;
    case "add": {
      const { publicKey, presharedKey, allowedPrefixes, keepalive, endpoint } = change.peer;
      writer.octets(WGPEER_A.PUBLIC_KEY, wireGuardPublicKeyBytes(publicKey));
      const prefixes = { kind: "replace", prefixes: allowedPrefixes } as const;
      const values = { presharedKey: presharedKey ?? null, keepalive: keepalive ?? null, prefixes };
      writeValues(writer, endpoint === undefined ? values : { ...values, endpoint }, 0);
      break;
    }
  }
}

function writeValues(
  writer: NestedWriter,
  { presharedKey, endpoint, keepalive, prefixes }: PeerValues,
  flags: number,
): void {
  writer.u32(WGPEER_A.FLAGS, flags | (prefixes?.kind === "replace" ? WGPEER_F.REPLACE_ALLOWED_IPS : 0));
  if (presharedKey !== undefined) {
    const octets = presharedKey === null ? noKey : secretKeyOctets(presharedKey, "a preshared key");
    writer.octets(WGPEER_A.PRESHARED_KEY, octets);
  }
  if (endpoint !== undefined) writer.octets(WGPEER_A.ENDPOINT, encodeEndpoint(endpoint));
  if (keepalive !== undefined) writer.u16(WGPEER_A.KEEPALIVE, keepalive === null ? 0 : keepalive / 1_000);
  if (prefixes !== undefined && prefixes.prefixes.length > 0) {
    writer.nested(WGPEER_A.ALLOWED_IPS, () => {
      for (const prefix of prefixes.prefixes) writer.nested(0, () => writePrefix(writer, prefix));
    });
  }
}

function writePrefix(writer: NestedWriter, { address, length }: Prefix): void {
  writer.u16(WGALLOWEDIP_A.FAMILY, familyNumbers[familyOf(address)]);
  writer.octets(WGALLOWEDIP_A.ADDRESS, ipAddressBytes(address)).u8(WGALLOWEDIP_A.LENGTH, length);
}

function encodeEndpoint({ address, port }: PeerEndpoint): Uint8Array {
  const family = familyOf(address);
  const octets = new Uint8Array(addressLengths[family]);
  writeU16(octets, 0, familyNumbers[family]);
  new DataView(octets.buffer).setUint16(2, port);
  octets.set(ipAddressBytes(address), addressOffsets[family]);
  return octets;
}

/** What one message of a dump tells. The private key is passed over; who reads erases the buffer. */
export interface DevicePart {
  readonly publicKey: WireGuardPublicKey | undefined;
  readonly listenPort: number | undefined;
  readonly fwmark: number | undefined;
  readonly peers: readonly PeerPart[];
}

/** Of a peer that goes on in this message only its key and prefixes are meant. */
interface PeerPart {
  readonly publicKey: WireGuardPublicKey;
  readonly presharedKey: SecretBytes | undefined;
  readonly endpoint: PeerEndpoint | undefined;
  readonly keepalive: Millis | undefined;
  readonly lastHandshake: number | undefined;
  readonly received: Bytes;
  readonly sent: Bytes;
  readonly allowedPrefixes: readonly Prefix[];
}

export function decodeDevicePart(payload: Uint8Array): DevicePart | Malformed {
  const attributes = readAttributes(payload.subarray(genericHeaderLength));
  if (attributes === undefined) return malformed("a WireGuard device whose attributes do not fit");
  const peers: PeerPart[] = [];
  for (const nested of listed(attributes.get(WGDEVICE_A.PEERS))) {
    const peer = decodePeer(nested);
    if (peer === undefined) return malformed("a WireGuard peer whose attributes do not fit");
    peers.push(peer);
  }
  const publicKey = attributes.get(WGDEVICE_A.PUBLIC_KEY);
  return {
    publicKey: publicKey?.length === wireGuardKeyLength ? wireGuardPublicKeyFromBytes(publicKey) : undefined,
    listenPort: attributeU16(attributes, WGDEVICE_A.LISTEN_PORT),
    fwmark: attributeU32(attributes, WGDEVICE_A.FWMARK),
    peers,
  };
}

/** The attributes of each item of a list, whose own types mean nothing; one that does not fit ends it, and is undefined. */
function* listed(list: Uint8Array | undefined): Generator<Attributes | undefined> {
  if (list === undefined) return;
  for (let at = 0; list.length - at >= attributeHeaderLength; ) {
    const length = readU16(list, at) ?? 0;
    if (length < attributeHeaderLength || length > list.length - at) return yield undefined;
    yield readAttributes(list.subarray(at + attributeHeaderLength, at + length));
    at += align4(length);
  }
}

function decodePeer(attributes: Attributes | undefined): PeerPart | undefined {
  const publicKey = attributes?.get(WGPEER_A.PUBLIC_KEY);
  if (attributes === undefined || publicKey?.length !== wireGuardKeyLength) return undefined;
  const allowedPrefixes: Prefix[] = [];
  for (const nested of listed(attributes.get(WGPEER_A.ALLOWED_IPS))) {
    const prefix = nested && decodePrefix(nested);
    if (prefix === undefined) return undefined;
    allowedPrefixes.push(prefix);
  }
  const keepalive = attributeU16(attributes, WGPEER_A.KEEPALIVE) ?? 0;
  return {
    publicKey: wireGuardPublicKeyFromBytes(publicKey),
    presharedKey: secretIn(attributes.get(WGPEER_A.PRESHARED_KEY)),
    endpoint: decodeEndpoint(attributes.get(WGPEER_A.ENDPOINT)),
    keepalive: keepalive === 0 ? undefined : millis(keepalive * 1_000),
    lastHandshake: decodeHandshake(attributes.get(WGPEER_A.LAST_HANDSHAKE)),
    received: bytes(attributeU64(attributes, WGPEER_A.RX_BYTES) ?? 0),
    sent: bytes(attributeU64(attributes, WGPEER_A.TX_BYTES) ?? 0),
    allowedPrefixes,
  };
}

function decodePrefix(attributes: Attributes): Prefix | undefined {
  const family = familyOfNumber(attributeU16(attributes, WGALLOWEDIP_A.FAMILY));
  const [address, length] = [attributes.get(WGALLOWEDIP_A.ADDRESS), attributeU8(attributes, WGALLOWEDIP_A.LENGTH)];
  return family === undefined || length === undefined ? undefined : prefixOf(family, address, length);
}

/** Undefined for zeros, which are no key. */
function secretIn(octets: Uint8Array | undefined): SecretBytes | undefined {
  const isNone = octets?.length !== wireGuardKeyLength || octets.every((octet) => octet === 0);
  return isNone ? undefined : new SecretBytes(octets.slice());
}

function decodeEndpoint(octets: Uint8Array | undefined): PeerEndpoint | undefined {
  const family = octets && familyOfNumber(readU16(octets, 0));
  if (octets === undefined || family === undefined || octets.length < addressLengths[family]) return undefined;
  const start = addressOffsets[family];
  const address = ipAddressFromBytes(octets.subarray(start, start + (family === "ipv4" ? 4 : 16)));
  const port = new DataView(octets.buffer, octets.byteOffset).getUint16(2);
  return address === undefined ? undefined : { address, port };
}

/** struct __kernel_timespec: seconds, nanoseconds, 64 bits each; zero before the first. */
function decodeHandshake(octets: Uint8Array | undefined): number | undefined {
  const [whole, nanos] = octets === undefined ? [] : [readU64(octets, 0), readU64(octets, 8)];
  if (whole === undefined || nanos === undefined || (whole === 0 && nanos === 0)) return undefined;
  return whole * 1_000 + Math.floor(nanos / 1_000_000);
}

function attributeU16(attributes: Attributes, type: number): number | undefined {
  const value = attributes.get(type);
  return value && readU16(value, 0);
}

function attributeU64(attributes: Attributes, type: number): number | undefined {
  const value = attributes.get(type);
  return value && readU64(value, 0);
}
