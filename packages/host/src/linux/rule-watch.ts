/**
 * Follows the policy rules of everybody. A rule has no name but its content, so the set is kept by content: to hear of one
 * twice, as after a dump, changes nothing.
 */

import { Listeners } from "@ropewalk/kernel/listeners";
import type { RuleFacts } from "../facts.ts";
import { RTM } from "../netlink/event.ts";
import { isMalformed } from "../netlink/malformed.ts";
import { type NetlinkMessage, splitMessages } from "../netlink/message.ts";
import { decodeRule } from "../netlink/rule.ts";
import type { RuleWatch } from "../ports.ts";
import { EventReader } from "./event-reader.ts";
import type { Native } from "./native.ts";
import { dumpNow } from "./netlink-dump.ts";
import { openEventSocket, ruleGroups } from "./netlink-socket.ts";

const socketBuffer = 1024 * 1024;
/** Reads before the event loop gets its turn; the socket stays readable. */
const mostReadsPerTurn = 1024;

/** Complete when this returns. Throws HOST_NETLINK. */
export function watchRules(native: Native): RuleWatch {
  return new LinuxRuleWatch(native);
}

class LinuxRuleWatch implements RuleWatch {
  readonly #native: Native;
  readonly #fd: number;
  readonly #reader: EventReader;
  readonly #listeners = new Listeners<[]>();
  readonly #readable: Disposable;
  #byContent = new Map<string, RuleFacts>();
  #rules: readonly RuleFacts[] | undefined;
  #isNews = false;
  /** Events were lost, and what there is was not read since. */
  #isDoubtful = false;
  #isOpen = true;

  constructor(native: Native) {
    this.#native = native;
    this.#fd = openEventSocket(native, ruleGroups, socketBuffer);
    this.#reader = new EventReader(native, this.#fd);
    try {
      this.#readAll();
      this.#readable = native.watchReadable(this.#fd, () => this.#drain());
    } catch (error) {
      native.close(this.#fd);
      throw error;
    }
  }

  get rules(): readonly RuleFacts[] {
    this.#rules ??= [...this.#byContent.values()];
    return this.#rules;
  }

  subscribe(listener: () => void): Disposable {
    return this.#listeners.add(listener);
  }

  catchUp(): void {
    this.#drain();
  }

  [Symbol.dispose](): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    this.#readable[Symbol.dispose]();
    this.#native.close(this.#fd);
  }

  #drain(): void {
    if (!this.#isOpen) return;
    this.#isNews = false;
    this.#reader.read(mostReadsPerTurn, {
      onDatagram: (bytes) => this.#receive(bytes),
      onLoss: () => {
        this.#isDoubtful = true;
      },
    });
    if (this.#isDoubtful) this.#readAgain();
    if (this.#isNews) this.#listeners.emit();
  }

  #receive(bytes: Uint8Array): void {
    for (const message of splitMessages(bytes).messages) {
      if (message.type === RTM.NEWRULE || message.type === RTM.DELRULE) this.#apply(message);
    }
  }

  #apply({ type, payload }: NetlinkMessage): void {
    const rule = decodeRule(payload);
    if (rule === undefined || isMalformed(rule)) return;
    const content = JSON.stringify(rule);
    if (type === RTM.NEWRULE) this.#byContent.set(content, rule);
    else this.#byContent.delete(content);
    this.#changed();
  }

  /** Called by the event loop, where nothing may throw: a kernel that does not tell now is asked with the next event. */
  #readAgain(): void {
    const [before, rulesBefore] = [this.#byContent, this.#rules];
    try {
      this.#readAll();
      this.#isDoubtful = false;
    } catch {
      [this.#byContent, this.#rules] = [before, rulesBefore];
    }
  }

  /** Events that wait are older than what is read now, and the loss of some makes the rest wrong: they go first. */
  #readAll(): void {
    this.#reader.discard();
    this.#byContent = new Map();
    this.#changed();
    dumpNow(this.#native, "rules", { onMessage: (message) => this.#apply(message), onMalformed: () => {} });
  }

  #changed(): void {
    this.#rules = undefined;
    this.#isNews = true;
  }
}
