/** The one error of this package. */
import { RopewalkError } from "@ropewalk/kernel/errors";

export type CryptoErrorCode =
  /** What was given is no key of the algorithm: its length, its encoding or its values are wrong. */
  | "CRYPTO_KEY_INVALID"
  /** It is a key, but one that proves or hides nothing: a point of small order. */
  | "CRYPTO_KEY_WEAK"
  /** It is a key of another algorithm than the caller accepts. */
  | "CRYPTO_KEY_ALGORITHM"
  /** A ciphertext of a key encapsulation has the wrong length. */
  | "CRYPTO_CIPHERTEXT_INVALID"
  /** The worker that held this call's key ended before it answered; another takes its place. The call may be made again. */
  | "CRYPTO_WORKER_DIED"
  /** As many calls wait for a worker as may. */
  | "CRYPTO_WORKERS_BUSY"
  /** The workers did not answer within the call's deadline. */
  | "CRYPTO_WORKERS_LATE"
  /** The workers were disposed before the call, or during it. */
  | "CRYPTO_WORKERS_CLOSED"
  /** What was given as a certificate, a request or a revocation list is damaged or cut, or breaks the rules of its kind. */
  | "CRYPTO_DOCUMENT_INVALID"
  /** It is something else than was asked for: a key where a certificate was expected. */
  | "CRYPTO_DOCUMENT_KIND"
  /** Whoever made the request did not show that he holds its key. */
  | "CRYPTO_REQUEST_UNPROVED"
  /** The CA that was given cannot issue: it is none, has ended, or the key is not its own. */
  | "CRYPTO_ISSUER_UNFIT";

/** A failure that the caller must handle. The message says what happened, to what, and what to do about it. */
export class CryptoError extends RopewalkError<CryptoErrorCode> {}
