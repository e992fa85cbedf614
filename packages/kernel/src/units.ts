/**
 * Branded units. A number gets its unit once, at the edge, from the constructor that checks it;
 * after that the type carries the unit and nobody checks again.
 */
import { InternalError } from "./errors.ts";

declare const unit: unique symbol;

/** A `Value` that only its own constructor can make. */
export type Branded<Value, Name extends string> = Value & { readonly [unit]: Name };

/** A duration, or a point on the monotonic clock, in milliseconds (fractions allowed). */
export type Millis = Branded<number, "Millis">;
/** A size in octets. */
export type Bytes = Branded<number, "Bytes">;
/** A rate in bits per second. */
export type BitsPerSecond = Branded<number, "BitsPerSecond">;

export function millis(value: number): Millis {
  return finite(value, "milliseconds") as Millis;
}

export function seconds(value: number): Millis {
  return millis(value * 1000);
}

export function bytes(value: number): Bytes {
  return finite(value, "bytes") as Bytes;
}

export function kibibytes(value: number): Bytes {
  return bytes(value * 1024);
}

export function bitsPerSecond(value: number): BitsPerSecond {
  return finite(value, "bits per second") as BitsPerSecond;
}

function finite(value: number, name: string): number {
  if (!Number.isFinite(value) || value < 0) throw new InternalError(`${value} is not a number of ${name}`);
  return value;
}
