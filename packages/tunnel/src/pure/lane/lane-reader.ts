/**
 * The octets of a lane as they come, cut into records and opened. It is read into directly, and whoever reads asks for no more of a
 * large record than is missing, so that no large record is ever moved: what lies behind one is a header at most.
 */
import { readU32 } from "@ropewalk/kernel/big-endian";
import { mostPlaintext, recordHeaderLength, recordTagLength } from "./record.ts";
import type { Opened, RecordOpener } from "./record-opener.ts";

/** What is kept for a lane on which little happens: as many small records as come at once. */
const leastRoom = 65_536;
const growth = 262_144;

export class LaneReader {
  readonly #opener: RecordOpener;
  #buffer: Uint8Array = new Uint8Array(leastRoom);
  /** What was read and not opened yet: from here to there. */
  #start = 0;
  #end = 0;
  #isOver = false;

  constructor(opener: RecordOpener) {
    this.#opener = opener;
  }

  /** Where the next octets go: one at least. Good until the next call of anything here. */
  room(): Uint8Array {
    // The next record's header comes with the end of this one, and tells how much to ask for then.
    const wanted = Math.max(this.#missing() + recordHeaderLength, leastRoom - this.#have);
    this.#makeRoom(wanted);
    return this.#buffer.subarray(this.#end, this.#end + wanted);
  }

  /** So many octets are in the beginning of what `room` gave. */
  filled(length: number): void {
    this.#end += length;
  }

  /** What somebody else has read: such as came behind a welcome. */
  take(octets: Uint8Array): void {
    this.#makeRoom(octets.length);
    this.#buffer.set(octets, this.#end);
    this.filled(octets.length);
  }

  /** The next record, if it is whole. After one that is broken or malformed there is none. */
  next(): Opened | undefined {
    const have = this.#have;
    if (this.#isOver || have < recordHeaderLength) return undefined;
    const length = readU32(this.#buffer, this.#start);
    if (!isLengthAllowed(length)) return this.#over("broken");
    if (have < recordHeaderLength + length) return undefined;
    const body = this.#start + recordHeaderLength;
    const [head, sealed] = [this.#buffer.subarray(this.#start, body), this.#buffer.subarray(body, body + length)];
    this.#start = body + length;
    const opened = this.#opener.open(head, sealed);
    return typeof opened === "string" ? this.#over(opened) : opened;
  }

  /** Lets go of what a large record needed, when there has been none for a while. */
  shrink(): void {
    const needed = this.#have + this.#missing();
    if (this.#buffer.length > leastRoom && needed <= leastRoom) this.#moveTo(new Uint8Array(leastRoom));
  }

  get #have(): number {
    return this.#end - this.#start;
  }

  /** Of the record that has begun. */
  #missing(): number {
    if (this.#have < recordHeaderLength) return 0;
    const length = readU32(this.#buffer, this.#start);
    return isLengthAllowed(length) ? Math.max(0, recordHeaderLength + length - this.#have) : 0;
  }

  #makeRoom(length: number): void {
    if (this.#have > 0 && this.#buffer.length - this.#end >= length) return;
    const needed = this.#have + length;
    // In steps, so that records which grow by little do not each have a new one.
    const isEnough = needed <= this.#buffer.length;
    this.#moveTo(isEnough ? this.#buffer : new Uint8Array(Math.ceil(needed / growth) * growth));
  }

  #moveTo(buffer: Uint8Array): void {
    const have = this.#buffer.subarray(this.#start, this.#end);
    buffer.set(have);
    [this.#buffer, this.#start, this.#end] = [buffer, 0, have.length];
  }

  #over(how: "broken" | "malformed"): Opened {
    this.#isOver = true;
    return how;
  }
}

function isLengthAllowed(length: number): boolean {
  return length > recordTagLength && length <= mostPlaintext + recordTagLength;
}
