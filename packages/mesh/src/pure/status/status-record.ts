/**
 * How a node says that it is, for the entry that it cannot reach: octets of one length, whatever they say. There is one way to write each
 * record, and nothing else is read.
 *
 *     0          32         36            40        44           48      49        50              52
 *     +----------+----------+-------------+---------+------------+-------+---------+---------------+
 *     | key (32) | epoch(4) | sequence(4) | made(4) | running(4) | kind  | online  | neighbours(2) |
 *     +----------+----------+-------------+---------+------------+-------+---------+---------------+
 *     52         56             60         64          68           72              88
 *     +----------+--------------+----------+-----------+------------+---------------+
 *     | known(4) | reachable(4) | inbox(4) | outbox(4) | custody(4) | version (16)  |
 *     +----------+--------------+----------+-----------+------------+---------------+
 *
 * Source: docs/protocols/mesh-status.md.
 */
import { readU16, readU32, writeU16, writeU32 } from "@ropewalk/kernel/big-endian";
import { InternalError } from "@ropewalk/kernel/errors";
import { type Millis, seconds } from "@ropewalk/kernel/units";
import { firstSecond } from "../messages/wire/plaintext.ts";
import type { Freshness } from "../wire/announce.ts";
import { type NodeKind, nodeKinds, type OnlineState, onlineStates } from "../wire/link-frame.ts";

export interface StatusFacts {
  /** By the node's clock: seconds since 1970; who has no clock says 2020-01-01. */
  readonly made: number;
  readonly runningFor: Millis;
  readonly kind: NodeKind;
  readonly online: OnlineState;
  readonly neighbours: number;
  /** Nodes that it knows of, and those of them that it can reach. */
  readonly known: number;
  readonly reachable: number;
  /** Messages that no application has taken, own ones that are not delivered, and envelopes that are kept for others. */
  readonly inbox: number;
  readonly outbox: number;
  readonly custody: number;
  /** Of the program: 16 characters of printable ASCII at most. */
  readonly version: string;
}

/** Of one node, the one with the newest number counts. */
export interface StatusRecord extends StatusFacts, Freshness {
  /** Whose it is: 32 octets, Ed25519. */
  readonly key: Uint8Array;
}

export const statusRecordLength = 88;

const versionAt = 72;
const versionLength = statusRecordLength - versionAt;
const keyLength = 32;
const numberFields = ["known", "reachable", "inbox", "outbox", "custody"] as const;
const firstNumberAt = 52;
const greatest = 0xffff_ffff;

/** 88 octets. Figures beyond their field are told as the greatest; a version is cut off. Throws InternalError for a key that is none. */
export function encodeStatus(record: StatusRecord): Uint8Array {
  if (record.key.length !== keyLength) throw new InternalError(`a key has 32 octets, not ${record.key.length}`);
  const octets = new Uint8Array(statusRecordLength);
  octets.set(record.key);
  writeU32(octets, 32, record.epoch);
  writeU32(octets, 36, record.sequence);
  writeU32(octets, 40, figure(record.made - firstSecond));
  writeU32(octets, 44, figure(record.runningFor / 1000));
  octets.set([nodeKinds[record.kind], onlineStates[record.online]], 48);
  writeU16(octets, 50, Math.min(0xffff, figure(record.neighbours)));
  for (const [index, name] of numberFields.entries()) writeU32(octets, firstNumberAt + 4 * index, figure(record[name]));
  const version = [...record.version].filter(isPrintable).slice(0, versionLength);
  octets.set(
    version.map((character) => character.charCodeAt(0)),
    versionAt,
  );
  return octets;
}

/** In octets of its own. Undefined: they are none. Never throws. */
export function decodeStatus(octets: Uint8Array): StatusRecord | undefined {
  if (octets.length !== statusRecordLength) return undefined;
  const [kind, online] = [nameOf(nodeKinds, octets[48]), nameOf(onlineStates, octets[49])];
  const version = versionOf(octets.subarray(versionAt));
  if (kind === undefined || online === undefined || version === undefined) return undefined;
  const [known = 0, reachable = 0, inbox = 0, outbox = 0, custody = 0] = numberFields.map((_, index) =>
    readU32(octets, firstNumberAt + 4 * index),
  );
  return {
    key: octets.slice(0, keyLength),
    ...{ epoch: readU32(octets, 32), sequence: readU32(octets, 36), made: firstSecond + readU32(octets, 40) },
    ...{ runningFor: seconds(readU32(octets, 44)), kind, online, neighbours: readU16(octets, 50) },
    ...{ known, reachable, inbox, outbox, custody, version },
  };
}

/** Undefined: something other than zeros follows what can be read. */
function versionOf(octets: Uint8Array): string | undefined {
  const text = String.fromCharCode(...octets).replace(/\0+$/, "");
  return [...text].every(isPrintable) ? text : undefined;
}

function isPrintable(character: string): boolean {
  return /^[\x21-\x7e]$/.test(character);
}

function nameOf<Name extends string>(
  codes: Readonly<Record<Name, number>>,
  code: number | undefined,
): Name | undefined {
  return (Object.keys(codes) as Name[]).find((name) => codes[name] === code);
}

function figure(value: number): number {
  return Math.min(greatest, Math.max(0, Math.floor(value)));
}
