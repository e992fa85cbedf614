/** The fault proxy from the side of a test: a process, its port, and the numbers of rules. */
import { Child } from "./child.ts";
import type { Act, Octets, ProxyCommand, ProxyReport, Rule } from "./fault.ts";

export class ProxyProcess extends Child<ProxyCommand, ProxyReport> {
  #port = 0;
  #lastRule = 0;
  #longest: Octets = { up: 1, down: 1 };

  /** In front of `target`, a port of this machine's loopback. */
  static async start(target: number): Promise<ProxyProcess> {
    const proxy = new ProxyProcess("fault-proxy-main.ts", [String(target)]);
    try {
      proxy.#port = (await proxy.next("listening")).port;
      return proxy;
    } catch (error) {
      await proxy[Symbol.asyncDispose]();
      throw error;
    }
  }

  get port(): number {
    return this.#port;
  }

  /** The longest handshake that there has been: one that was cut is shorter. */
  get longestHandshake(): Octets {
    this.#learn();
    return this.#longest;
  }

  override forget(): void {
    this.#learn();
    super.forget();
  }

  /** The number by which it will be reported. */
  arm(rule: Omit<Rule, "id">): number {
    this.#lastRule += 1;
    this.tell({ kind: "arm", rule: { ...rule, id: this.#lastRule } });
    return this.#lastRule;
  }

  /** To all that live; when it was done. */
  async act(act: Act): Promise<number> {
    const { at } = await this.next(
      "did",
      ({ rule }) => rule === 0,
      () => this.tell({ kind: "act", act }),
    );
    return at;
  }

  #learn(): void {
    for (const report of this.reports) {
      if (report.kind !== "gone" || report.of !== "handshake") continue;
      const { up, down } = report.passed;
      this.#longest = { up: Math.max(up, this.#longest.up), down: Math.max(down, this.#longest.down) };
    }
  }
}
