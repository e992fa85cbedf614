/** What came of giving one thing back that Ropewalk had changed for the sake of names: a file, or what a link was told. */

export interface RestoreOutcome {
  /** The path of the file, or the name of the link. */
  readonly what: string;
  readonly result:
    | { readonly kind: "restored" }
    /** Somebody else changed it since: it is his and stays. */
    | { readonly kind: "given-up" }
    | { readonly kind: "refused"; readonly detail: string };
}
