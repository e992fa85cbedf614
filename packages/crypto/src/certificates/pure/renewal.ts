/** When a certificate is to be renewed: once a third of its life is left, so that a renewal that fails can be tried again. */

export interface Lifetime {
  /** Milliseconds since 1970. */
  readonly notBefore: number;
  readonly notAfter: number;
}

export type Renewal =
  | { readonly kind: "fresh"; readonly dueAt: number; readonly notAfter: number }
  | { readonly kind: "due"; readonly dueAt: number; readonly notAfter: number }
  | { readonly kind: "expired"; readonly dueAt: number; readonly notAfter: number };

/** From when on a renewal is due, in milliseconds since 1970. */
export function renewalDue({ notBefore, notAfter }: Lifetime): number {
  return notAfter - Math.max(0, notAfter - notBefore) / 3;
}

/** How it stands at `now`; a certificate is good until the last millisecond of `notAfter`. */
export function renewalOf(lifetime: Lifetime, now: number): Renewal {
  const dueAt = renewalDue(lifetime);
  const { notAfter } = lifetime;
  if (now > notAfter) return { kind: "expired", dueAt, notAfter };
  return { kind: now < dueAt ? "fresh" : "due", dueAt, notAfter };
}

/** When the answer of `renewalOf` is another one, in milliseconds since 1970; undefined when it stays so. */
export function nextRenewalChange(renewal: Renewal): number | undefined {
  switch (renewal.kind) {
    case "fresh":
      return renewal.dueAt;
    case "due":
      return renewal.notAfter + 1;
    case "expired":
      return undefined;
  }
}
