/** What strangers do to a destination on loopback, and what they say of it. */

export type StrangersPlan =
  /** New connections all the time, each with one ClientHello, from addresses of one /24. */
  | { readonly kind: "flood"; readonly perSecond: number }
  /** Connections that are kept, from many networks: a third sends a ClientHello, a third half of one, a third nothing. */
  | { readonly kind: "crowd"; readonly connections: number };

export interface StrangersTask {
  readonly plan: StrangersPlan;
  readonly port: number;
  readonly hello: Uint8Array;
}

export interface StrangersCount {
  /** Seconds by their own clock. */
  readonly at: number;
  readonly opened: number;
  /** Whole ClientHellos that were given to the kernel. */
  readonly spoken: number;
  /** Opened and not ended by anybody. */
  readonly open: number;
  /** Connections that never were, by the name of the error. */
  readonly failed: Readonly<Record<string, number>>;
}

/** How many networks a crowd comes from. */
export const crowdNetworks = 200;

/** Where connection `index` comes from: never 127.0.0.0/24, which is the honest one's. */
export function addressOf({ kind }: StrangersPlan, index: number): string {
  if (kind === "flood") return `127.9.9.${1 + (index % 250)}`;
  const [network, host] = [index % crowdNetworks, 1 + (Math.floor(index / crowdNetworks) % 250)];
  return `127.${20 + network}.7.${host}`;
}

/** What connection `index` sends. In a crowd each network sends all three, in turn. */
export function wordsOf({ kind }: StrangersPlan, index: number, hello: Uint8Array): Uint8Array {
  if (kind === "flood") return hello;
  const third = ((index % crowdNetworks) + Math.floor(index / crowdNetworks)) % 3;
  if (third === 0) return hello;
  return third === 1 ? hello.subarray(0, hello.length >> 1) : new Uint8Array();
}
