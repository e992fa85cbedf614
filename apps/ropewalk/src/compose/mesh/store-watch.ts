/** Keeps what is wrong with the store of messages, and tells it by the node's health. */
import type { MeshEvent } from "@ropewalk/mesh/mesh-event";
import type { Messages } from "@ropewalk/mesh/messages";
import type { HealthReporter } from "@ropewalk/ops/health";
import { foundTrouble, observeStore, type StoreTrouble, troubleText } from "./store-trouble.ts";

export class StoreWatch {
  #trouble: StoreTrouble | undefined;
  #health: HealthReporter | undefined;

  /** What happened before is in how the store was found. */
  begin(found: Messages["found"], health: HealthReporter): void {
    this.#trouble = foundTrouble(found);
    this.#health = health;
    this.#report();
  }

  observe(event: MeshEvent): void {
    if (this.#trouble === undefined) return;
    this.#trouble = observeStore(this.#trouble, event);
    this.#report();
  }

  #report(): void {
    const text = this.#trouble && troubleText(this.#trouble);
    if (text === undefined) this.#health?.healthy();
    else this.#health?.report("degraded", text);
  }
}
