/**
 * How far epochs and sequences are set aside, on the disk before any of them is used: what a node that was killed at any point goes on
 * behind. Two places of 32 octets are written by turns, so that a write that was cut short leaves the one before it; the first write
 * fills both, so that a place that is empty beside one that is not has lost what it held.
 *
 *     "RWSQ" (4) | version (1) = 1 | zeros (3) | epoch (4) | sequence (4) | SHA-256 of the 16 octets before, its first 16
 *
 * A start goes on where the last block ends, in the same epoch. Where the file is lost, or a place of it is damaged, an epoch that
 * cannot have been used is begun: that of the clock's seconds, and always above the one that is still there. If the clock was wrong,
 * neighbours that remember more show the node its own announce, and it goes beyond that.
 */
import { createHash } from "node:crypto";
import { closeSync, constants, fdatasyncSync, fstatSync, fsyncSync, openSync, readSync, writeSync } from "node:fs";
import { dirname } from "node:path";
import { joined } from "@ropewalk/kernel/bytes";
import { describeError, InternalError } from "@ropewalk/kernel/errors";
import { MeshError } from "../errors.ts";
import type { SequenceMark } from "../pure/mesh-output.ts";

const magic = [0x52, 0x57, 0x53, 0x51, 1, 0, 0, 0];
const checkedLength = 16;
const placeLength = 32;
const greatest = 0xffff_ffff;

/** How the mark was come by, for the log. */
export type SequenceStart = "new" | "kept" | "damaged";

type Place =
  | { readonly kind: "empty" }
  | { readonly kind: "damaged" }
  | { readonly kind: "good"; readonly mark: SequenceMark };

export class SequenceFile implements Disposable {
  readonly start: SequenceStart;
  readonly #path: string;
  readonly #fd: number;
  #mark: SequenceMark;
  /** Which place is written next, never that of the newest mark; at first both. */
  #next: 0 | 1 | "both";

  /** `wall`: milliseconds since 1970. Throws MESH_SEQUENCE where the file cannot be made or read. */
  static open(path: string, wall: number): SequenceFile {
    return telling(path, () => {
      const fd = openSync(path, constants.O_RDWR | constants.O_CREAT | constants.O_NOFOLLOW, 0o600);
      try {
        if (!fstatSync(fd).isFile()) throw new Error("it is no regular file");
        syncFolder(dirname(path));
        return new SequenceFile(path, fd, readPlaces(fd), wall);
      } catch (error) {
        closeSync(fd);
        throw error;
      }
    });
  }

  private constructor(path: string, fd: number, places: readonly [Place, Place], wall: number) {
    this.#path = path;
    this.#fd = fd;
    const marks = places.map((place) => (place.kind === "good" ? place.mark : undefined));
    const newest = marks.reduce((one, other) => (other !== undefined && isBehind(one, other) ? other : one), undefined);
    const isNew = places.every(({ kind }) => kind === "empty");
    const isDamaged = !isNew && places.some(({ kind }) => kind !== "good");
    this.start = isNew ? "new" : isDamaged ? "damaged" : "kept";
    this.#mark = newest !== undefined && !isDamaged ? newest : freshMark(newest, wall);
    this.#next = isNew ? "both" : newest !== undefined && newest === marks[0] ? 1 : 0;
  }

  /** Where to go on: no sequence from here on was ever used. */
  get mark(): SequenceMark {
    return this.#mark;
  }

  /** On the disk when it returns. Throws MESH_SEQUENCE, and then nothing of what was to be set aside may be used. */
  keep(mark: SequenceMark): void {
    if (isBehind(mark, this.#mark))
      throw new InternalError("a sequence that may have been used was to be set aside again");
    telling(this.#path, () => {
      const place = encodePlace(mark);
      const octets = this.#next === "both" ? joined(place, place) : place;
      if (writeSync(this.#fd, octets, 0, octets.length, this.#next === 1 ? placeLength : 0) !== octets.length)
        throw new Error("no room for it");
      fdatasyncSync(this.#fd);
    });
    this.#mark = mark;
    this.#next = this.#next === 1 ? 0 : 1;
  }

  [Symbol.dispose](): void {
    closeSync(this.#fd);
  }
}

function isBehind(one: SequenceMark | undefined, other: SequenceMark): boolean {
  if (one === undefined || one.epoch !== other.epoch) return one === undefined || one.epoch < other.epoch;
  return one.sequence < other.sequence;
}

/** The beginning of an epoch above all that is known to have been used. */
function freshMark(known: SequenceMark | undefined, wall: number): SequenceMark {
  const epoch = Math.max(1, (known?.epoch ?? 0) + 1, Math.floor(wall / 1000));
  return { epoch: Math.min(greatest, epoch), sequence: 0 };
}

function encodePlace({ epoch, sequence }: SequenceMark): Uint8Array {
  const checked = new Uint8Array(checkedLength);
  checked.set(magic);
  const view = new DataView(checked.buffer);
  view.setUint32(8, epoch);
  view.setUint32(12, sequence);
  return joined(checked, checksum(checked));
}

function readPlaces(fd: number): readonly [Place, Place] {
  const octets = new Uint8Array(2 * placeLength);
  let length = 0;
  for (let read = -1; read !== 0 && length < octets.length; length += read)
    read = readSync(fd, octets, length, octets.length - length, length);
  return [decodePlace(octets.subarray(0, placeLength)), decodePlace(octets.subarray(placeLength))];
}

function decodePlace(octets: Uint8Array): Place {
  if (octets.every((octet) => octet === 0)) return { kind: "empty" };
  const view = new DataView(octets.buffer, octets.byteOffset, octets.byteLength);
  const mark = { epoch: view.getUint32(8), sequence: view.getUint32(12) };
  return encodePlace(mark).every((octet, index) => octet === octets[index])
    ? { kind: "good", mark }
    : { kind: "damaged" };
}

function checksum(octets: Uint8Array): Uint8Array {
  return createHash("sha256")
    .update(octets)
    .digest()
    .subarray(0, placeLength - checkedLength);
}

/** A new name is on the disk only with its folder. */
function syncFolder(folder: string): void {
  const fd = openSync(folder, constants.O_RDONLY | constants.O_DIRECTORY);
  try {
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}

function telling<T>(path: string, act: () => T): T {
  try {
    return act();
  } catch (cause) {
    throw new MeshError(
      "MESH_SEQUENCE",
      `${path}: sequences cannot be set aside there, and without that no announce may be made; its folder must exist, be writable and have room: ${describeError(cause)}`,
      { cause },
    );
  }
}
