/**
 * The form of an Idempotency-Key. Who has it may read what was answered, so it must not be guessed: 128 bits of chance at least, which a UUID
 * has not. Source: draft-ietf-httpapi-idempotency-key-header-06 §2.
 */
import type { Branded } from "@ropewalk/kernel/units";

export type ChangeKey = Branded<string, "ChangeKey">;

export type ReadKey =
  | { readonly kind: "key"; readonly key: ChangeKey }
  | { readonly kind: "fault"; readonly reason: string };

export const changeKeyForm = "32 to 128 of the characters A–Z, a–z, 0–9, - and _, drawn by chance";

/** The draft writes it in quotes; most programs do without. */
export function readChangeKey(text: string | readonly string[] | undefined): ReadKey {
  if (text === undefined) return fault(`it is missing: ${changeKeyForm}`);
  if (typeof text !== "string") return fault("there are several");
  const key = /^"([^"]*)"$/.exec(text)?.[1] ?? text;
  if (!/^[A-Za-z0-9_-]{32,128}$/.test(key)) return fault(`it is none: ${changeKeyForm}`);
  if (/^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(key))
    return fault(`a UUID has 122 bits of chance at most, and 128 are asked for: ${changeKeyForm}`);
  if (isMonotonous(key)) return fault(`it repeats itself: ${changeKeyForm}`);
  return { kind: "key", key: key as ChangeKey };
}

/** It has less than eight different characters. One that was drawn is looked at no further than to its ninth or tenth. */
function isMonotonous(key: string): boolean {
  let seen = "";
  for (const character of key) {
    if (!seen.includes(character)) seen += character;
    if (seen.length === 8) return false;
  }
  return true;
}

function fault(reason: string): ReadKey {
  return { kind: "fault", reason };
}
