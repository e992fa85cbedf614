/** What every decoder gives for bytes that do not hold what they claim: counted and dropped by the caller, never thrown. */

export interface Malformed {
  readonly kind: "malformed";
  readonly reason: string;
}

export function malformed(reason: string): Malformed {
  return { kind: "malformed", reason };
}

export function isMalformed(value: object | undefined): value is Malformed {
  return value !== undefined && "kind" in value && value.kind === "malformed";
}
