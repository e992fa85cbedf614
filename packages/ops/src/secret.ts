/**
 * A string that must not be seen. The type redacts, not a list of field names: wherever a `Secret` is printed, logged
 * or turned into JSON, it shows as "[secret]". Only `reveal` gives the text, and only to code that asks for it.
 */
import { z } from "zod";
import { leafMark } from "./pure/leaf-mark.ts";

const shown = "[secret]";

export class Secret {
  readonly #text: string;

  static {
    // What `util.inspect` and `console.log` call (https://nodejs.org/api/util.html#utilinspectcustom).
    Object.defineProperty(Secret.prototype, Symbol.for("nodejs.util.inspect.custom"), { value: () => shown });
  }

  constructor(text: string) {
    this.#text = text;
  }

  /** The text itself, for the one place that needs it. Never put it into a message, a log field or an argument vector. */
  reveal(): string {
    return this.#text;
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

/** A configuration leaf that holds a secret: a string in TOML, a `Secret` in the typed configuration. */
export const secretSchema: z.ZodType<Secret, string> = z
  .string()
  .min(1)
  .transform((text) => new Secret(text))
  .meta(leafMark("secret"));
