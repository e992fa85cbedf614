/**
 * Names of static peers, looked up as this machine does it. A resolver that is out of reach answers late or never, just when links are
 * lost: what a name led to the last time is taken then, for the link proves who is there.
 */
import { lookup } from "node:dns/promises";
import { parseIpAddress } from "@ropewalk/kernel/addresses";
import { type Clock, sleep } from "@ropewalk/kernel/clock";
import { millis } from "@ropewalk/kernel/units";

/** In the order to try them, at least one; rejects with why there is none. */
export type LookUp = (name: string) => Promise<readonly string[]>;

/** What the resolver has, where there is an answer of before. */
const patience = millis(250);
const mostAddresses = 4;

export class PeerNames {
  readonly #clock: Clock;
  readonly #ask: LookUp;
  /** Of the last answer; as many as there are names in the configuration. */
  readonly #known = new Map<string, readonly string[]>();
  /** A name that is being looked up is not asked for again: each holds a thread of Node's until the resolver gives up. */
  readonly #pending = new Map<string, Promise<readonly string[]>>();

  constructor(clock: Clock, ask: LookUp = askResolver) {
    this.#clock = clock;
    this.#ask = ask;
  }

  /** An address stands for itself, with its zone. Rejects with the signal's reason, or why the name leads nowhere. */
  async addressesOf(host: string, signal: AbortSignal): Promise<readonly string[]> {
    if (parseIpAddress(host.replace(/%.*$/, "")) !== undefined) return [host];
    const asked = this.#pending.get(host) ?? this.#begin(host);
    const known = this.#known.get(host);
    const done = new AbortController();
    const ended = AbortSignal.any([signal, done.signal]);
    try {
      if (known === undefined) return await Promise.race([asked, aborted(ended)]);
      const late = sleep(this.#clock, "answer of a resolver", patience, ended).then(() => known);
      return await Promise.race([asked.catch(() => known), late]);
    } finally {
      done.abort();
    }
  }

  #begin(host: string): Promise<readonly string[]> {
    const asked = this.#ask(host)
      .then((addresses) => {
        this.#known.set(host, addresses);
        return addresses;
      })
      .finally(() => this.#pending.delete(host));
    this.#pending.set(host, asked);
    // Who asked may have gone.
    asked.catch(() => {});
    return asked;
  }
}

async function askResolver(name: string): Promise<readonly string[]> {
  const found = await lookup(name, { all: true });
  return found.slice(0, mostAddresses).map(({ address }) => address);
}

function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    if (signal.aborted) reject(signal.reason);
    signal.addEventListener("abort", () => reject(signal.reason), { once: true });
  });
}
