/** What is said between customers and wireguard-go alone, a line of JSON each. */

interface At {
  readonly address: string;
  readonly port: number;
}

export interface BareGround {
  /** Where peers are set, by TCP. */
  readonly setter: At;
  /** Behind the tunnel. */
  readonly echo: At;
  /** Of WireGuard. */
  readonly endpoint: At;
  /** In base64. */
  readonly publicKey: string;
}

/** A peer, instead of whom there was of its key. */
export interface BareOrder {
  readonly publicKey: string;
  readonly address: string;
}
