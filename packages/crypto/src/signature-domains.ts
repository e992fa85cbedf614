/**
 * What a signature is for. Every signature of Ropewalk takes a domain in, so that one made for a purpose never passes for another's;
 * each purpose has its constant here, and a changed format a new version.
 */
import { InternalError } from "@ropewalk/kernel/errors";
import type { Branded } from "@ropewalk/kernel/units";

export type SignatureDomain = Branded<string, "SignatureDomain">;

/** Printable ASCII of at most 255 octets, which is what ML-DSA takes as its context (FIPS 204 §5.2). */
const form = /^ropewalk [a-z0-9 -]{1,200} v[1-9][0-9]{0,2}$/;

/** "ropewalk PURPOSE vN", such as "ropewalk announce v1". Throws InternalError: domains are written by programmers. */
export function signatureDomain(text: string): SignatureDomain {
  if (!form.test(text))
    throw new InternalError(`"${text}" is no signature domain; they look like "ropewalk announce v1"`);
  return text as SignatureDomain;
}
