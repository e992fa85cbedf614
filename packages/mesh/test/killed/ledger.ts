/** What three nodes say that are killed all the time, written down outside of them, and what of it cannot be. */

export class Ledger {
  readonly faults: string[] = [];
  readonly #nameOf = new Map<string, string>();
  /** Asked for, and known to be done. */
  readonly #withdrawing = new Set<string>();
  readonly #withdrawn = new Set<string>();
  readonly #numberOf = new Map<string, number>();
  readonly #rows = new Map<number, string>();
  readonly #taken = new Set<number>();
  /** By tag what was sealed under it, and by who announced which sequence what was signed. */
  readonly #seen = new Map<string, string>();

  /** Messages that were accepted. */
  get accepted(): number {
    return this.#nameOf.size;
  }

  /** Messages that were read. */
  get arrived(): number {
    return this.#numberOf.size;
  }

  /** Envelopes and announces that were told of. */
  get seen(): number {
    return this.#seen.size;
  }

  /** Those that were accepted, that nobody wanted withdrawn, and nobody has read. */
  get missing(): readonly string[] {
    return [...this.#nameOf]
      .filter(([id, name]) => !this.#withdrawing.has(id) && !this.#numberOf.has(name))
      .map(String);
  }

  /** A line of a node's: `who` is for faults. */
  hear(who: string, line: string): void {
    const [kind, first = "", second = "", third = ""] = line.split(" ");
    const say = (fault: string) => void this.faults.push(`${who}: ${fault}`);
    switch (kind) {
      case "found":
        if (first !== "kept") say(`its store was found ${first}`);
        return;
      case "accepted":
        if (this.#nameOf.has(first)) say(`the id ${first} was given twice`);
        this.#nameOf.set(first, second);
        return;
      case "withdrawing":
        this.#withdrawing.add(first);
        return;
      case "withdrawn":
        this.#withdrawn.add(first);
        return;
      case "has":
        if (this.#withdrawn.has(first)) say(`${first} was withdrawn, and is in the outbox again`);
        return;
      case "row":
        this.#row(Number(first), second, say);
        return;
      case "taken":
        this.#taken.add(Number(first));
        return;
      case "sealed":
        this.#once(`tag ${first}`, second, say);
        return;
      case "announced":
        this.#once(`sequence ${second} of ${first}`, third, say);
        return;
    }
  }

  #row(number: number, name: string, say: (fault: string) => void): void {
    const known = this.#numberOf.get(name) ?? number;
    if (name === "garbled") say(`row ${number} is nothing that was written`);
    if (known !== number) say(`${name} was delivered as ${known} and as ${number}`);
    if ((this.#rows.get(number) ?? name) !== name) say(`row ${number} was another before`);
    if (this.#taken.has(number)) say(`row ${number} was taken, and is there again`);
    this.#numberOf.set(name, number);
    this.#rows.set(number, name);
  }

  #once(what: string, octets: string, say: (fault: string) => void): void {
    const known = this.#seen.get(what) ?? octets;
    if (known !== octets) say(`${what} was used for two`);
    this.#seen.set(what, octets);
  }
}
