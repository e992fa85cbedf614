/** Bytes that somebody else wrote, read within bounds; and bytes put together. */

/** The parts as they are, one behind the other. */
export function joined(...parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let offset = 0;
  for (const part of parts) {
    whole.set(part, offset);
    offset += part.length;
  }
  return whole;
}

/** A bounded reader. Past the end it gives `undefined`, never a throw: the decoder decides what a short message means. */
export class ByteReader {
  readonly #view: DataView;
  readonly #bytes: Uint8Array;
  readonly #littleEndian: boolean;
  #offset = 0;

  constructor(source: Uint8Array, options: { readonly littleEndian: boolean }) {
    this.#bytes = source;
    this.#view = new DataView(source.buffer, source.byteOffset, source.byteLength);
    this.#littleEndian = options.littleEndian;
  }

  get remaining(): number {
    return this.#bytes.length - this.#offset;
  }

  u8(): number | undefined {
    return this.#take(1, (at) => this.#view.getUint8(at));
  }

  u16(): number | undefined {
    return this.#take(2, (at) => this.#view.getUint16(at, this.#littleEndian));
  }

  u32(): number | undefined {
    return this.#take(4, (at) => this.#view.getUint32(at, this.#littleEndian));
  }

  i32(): number | undefined {
    return this.#take(4, (at) => this.#view.getInt32(at, this.#littleEndian));
  }

  u64(): bigint | undefined {
    return this.#take(8, (at) => this.#view.getBigUint64(at, this.#littleEndian));
  }

  /** A view of the next `length` octets; it shares memory with the source. */
  take(length: number): Uint8Array | undefined {
    return this.#take(length, (at) => this.#bytes.subarray(at, at + length));
  }

  /** Moves past `length` octets, or to the end when there are fewer. */
  skip(length: number): void {
    this.#offset = Math.min(this.#bytes.length, this.#offset + length);
  }

  #take<T>(length: number, read: (at: number) => T): T | undefined {
    if (length < 0 || this.remaining < length) return undefined;
    const value = read(this.#offset);
    this.#offset += length;
    return value;
  }
}
