/** A replica in this process, with a control that may be another than the product's. It ends in good order, and nothing happens to it before. */
import type { VpnControlService } from "@ropewalk/entry/vpn-control-service";
import { type ReplicaTerms, serveReplica } from "./served-replica.ts";

export class LocalReplica implements AsyncDisposable {
  readonly ports: ReplicaTerms["ports"];
  readonly #terms: ReplicaTerms;
  readonly #Control: typeof VpnControlService | undefined;
  #served: AsyncDisposable | undefined;

  constructor(terms: ReplicaTerms, Control: typeof VpnControlService | undefined) {
    [this.ports, this.#terms, this.#Control] = [terms.ports, terms, Control];
  }

  async start(): Promise<void> {
    this.#served = await serveReplica(this.#terms, this.#Control);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#served?.[Symbol.asyncDispose]();
  }
}
