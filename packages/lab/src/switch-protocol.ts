/** What the lab and its switch process say to each other: one JSON object a line, a reply for every request. */

export type SwitchRequest =
  | { readonly kind: "set"; readonly id: number; readonly pid: number; readonly name: string; readonly up: boolean }
  | { readonly kind: "flap"; readonly id: number; readonly pid: number; readonly name: string; readonly halfMs: number }
  /** Ends the flapping that request `flap` began and leaves the interface up. */
  | { readonly kind: "stop"; readonly id: number; readonly flap: number };

/** Monotonic nanoseconds travel as decimal text: JSON has no bigint. */
export interface EdgeText {
  readonly at: string;
  readonly up: boolean;
}

export type SwitchReply =
  | { readonly kind: "done"; readonly id: number; readonly edges: readonly EdgeText[] }
  | { readonly kind: "failed"; readonly id: number; readonly reason: string };
