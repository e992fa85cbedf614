/** What a checked download tells, a line of JSON each. Times are nanoseconds of CLOCK_MONOTONIC, in decimals. */

export type FetchWord =
  | { readonly kind: "octets"; readonly total: number; readonly at: string }
  | { readonly kind: "pause"; readonly from: string; readonly to: string }
  | { readonly kind: "broken"; readonly reason: string }
  /** `isWhole`: each octet of the file is there, and no other, by its SHA-256. */
  | { readonly kind: "over"; readonly total: number; readonly isWhole: boolean };
