/**
 * What a session keeps, over all its streams, of what it has to send, until the peer has it: never more than `most`, however much the
 * peer lets it send. The end of a direction counts as one octet.
 */
export class KeptOctets {
  readonly #most: number;
  #total = 0;
  /** `full`: nobody writes. `freed`: there is room again, and nobody was told. */
  #state: "roomy" | "full" | "freed" = "roomy";

  constructor(most: number) {
    this.#most = most;
  }

  get total(): number {
    return this.#total;
  }

  /** How much more may be written now. Once there was nothing it stays so until a quarter is free. */
  get room(): number {
    return this.#state === "full" ? 0 : Math.max(0, this.#most - this.#total);
  }

  add(octets: number): void {
    this.#total += octets;
    if (this.#total >= this.#most) this.#state = "full";
  }

  remove(octets: number): void {
    this.#total -= octets;
    if (this.#state === "full" && this.#total <= (this.#most * 3) / 4) this.#state = "freed";
  }

  /** True once after there was no room and there is again: every stream is to be told. */
  isFreed(): boolean {
    if (this.#state !== "freed") return false;
    this.#state = "roomy";
    return true;
  }
}
