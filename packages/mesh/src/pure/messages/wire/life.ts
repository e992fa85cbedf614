/**
 * What is left of an envelope's time, in two octets. It is rounded down whenever it is written, so that nothing lives longer by being passed
 * on, and there is one way to write each.
 *
 *      15      12 11                     0
 *     +----------+------------------------+
 *     | exponent | mantissa               |      mantissa · 2^exponent seconds; the exponent is 0, or the mantissa 2,048 or more
 *     +----------+------------------------+
 */
import { type Millis, seconds } from "@ropewalk/kernel/units";

/** Thirty days: what is written as more is malformed. */
export const longestLife: Millis = seconds(30 * 86_400);

const mantissaBits = 12;
const coarseBits = 5;
const longestSeconds = longestLife / 1000;

/** The two octets as a number, of thirty days at most. Undefined: less than a second is left. */
export function encodeLife(left: Millis): number | undefined {
  const whole = Math.min(Math.floor(left / 1000), longestSeconds);
  if (whole < 1) return undefined;
  const exponent = Math.max(0, 32 - Math.clz32(whole) - mantissaBits);
  return (exponent << mantissaBits) | (whole >>> exponent);
}

/** Whole seconds; undefined: the two octets are no life, or one that is written in a second way. */
export function decodeLife(code: number): Millis | undefined {
  const [exponent, mantissa] = [code >>> mantissaBits, code & 0xfff];
  if (exponent > 0 && mantissa < 2_048) return undefined;
  const whole = mantissa * 2 ** exponent;
  return whole < 1 || whole > longestSeconds ? undefined : seconds(whole);
}

/**
 * As much of it as a node tells of its own: five binary digits, so a sixteenth less at most. To the second it would tell which envelopes are
 * of one message, however often that is sealed anew.
 */
export function coarseLife(left: Millis): Millis {
  const whole = Math.min(Math.floor(left / 1000), longestSeconds);
  const step = 2 ** Math.max(0, 32 - Math.clz32(whole) - coarseBits);
  return seconds(whole - (whole % step));
}
