/**
 * Attributes within attributes, written one behind another into one array: what holds keys is then in one place, and is erased there.
 * Source: linux/netlink.h, struct nlattr.
 */
import { InternalError } from "@ropewalk/kernel/errors";
import { attributeHeaderLength } from "./attributes.ts";
import { writeU16, writeU32 } from "./integers.ts";
import { align4 } from "./message.ts";

const NLA_F_NESTED = 0x8000;
/** No attribute can be longer than its length's sixteen bits say. */
const mostOctets = 0xffff;

export class NestedWriter implements Disposable {
  readonly #octets = new Uint8Array(mostOctets + 1);
  #at = 0;

  octets(type: number, value: Uint8Array): this {
    const start = this.#begin(type, value.length);
    this.#octets.set(value, start + attributeHeaderLength);
    return this;
  }

  u8(type: number, value: number): this {
    return this.octets(type, Uint8Array.of(value));
  }

  u16(type: number, value: number): this {
    writeU16(this.#octets, this.#begin(type, 2) + attributeHeaderLength, value);
    return this;
  }

  u32(type: number, value: number): this {
    writeU32(this.#octets, this.#begin(type, 4) + attributeHeaderLength, value);
    return this;
  }

  nested(type: number, write: () => void): this {
    const start = this.#begin(type | NLA_F_NESTED, 0);
    write();
    writeU16(this.#octets, start, this.#at - start);
    return this;
  }

  /** A view: valid until this is disposed of, and erased then. */
  get written(): Uint8Array {
    return this.#octets.subarray(0, this.#at);
  }

  [Symbol.dispose](): void {
    this.#octets.fill(0, 0, this.#at);
    this.#at = 0;
  }

  #begin(type: number, length: number): number {
    const start = this.#at;
    const end = start + align4(attributeHeaderLength + length);
    if (end > mostOctets) throw new InternalError("a netlink request was given more than it can hold");
    writeU16(this.#octets, start, attributeHeaderLength + length);
    writeU16(this.#octets, start + 2, type);
    this.#at = end;
    return start;
  }
}
