/**
 * The sizes that message frames have on the wire, so that who counts octets learns one of seven. The largest leaves room for the hint of a
 * deposit, which the same envelope may become.
 */

import { frameHead } from "../../wire/frame-stream.ts";
import { frameLengths } from "../../wire/link-frame.ts";
import { type EnvelopeForm, envelopeLengths } from "./envelope.ts";
import { type Plaintext, plaintextHead } from "./plaintext.ts";

/** Of frames whole, with the two octets of length in front of them. */
export const sizeClasses: readonly number[] = [64, 128, 256, 512, 1_024, 2_048, 4_092];

/** Octets of a message frame in front of what is sealed. */
export const messageOverhead: number = frameHead + frameLengths.message + envelopeLengths.header;

/** One octet cannot be padded with, so the longest is two below its class. */
const longestFrame = 4_090;

/** The most octets of content that an envelope has room for. Whoever cannot know whether it will be an opening reckons with one. */
export function mostContent(form: EnvelopeForm, kind: Plaintext["kind"]): number {
  return longestFrame - messageOverhead - envelopeLengths.sealing[form] - plaintextHead[kind];
}

/** The octets of padding that bring a plaintext of `length` to a size class: 0, or 2 and more. */
export function paddingFor(form: EnvelopeForm, length: number): number {
  return paddingOf(messageOverhead + envelopeLengths.sealing[form] + length);
}

/** As `paddingFor`, of a frame that has so many octets whole. */
export function paddingOf(size: number): number {
  return (sizeClasses.find((most) => most === size || most >= size + 2) ?? size) - size;
}
