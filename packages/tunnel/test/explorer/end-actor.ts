/**
 * An end among others, for the explorer: its steps in any state of theirs. Each is computed once, however many worlds' states have
 * it in common. A step by which an end only gives up is taken and judged, and leads nowhere: it could as well have said nothing.
 */
import { messageType } from "@ropewalk/tunnel/pure/handshake/message";
import { sayable } from "./attacker.ts";
import { answered, begun, type End, type FreshEnd, heard, isFinished, type Setting, stopped } from "./end.ts";
import type { Actor, Move } from "./explore.ts";
import type { EndPlan } from "./world.ts";

export class EndActor implements Actor<End> {
  readonly start: End;
  /** Calls of the machine. */
  steps = 0;
  readonly #setting: Setting;
  readonly #ends = new Map<string, End>();
  readonly #moves = new Map<string, readonly Move<End>[]>();
  readonly #talks = new Map<string, number>();
  readonly #proofs = new Map<number, string | undefined>();
  readonly #heard = new Map<string, Move<End> | undefined>();

  constructor(setting: Setting, plan: EndPlan) {
    this.#setting = setting;
    this.start = this.#known(begun(setting, plan));
  }

  moves(own: End, all: readonly End[]): readonly Move<End>[] {
    if (own.state.kind === "over") return [];
    const isOpen = own.plan.wire.kind === "open";
    const fitting = isOpen ? this.#fitting(own) : undefined;
    let key = isOpen ? `${own.id}` : `${own.id} ${otherOf(own, all)?.id}`;
    if (isOpen) {
      for (const { talk } of all) key += ` ${talk}`;
      if (all.some((end) => isOverheard(end) && end.proof !== undefined && end.proof === fitting)) key += " proven";
    }
    let moves = this.#moves.get(key);
    if (moves === undefined) {
      moves = this.#movesAmid(
        own,
        isOpen
          ? relevant(
              all.filter(isOverheard).flatMap(({ said }) => said),
              fitting,
            )
          : nextOf(own, all),
      );
      this.#moves.set(key, moves);
    }
    return moves;
  }

  /** Of an end that the attacker can talk to: its steps when all of `said` has been seen. */
  movesKnowing(own: End, said: readonly Uint8Array[]): readonly Move<End>[] {
    return own.state.kind === "over" ? [] : this.#movesAmid(own, relevant(said, this.#fitting(own)));
  }

  #movesAmid(own: End, said: readonly Uint8Array[]): readonly Move<End>[] {
    const setting = this.#setting;
    const messages = own.plan.wire.kind === "open" ? sayable(setting, own, said) : said;
    const moves = new Map<number, Move<End>>();
    const add = (move: Move<End> | undefined) => move && move.to.id !== own.id && moves.set(move.to.id, move);
    for (const message of messages) add(this.#hearing(own, message));
    for (const [place, { kind }] of own.tasks.entries()) add(this.#move(own, kind, answered(setting, own, place)));
    if (own.tasks.length > 0) add(this.#move(own, "its KEM fails", stopped(setting, own, "kem")));
    add(this.#move(own, "its time is over", stopped(setting, own, "deadline")));
    return [...moves.values()];
  }

  /** The proof that an end will take. */
  #fitting(own: End): string | undefined {
    if (!this.#proofs.has(own.id)) {
      const { state } = settled(this.#setting, own);
      this.#proofs.set(own.id, state.kind === "over" ? undefined : state.proof?.peerMac.toHex());
    }
    return this.#proofs.get(own.id);
  }

  #hearing(own: End, message: Uint8Array): Move<End> | undefined {
    const key = `${own.id} ${message.toHex()}`;
    if (!this.#heard.has(key)) {
      this.#heard.set(key, this.#move(own, `hears ${tell(message)}`, heard(this.#setting, own, message)));
    }
    return this.#heard.get(key);
  }

  /** Undefined for one by which the end only gives up. */
  #move(own: End, label: string, next: FreshEnd): Move<End> | undefined {
    this.steps += 1;
    const news = next.said.slice(own.said.length);
    const isSilent = news.every(([type]) => type === messageType.abort);
    const isFaultless = next.faults.length === own.faults.length && next.sessions.length === own.sessions.length;
    if (next.state.kind === "over" && isSilent && isFaultless) return undefined;
    return { label: `${own.plan.name} ${label}`, to: this.#known(next) };
  }

  #known(fresh: FreshEnd): End {
    const end = this.#setting.world.kem === "at once" ? settled(this.#setting, fresh) : fresh;
    const { plan, ...rest } = end;
    const key = JSON.stringify(rest, (_, value) => (value instanceof Uint8Array ? value.toHex() : value));
    let known = this.#ends.get(key);
    if (known === undefined) {
      known = { ...end, ...this.#marksOf(end), id: this.#ends.size };
      this.#ends.set(key, known);
    }
    return known;
  }

  #marksOf({ plan, said }: FreshEnd): Pick<End, "talk" | "proof" | "leaks"> {
    const talk =
      plan.wire.kind === "open"
        ? said
            .filter(isFurther)
            .map((message) => message.toHex())
            .join()
        : "";
    const number = this.#talks.get(talk) ?? this.#talks.size;
    this.#talks.set(talk, number);
    const proof = said.find(isFinished)?.subarray(4);
    const leaks = said.flatMap((message) => this.#setting.provenance.secretsIn(message));
    return { talk: `${number}`, proof: proof?.toHex(), leaks };
  }
}

function isFurther(message: Uint8Array): boolean {
  return message[0] !== messageType.abort && !isFinished(message);
}

function settled(setting: Setting, end: FreshEnd): FreshEnd {
  let last = end;
  while (last.tasks.length > 0 && last.state.kind === "exchanging") last = answered(setting, last, 0);
  return last;
}

/** Whether the attacker sees what an end says. */
export function isOverheard({ plan }: End): boolean {
  return plan.wire.kind === "open";
}

/**
 * What an end might take in, of all that was seen. Of proofs it is the one that fits: any other is as good as the attacker's own.
 * And nobody needs another's abort.
 */
function relevant(said: readonly Uint8Array[], fitting: string | undefined): readonly Uint8Array[] {
  return said.filter((one) => isFurther(one) || (isFinished(one) && one.subarray(4).toHex() === fitting));
}

function otherOf({ plan: { wire } }: End, all: readonly End[]): End | undefined {
  return wire.kind === "sealed" ? all.find(({ plan }) => plan.name === wire.other) : undefined;
}

/** What TLS brings next from the other end. */
function nextOf(own: End, all: readonly End[]): readonly Uint8Array[] {
  const next = otherOf(own, all)?.said[own.heard.length];
  return next === undefined ? [] : [next];
}

function tell(message: Uint8Array): string {
  const [name = "something"] = Object.entries(messageType).find(([, type]) => type === message[0]) ?? [];
  return `${name} ${message.subarray(4, 13).toHex()}`;
}
