/** Whole conversations over a way that loses, delays and repeats, between ends that are restarted and restored: what is opened is what was sealed. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { SealedMessage } from "@ropewalk/mesh/pure/messages/sealing/sender-sessions";
import type { StoredChain } from "@ropewalk/mesh/pure/messages/store-operations";
import fc from "fast-check";
import { envelopeOf, idOf, nameOf, newChains, newSessions, now, Pair } from "./people.ts";

const step = fc.oneof(
  { weight: 40, arbitrary: fc.constant({ kind: "seal" } as const) },
  { weight: 40, arbitrary: fc.record({ kind: fc.constant("arrive" as const), which: fc.nat() }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant("lose" as const), which: fc.nat() }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant("repeat" as const), which: fc.nat() }) },
  { weight: 20, arbitrary: fc.constant({ kind: "prove" } as const) },
  { weight: 1, arbitrary: fc.constant({ kind: "restart sender" } as const) },
  { weight: 1, arbitrary: fc.constant({ kind: "restart recipient" } as const) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("restore recipient" as const), back: fc.nat(20) }) },
  { weight: 1, arbitrary: fc.constant({ kind: "lose all chains" } as const) },
);
type Step = typeof step extends fc.Arbitrary<infer S> ? S : never;

interface Underway {
  readonly sealed: SealedMessage;
  readonly id: number;
}

class Conversation {
  readonly pair = new Pair();
  readonly underway: Underway[] = [];
  readonly opened: { readonly id: number; readonly sealed: SealedMessage }[] = [];
  readonly tags = new Set<string>();
  /** What the recipient's store held, after each message. */
  readonly stored: Map<string, StoredChain>[] = [new Map()];
  #ids = 0;
  #proved = 0;

  take(one: Step): void {
    switch (one.kind) {
      case "seal":
        this.#seal();
        return;
      case "arrive":
        this.#arrive(one.which, true);
        return;
      case "repeat":
        this.#arrive(one.which, false);
        return;
      case "lose":
        if (this.underway.length > 0) this.underway.splice(one.which % this.underway.length, 1);
        return;
      case "prove":
        for (; this.#proved < this.opened.length; this.#proved += 1)
          this.pair.sessions.proved(now, nameOf((this.opened[this.#proved] ?? assert.fail()).sealed));
        return;
      case "restart sender":
        this.pair.sessions = newSessions(this.pair.sender);
        return;
      case "restart recipient":
        this.#restore(this.stored.at(-1) ?? assert.fail());
        return;
      case "restore recipient":
        this.#restore(this.stored.at(-1 - one.back) ?? new Map());
        return;
      case "lose all chains":
        this.#restore(new Map());
        return;
    }
  }

  #seal(): void {
    const id = this.#ids;
    this.#ids += 1;
    const sealed = this.pair.seal(id);
    assert.ok(!this.tags.has(nameOf(sealed)), "no key seals twice");
    this.tags.add(nameOf(sealed));
    this.underway.push({ sealed, id });
  }

  #arrive(which: number, isLast: boolean): void {
    if (this.underway.length === 0) return;
    const [one] = isLast
      ? this.underway.splice(which % this.underway.length, 1)
      : [this.underway[which % this.underway.length]];
    const { sealed, id } = one ?? assert.fail();
    const outcome = this.pair.open(sealed);
    if (outcome.kind === "refused") {
      assert.deepEqual([outcome.why, sealed.form], ["unknown", "chain"], "an opening is always opened");
      return;
    }
    assert.deepEqual([idOf(outcome), outcome.sender], [id, this.pair.from]);
    assert.deepEqual(outcome.ackKey, sealed.ackKey);
    this.opened.push({ id, sealed });
    const { chain } = outcome;
    this.stored.push(new Map(this.stored.at(-1)).set(chain.opening.toHex(), structuredClone(chain)));
    assert.equal(envelopeOf(sealed).name, outcome.tag);
  }

  #restore(stored: ReadonlyMap<string, StoredChain>): void {
    this.pair.chains = newChains(this.pair.recipient, this.pair.prekeys);
    for (const chain of stored.values()) assert.ok(this.pair.chains.restore(chain));
    this.stored.push(new Map(stored));
  }
}

test("whatever is lost, late, repeated or forgotten, what is opened is what was sealed, and no key seals twice", () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 300, size: "max" }), (steps) => {
      const conversation = new Conversation();
      for (const one of steps) conversation.take(one);
    }),
    { numRuns: 60 },
  );
});

test("while neither end forgets anything, all that arrives is opened once, however it is mixed", () => {
  const gentle = step.filter(({ kind }) => ["seal", "arrive", "lose", "prove"].includes(kind));
  fc.assert(
    fc.property(fc.array(gentle, { maxLength: 300, size: "max" }), (steps) => {
      const conversation = new Conversation();
      let arrived = 0;
      for (const one of steps) {
        if (one.kind === "arrive" && conversation.underway.length > 0) arrived += 1;
        conversation.take(one);
      }
      assert.equal(conversation.opened.length, arrived);
    }),
    { numRuns: 60 },
  );
});
