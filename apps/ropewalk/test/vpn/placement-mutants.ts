/** The product's rules with one taken out or bent, and the law by which the model must find that. */
import type { Patch } from "@ropewalk/simnet/mutated-modules";
import type { Budget } from "./placement-world.ts";

export interface Mutant {
  readonly name: string;
  readonly patches: readonly Patch[];
  /** In which it is looked for. */
  readonly story: Partial<Budget>;
  readonly law: string;
  /** Whether the law is one of those on what becomes of a world. */
  readonly isSeenAtRest?: true;
}

const ended: Partial<Budget> = { start: 1, terminate: 1, tick: 4 };
const released = "an exit carries whom entry has released";
const tooLong = "an exit carries somebody longer than he may last";

const node: readonly Mutant[] = [
  {
    name: "generation ignored",
    patches: [
      {
        file: "judge-order.ts",
        find: `  if (held !== undefined && generation < held.generation) return refuse("older");
  if (held?.kind === "gone" && generation === held.generation) return refuse("older");
`,
        replace: "",
      },
    ],
    ...{ story: ended, law: released },
  },
  {
    name: "watermark ignored",
    patches: [
      { file: "judge-order.ts", find: "generation <= table.watermark) return refuse", replace: "false) return refuse" },
    ],
    ...{ story: { ...ended, snapshot: 1 }, law: released },
  },
  {
    name: "tombstone forgotten too early",
    patches: [
      { file: "judge-order.ts", find: "forgetAt: millis(now + remember)", replace: "forgetAt: millis(now + 1)" },
    ],
    ...{ story: ended, law: released },
  },
  {
    name: "deadline ignored",
    patches: [{ file: "judge-order.ts", find: "until.at <= now", replace: "false" }],
    ...{ story: { ...ended, tick: 6 }, law: tooLong },
  },
  {
    name: "boot ignored",
    patches: [{ file: "judge-order.ts", find: "until.boot !== table.boot", replace: "false" }],
    ...{ story: { ...ended, reboot: 1 }, law: released },
  },
  {
    name: "a lease counted from the deadline of its order",
    patches: [
      {
        file: "judge-order.ts",
        find: "millis(Math.max(now + lease,",
        replace: "millis(Math.max(until.at + lease + 1,",
      },
    ],
    ...{ story: ended, law: tooLong },
  },
  {
    name: "an older snapshot taken",
    patches: [{ file: "judge-snapshot.ts", find: "snapshot.watermark < table.watermark", replace: "false" }],
    ...{ story: { ...ended, snapshot: 2 }, law: released },
  },
  {
    name: "a snapshot that forgets what is later than it",
    patches: [{ file: "judge-snapshot.ts", find: " && generation <= snapshot.watermark", replace: "" }],
    ...{ story: { ...ended, snapshot: 1 }, law: released },
  },
  {
    name: "a removal that leaves the stranger with its key",
    patches: [
      {
        file: "lease-table.ts",
        find: `held.kind === "present" ? held.peer.publicKey : held.publicKey`,
        replace: `held.kind === "present" ? held.peer.publicKey : ""`,
      },
    ],
    ...{ story: { ...ended, wipe: 1 }, law: released },
  },
  {
    name: "a program that forgets at its start what was removed",
    patches: [{ file: "reopen.ts", find: "overAt(one) > now", replace: `one.kind === "present" && overAt(one) > now` }],
    ...{ story: { ...ended, restart: 1 }, law: released },
  },
  {
    name: "a machine that counts leases on in its new clock",
    patches: [
      {
        file: "reopen.ts",
        find: "return new LeaseTable(boot, stored.watermark);",
        replace: "return new LeaseTable(boot, stored.watermark, stored.held);",
      },
    ],
    ...{ story: { start: 1, reboot: 1, tick: 5 }, law: tooLong },
  },
];

const atRest: readonly Mutant[] = [
  {
    name: "a snapshot that is older than itself",
    patches: [{ file: "judge-order.ts", find: `from === "alone" && held`, replace: "held" }],
    ...{ story: { start: 1, reboot: 1, snapshot: 1, tick: 1 }, law: "a session is never carried again" },
    isSeenAtRest: true,
  },
];

const entry: readonly Mutant[] = [
  {
    name: "a lease counted from sending instead of taking",
    patches: [
      {
        file: "lease-terms.ts",
        find: "millis(now + delivery + lease + margin)",
        replace: "millis(now + lease + margin)",
      },
    ],
    ...{ story: { start: 1, tick: 4 }, law: tooLong },
  },
  {
    name: "an orphaned address given out before its lease ended",
    patches: [
      {
        file: "session-change.ts",
        find: "if (isLapsed && (placement",
        replace: `if ((isLapsed || placement.role === "orphaned") && (placement`,
      },
    ],
    ...{ story: ended, law: released },
  },
  {
    name: "current set before the node confirmed",
    patches: [{ file: "session-change.ts", find: `role: "coming",`, replace: `role: "current",` }],
    ...{ story: ended, law: "a place is current that its node never took" },
  },
  {
    name: "draining released without confirmation",
    patches: [
      {
        file: "session-change.ts",
        find: `this.#put({ ...placement, role: "orphaned" });`,
        replace: "this.#release(placement);",
      },
    ],
    ...{ story: ended, law: released },
  },
  {
    name: "a refused placement released",
    patches: [
      { file: "session-change.ts", find: `this.#takeAway(coming, "orphaned");`, replace: "this.#release(coming);" },
    ],
    ...{ story: { start: 2, tick: 3 }, law: released },
  },
  {
    name: "a session that is over before its node has answered",
    patches: [
      {
        file: "session-change.ts",
        find: ` && this.#with("draining") === undefined) this.become`,
        replace: ") this.become",
      },
    ],
    ...{ story: ended, law: "a session is told to be over while a node is waited for" },
  },
  {
    name: "a renewal for which nothing is reserved",
    patches: [
      {
        file: "session-change.ts",
        find: "this.#put({ ...current, generation, mayLastUntil: reachOf(now, terms) });",
        replace: "this.#put({ ...current, generation });",
      },
    ],
    ...{ story: { start: 1, renew: 1, tick: 6 }, law: tooLong },
  },
  {
    name: "a snapshot for which nothing is reserved",
    patches: [{ file: "node-snapshot.ts", find: ", mayLastUntil: reachOf(now, terms) }", replace: " }" }],
    ...{ story: { start: 1, snapshot: 1, tick: 6 }, law: tooLong },
  },
  {
    name: "a deadline reckoned from now by a clock that was heard long ago",
    patches: [
      {
        file: "node-clock.ts",
        find: "at + Math.max(0, now - heardAt) + delivery",
        replace: "at + 2 * Math.max(0, now - heardAt) + delivery",
      },
    ],
    ...{ story: { start: 1, tick: 6 }, law: tooLong },
  },
];

export const mutants: readonly Mutant[] = [...node, ...entry, ...atRest];
