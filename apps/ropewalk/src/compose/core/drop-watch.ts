/** Why packets are dropped, as nft counts them: asked for now and then, since who reads status or metrics does not wait for nft. */
import type { Clock, Timer } from "@ropewalk/kernel/clock";
import { seconds } from "@ropewalk/kernel/units";
import type { ExitFirewall } from "@ropewalk/vpn/node/exit-firewall";
import type { DropCounts } from "@ropewalk/vpn/node/pure/drop-reasons";

const askEvery = seconds(5);

export class DropWatch implements AsyncDisposable {
  readonly #firewall: Pick<ExitFirewall, "dropCounts">;
  readonly #clock: Clock;
  #counts: DropCounts | undefined;
  #asking: Promise<void>;
  #timer: Timer | undefined;
  #isOver = false;

  constructor(firewall: Pick<ExitFirewall, "dropCounts">, clock: Clock) {
    this.#firewall = firewall;
    this.#clock = clock;
    this.#asking = this.#ask();
  }

  /** As last told; undefined while nft does not. */
  get counts(): DropCounts | undefined {
    return this.#counts;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isOver = true;
    this.#timer?.[Symbol.dispose]();
    await this.#asking;
  }

  async #ask(): Promise<void> {
    this.#counts = await this.#firewall.dropCounts();
    if (this.#isOver) return;
    this.#timer = this.#clock.after("counters of the firewall", askEvery, () => {
      this.#asking = this.#ask();
    });
  }
}
