/** What came of one direction: compared octet by octet with what must come, hashed, and kept where it first went wrong. */
import { createHash } from "node:crypto";
import { OctetStream } from "./octet-stream.ts";

const mostKept = 64;

export interface WrongOctets {
  /** Of the first octet that is not what was sent there. */
  readonly offset: number;
  /** What came there, in hexadecimal. */
  readonly came: string;
}

export class Received {
  readonly #expected: OctetStream;
  readonly #hash = createHash("sha256");
  #length = 0;
  #wrongAt: number | undefined;
  #wrong: Buffer = Buffer.alloc(0);

  constructor(seed: number, number: number, direction: "up" | "down") {
    this.#expected = new OctetStream(seed, number, direction);
  }

  get length(): number {
    return this.#length;
  }

  get wrong(): WrongOctets | undefined {
    return this.#wrongAt === undefined ? undefined : { offset: this.#wrongAt, came: this.#wrong.toString("hex") };
  }

  take(octets: Buffer): void {
    this.#hash.update(octets);
    if (this.#wrongAt === undefined) {
      const expected = this.#expected.take(octets.length);
      if (!expected.equals(octets)) {
        const at = octets.findIndex((octet, index) => octet !== expected[index]);
        this.#wrongAt = this.#length + at;
        this.#wrong = Buffer.from(octets.subarray(at, at + mostKept));
      }
    } else if (this.#wrong.length < mostKept) {
      this.#wrong = Buffer.concat([this.#wrong, octets]).subarray(0, mostKept);
    }
    this.#length += octets.length;
  }

  /** Once. */
  digest(): string {
    return this.#hash.digest("hex");
  }
}
