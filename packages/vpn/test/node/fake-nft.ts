/** An nft in memory that keeps the leases of an exit's table, as far as scripts of this package change them. */
import type { Nft, NftOutcome } from "@ropewalk/host/nft";
import type { Clock } from "@ropewalk/kernel/clock";
import { dropReasons } from "@ropewalk/vpn/node/pure/drop-reasons";

const done: NftOutcome = { kind: "done" };
const refused: NftOutcome = { kind: "refused", detail: "No such file or directory" };

export class FakeNft implements Nft {
  readonly #clock: Pick<Clock, "now">;
  readonly #ends = new Map<string, number>();
  #isThere = false;
  /** How many scripts were run. */
  runs = 0;
  /** Refuses everything. */
  isBroken = false;

  constructor(clock: Pick<Clock, "now">) {
    this.#clock = clock;
  }

  /** "wg0 10.90.0.2", while their leases last. */
  leases(): readonly string[] {
    return [...this.#lasting().keys()].toSorted();
  }

  /** Somebody runs `nft flush ruleset`. */
  flush(): void {
    this.#isThere = false;
    this.#ends.clear();
  }

  readonly run = async (script: string): Promise<NftOutcome> => {
    this.runs += 1;
    if (this.isBroken) return refused;
    if (/^(?:table|flush table) inet ropewalk-vpn\n/.test(script)) {
      this.#ends.clear();
      this.#isThere = true;
    }
    if (!this.#isThere) return refused;
    for (const [, verb = "", elements = ""] of script.matchAll(/^(add|delete) element \S+ \S+ \S+ \{ (.*) \}$/gm))
      for (const element of elements.split(", ")) this.#perform(verb, element);
    return done;
  };

  async list(command: string): ReturnType<Nft["list"]> {
    if (!this.#isThere || this.isBroken) return { kind: "refused", detail: "No such file or directory" };
    const isIpv6 = command.includes("leases6");
    const elem = [...this.#lasting()]
      .filter(([key]) => key.includes(":") === isIpv6)
      .map(([key, end]) => ({
        elem: { val: { concat: key.split(" ") }, expires: Math.floor((end - this.#clock.now()) / 1_000) },
      }));
    return { kind: "listed", json: JSON.stringify({ nftables: [{ set: elem.length === 0 ? {} : { elem } }] }) };
  }

  counts(): ReturnType<Nft["counts"]> {
    return new Map(
      this.#isThere && !this.isBroken ? dropReasons.map((reason) => [reason, { packets: 0, octets: 0 }]) : [],
    );
  }

  hasChain(): boolean {
    return this.#isThere && !this.isBroken;
  }

  [Symbol.dispose](): void {}

  #lasting(): ReadonlyMap<string, number> {
    return new Map([...this.#ends].filter(([, end]) => end > this.#clock.now()));
  }

  #perform(verb: string, element: string): void {
    const [, tunnel, address, whole, rest] =
      /^"(\S+)" \. (\S+)(?: timeout (\d+)[sh](?:(\d+)ms)?)?$/.exec(element) ?? [];
    const key = `${tunnel} ${address}`;
    if (verb === "delete") this.#ends.delete(key);
    else this.#ends.set(key, this.#clock.now() + Number(whole) * 1_000 + Number(rest ?? 0));
  }
}
