/** The port through which tables of nftables are changed and read; by the program nft, or by the library that nft itself is made of. */

export type NftOutcome =
  | { readonly kind: "done" }
  /** What nft said. */
  | { readonly kind: "refused"; readonly detail: string }
  /** This machine has no nft. */
  | { readonly kind: "no-nft" };

/** A script: it is done in one transaction, whole or not at all. It never rejects. */
export type RunNft = (script: string) => Promise<NftOutcome>;

export type NftListing = { readonly kind: "listed"; readonly json: string } | Exclude<NftOutcome, { kind: "done" }>;

/** One script is done behind the other when the first is awaited, and in no order else. */
export interface Nft extends Disposable {
  readonly run: RunNft;
  /** What a command such as "list table inet x" lists, as JSON (libnftables-json(5)), whose timeouts are whole seconds. It never rejects. */
  list(command: string): Promise<NftListing>;
}
