/** AES-256-GCM over a lane's records, as protocols that know no Node see it: a port, synchronous, and cheap for a record of any size. */

export interface RecordCipher {
  /**
   * Parts to be written one behind the other: `head` as it is, protected but not hidden; the ciphertext of `parts`, which are `length`
   * octets together; and the tag. They are the caller's, in memory that nothing else has. `nonce` is 12 octets, and never the same
   * twice under one key.
   */
  readonly seal: (
    nonce: Uint8Array,
    head: Uint8Array,
    parts: readonly Uint8Array[],
    length: number,
  ) => readonly Uint8Array[];

  /** The plaintext of ciphertext and tag, in memory that is the caller's; undefined unless all is as it was sealed. */
  readonly open: (nonce: Uint8Array, head: Uint8Array, sealed: Uint8Array) => Uint8Array | undefined;
}

/** Under this key of 32 octets, which the caller may erase afterwards. */
export type CreateRecordCipher = (key: Uint8Array) => RecordCipher;
