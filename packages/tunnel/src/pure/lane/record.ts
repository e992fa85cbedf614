/**
 * The shape of a lane's records. Source: docs/protocols/tunnel-session.md, "Records".
 *
 *     0                   4                        4+n
 *     +-------------------+------------------------+---------- - -
 *     | length n+16       | ciphertext (n)         | tag (16)
 *     +-------------------+------------------------+---------- - -
 */

export const recordHeaderLength = 4;
export const recordTagLength = 16;
/** Octets of the longest record's plaintext; the shortest has one. */
export const mostPlaintext = 1_048_576;
