/** AES-256-GCM over a lane's records, as protocols that know no Node see it: a port, synchronous, and cheap for a record of any size. */

export interface RecordCipher {
  /**
   * Parts to be written one behind the other: `head` as it is, protected but not hidden; the ciphertext of `parts`, which are `length`
   * octets together; and the tag. They are good until the next call of `seal`. `nonce` is 12 octets, and never the same twice under
   * one key.
   */
  readonly seal: (
    nonce: Uint8Array,
    head: Uint8Array,
    parts: readonly Uint8Array[],
    length: number,
  ) => readonly Uint8Array[];

  /**
   * The plaintext of ciphertext and tag; undefined unless all is as it was sealed. It may lie where `sealed` lay: that is the
   * cipher's to write over.
   */
  readonly open: (nonce: Uint8Array, head: Uint8Array, sealed: Uint8Array) => Uint8Array | undefined;

  /** Nothing is sealed or opened any more. */
  readonly erase: () => void;
}

/** Under this key of 32 octets, which the caller may erase afterwards. */
export type CreateRecordCipher = (key: Uint8Array) => RecordCipher;
