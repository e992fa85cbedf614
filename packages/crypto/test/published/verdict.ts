/** How a published vector fared. */

export type Verdict =
  | { readonly kind: "held" }
  | { readonly kind: "broken"; readonly why: string }
  /** Ropewalk does not use what it tests. */
  | { readonly kind: "unused"; readonly why: string };

export const held: Verdict = { kind: "held" };

export function unused(why: string): Verdict {
  return { kind: "unused", why };
}

/** Held when `isSo`. */
export function judged(isSo: boolean, why: string): Verdict {
  return isSo ? held : { kind: "broken", why };
}

/** Held when every pair of octets is the same. */
export function same(
  ...pairs: readonly (readonly [what: string, ours: Uint8Array, theirs: string | undefined])[]
): Verdict {
  const different = pairs.find(([, ours, theirs]) => ours.toHex() !== theirs?.toLowerCase());
  return different === undefined ? held : { kind: "broken", why: `${different[0]} is another` };
}

/** Held when it throws, which is how what is no key and no ciphertext is refused. */
export function refused(work: () => unknown): Verdict {
  try {
    work();
  } catch {
    return held;
  }
  return { kind: "broken", why: "it was taken, and is to be refused" };
}

/** Both hold, or the first that does not. */
export function both(first: Verdict, second: Verdict): Verdict {
  return first.kind === "held" ? second : first;
}

/** Of a vector, as JSON gives it: a text, and none where the field is absent. */
export type Fields = Readonly<Record<string, string | undefined>>;

/** The octets of a field; none where it is absent. */
export function octets(fields: Fields, name: string): Uint8Array {
  return Uint8Array.fromHex(fields[name] ?? "");
}
