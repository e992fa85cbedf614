/**
 * Octets that must not be seen and can be erased: keys, seeds and shared secrets. Wherever they are printed, logged or turned into
 * JSON they show as "[secret]".
 */
import { InternalError } from "./errors.ts";

const shown = "[secret]";

export class SecretBytes implements Disposable {
  readonly #bytes: Uint8Array;
  #isErased = false;

  static {
    // What `util.inspect` and `console.log` call (https://nodejs.org/api/util.html#utilinspectcustom).
    Object.defineProperty(SecretBytes.prototype, Symbol.for("nodejs.util.inspect.custom"), { value: () => shown });
  }

  /** Takes the octets over: `erase` fills the caller's array. */
  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  get length(): number {
    return this.#bytes.length;
  }

  /** The octets themselves, not a copy, for the one place that needs them. Throws InternalError once they are erased. */
  reveal(): Uint8Array {
    if (this.#isErased) throw new InternalError("a secret was used after it had been erased");
    return this.#bytes;
  }

  /** Fills the octets with zero. What the engine or a library has copied of them meanwhile is out of reach. */
  erase(): void {
    this.#bytes.fill(0);
    this.#isErased = true;
  }

  [Symbol.dispose](): void {
    this.erase();
  }

  toString(): string {
    return shown;
  }

  toJSON(): string {
    return shown;
  }

  [Symbol.toPrimitive](): string {
    return shown;
  }
}
