/** What the configuration says of strangers, as admission takes it, with what it does not say. */
import type { HandshakeLimits } from "./config.ts";
import type { AdmissionConfig } from "./pure/admission.ts";

/** Of what this end computes for strangers, so much at once. */
const atOnce = 4;
/** Networks whose rate is remembered; each takes about 200 bytes. */
const prefixes = 16_384;

export function admissionOf({ within, unheard, begun, rate, burst }: HandshakeLimits): AdmissionConfig {
  return { within, unheard, begun, atOnce, rate: { perSecond: rate, burst, prefixes } };
}
