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

export interface Counted {
  readonly packets: number;
  readonly octets: number;
}

/** One script is done behind the other when the first is awaited, and in no order else. */
export interface Nft extends Disposable {
  readonly run: RunNft;
  /** What a command such as "list table inet x" lists, as JSON (libnftables-json(5)), whose timeouts are whole seconds. It never rejects. */
  list(command: string): Promise<NftListing>;
  /**
   * What the named counters of a table of the family inet have counted. Empty where there is none, or the kernel does not tell. nft itself would first
   * read every element of every set.
   */
  counts(table: string): ReadonlyMap<string, Counted>;
  /** Whether a table of the family inet has the chain, as far as the kernel tells; asked of it for the same reason. */
  hasChain(table: string, chain: string): boolean;
}
