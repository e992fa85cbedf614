/** Keeps forwarded flows on the uplink on which they began, and tells when somebody else interferes with that. */
import type { MarkedUplink } from "@ropewalk/host/flow-mark-ruleset";
import type { FlowMarksRepair } from "@ropewalk/host/linux/flow-marks";
import { isEqual } from "../pure/equal.ts";
import type { SteeringAct } from "../steering-event.ts";
import { marksEvent, marksRepairEvent } from "./accounts.ts";
import type { Hands } from "./hands.ts";

/** The caller disposes it, which leaves the table as it is. */
export class Marks implements Disposable {
  readonly #hands: Pick<Hands, "marks" | "isForwarding">;
  readonly #onAct: (act: SteeringAct) => void;
  readonly #subscription: Disposable;
  #marked: readonly MarkedUplink[] | undefined = [];
  #fault: string | undefined;
  #areMade = false;

  constructor(hands: Pick<Hands, "marks" | "isForwarding">, onAct: (act: SteeringAct) => void) {
    this.#hands = hands;
    this.#onAct = onAct;
    this.#subscription = hands.marks.subscribe((repair) => this.#repaired(repair));
  }

  /** Why flows are not marked as they should be; undefined while they are, or need not be. */
  get fault(): string | undefined {
    return this.#fault === undefined ? undefined : `marks of forwarded flows: ${this.#fault}`;
  }

  /**
   * Whether flows are marked now. A kernel that knows no marks of flows refuses them, and would take an order to delete by mark for
   * one to delete all.
   */
  get areInForce(): boolean {
    return this.#areMade;
  }

  /** Runs a program, and so is awaited by nobody: the marks of flows change only when uplinks come, go or are renumbered. */
  follow(uplinks: readonly MarkedUplink[]): void {
    const wanted = this.#hands.isForwarding() ? uplinks : [];
    if (isEqual(wanted, this.#marked)) return;
    this.#marked = wanted;
    if (wanted.length === 0) this.#areMade = false;
    void this.#hands.marks.want(wanted).then((outcome) => this.#account(outcome));
  }

  /** False when that was refused. */
  async remove(): Promise<boolean> {
    const outcome = await this.#hands.marks.purge();
    if (outcome.kind === "refused") this.#onAct(marksEvent(outcome.detail));
    return outcome.kind !== "refused";
  }

  [Symbol.dispose](): void {
    this.#subscription[Symbol.dispose]();
  }

  #repaired({ change, outcome }: FlowMarksRepair): void {
    this.#account(outcome);
    // Else it is told as a fault, or somebody else put it back.
    if (outcome.kind === "done") this.#onAct(marksRepairEvent("repaired", change));
    if (outcome.kind === "put-off") this.#onAct(marksRepairEvent("put-off", change));
  }

  #account(outcome: FlowMarksRepair["outcome"]): void {
    const fault = faultOf(outcome);
    const isKnown = this.#fault !== undefined;
    this.#fault = fault;
    this.#areMade = fault === undefined && (this.#marked?.length ?? 0) > 0;
    // What nft refused, as by being too slow, is tried again with the next picture.
    if (outcome.kind === "refused") this.#marked = undefined;
    if (fault !== undefined && !isKnown && outcome.kind !== "put-off") this.#onAct(marksEvent(fault));
  }
}

function faultOf(outcome: FlowMarksRepair["outcome"]): string | undefined {
  switch (outcome.kind) {
    case "done":
    case "unchanged":
      return undefined;
    case "no-nft":
      return "there is no nft; without it a forwarded connection does not survive a planned switch";
    case "put-off":
      return "somebody else keeps changing them";
    case "refused":
      return outcome.detail;
  }
}
