/**
 * Keeps the servers of /etc/resolv.conf those of the uplink in use, where the file is nobody's, and gives it back byte for byte. How it
 * was is on disk before the first change; what somebody else writes meanwhile is his, and is written over by the next uplink only.
 */
import { describeError } from "@ropewalk/kernel/errors";
import { type PendingFile, pendingFile } from "../pure/pending-names.ts";
import type { ResolvConfOwner } from "../pure/resolv-conf-owner.ts";
import { isOurResolvConf, ourResolvConf, writtenServers } from "../pure/resolv-conf-text.ts";
import type { AskedLink, ResolverPlan } from "../pure/resolver-plan.ts";
import type { FileCalls } from "./file-calls.ts";
import type { FileJournal, OriginalFile } from "./file-journal.ts";
import { type Replacement, replaceFile } from "./file-replacement.ts";
import { isAsItWas, isUnfinished, restoreFile } from "./file-restore.ts";
import { type PresentResolvConf, readPresentResolvConf } from "./resolv-conf-file.ts";
import type { RestoreOutcome } from "./restore-outcome.ts";

export type FileOutcome =
  /** It already says what it should, or nothing is known that would be better. */
  | { readonly kind: "unchanged" }
  | { readonly kind: "written"; readonly servers: readonly string[]; readonly manner: Written }
  /** Nobody knows a server of the uplink in use, and those that it named are another's. */
  | { readonly kind: "put-back" }
  /** Somebody else wrote the file since we did: it stays as he wrote it until another uplink is used. Told once for each content. */
  | { readonly kind: "adopted" }
  | { readonly kind: "left"; readonly owner: ResolvConfOwner }
  | { readonly kind: "refused"; readonly detail: string };

export type Written = Exclude<Replacement, { readonly kind: "refused" }>;

type Readable = Extract<PresentResolvConf, { readonly kind: "readable" }>;

export class ResolvConfWriter {
  readonly #file: string;
  readonly #journal: FileJournal;
  readonly #calls: FileCalls;
  /** The servers that were last written, or found written. */
  #asked: string | undefined;
  /** What somebody else wrote in the place of `#asked`. */
  #adopted: OriginalFile | undefined;

  constructor(file: string, journal: FileJournal, calls: FileCalls) {
    this.#file = file;
    this.#journal = journal;
    this.#calls = calls;
  }

  /** Undefined when it cannot be read. */
  get owner(): ResolvConfOwner | undefined {
    const present = readPresentResolvConf(this.#file);
    return present.kind === "readable" ? present.owner : undefined;
  }

  /** Synchronous, and durable only a little later; never throws. */
  follow(plan: ResolverPlan): FileOutcome {
    const present = readPresentResolvConf(this.#file);
    if (present.kind === "unreadable") return { kind: "refused", detail: `it cannot be read: ${present.reason}` };
    if (present.owner.kind !== "nobody") return { kind: "left", owner: present.owner };
    try {
      return plan.kind === "ask" ? this.#ask(present, plan.links) : this.#leave(present, plan.elsewhere);
    } catch (error) {
      return { kind: "refused", detail: `how it was cannot be kept: ${describeError(error)}` };
    }
  }

  /** What `follow` would write; it reads anew and changes nothing. */
  pending(plan: ResolverPlan): PendingFile | undefined {
    const present = readPresentResolvConf(this.#file);
    const pending = present.kind === "readable" ? pendingFile(present, plan) : undefined;
    if (pending === undefined || present.kind === "unreadable" || isOurResolvConf(present.text)) return pending;
    // Somebody else wrote it since we did, and it stays as he wrote it.
    return writtenServers(pending.lines.join("\n")).join(" ") === this.#asked ? undefined : pending;
  }

  /** Every file that we changed as it was, but for what somebody else wrote since. Never throws. */
  restore(): readonly RestoreOutcome[] {
    this.#asked = undefined;
    try {
      const changed = this.#journal.all();
      const outcomes = changed.map((file) => restoreFile(file, this.#journal, this.#calls));
      const present = readPresentResolvConf(this.#file);
      const isForgotten = present.kind === "readable" && isOurResolvConf(present.text);
      if (!isForgotten || changed.some(({ path }) => path === present.path)) return outcomes;
      const detail = "the local store does not tell how it was";
      return [...outcomes, { what: present.path, result: { kind: "refused", detail } }];
    } catch (error) {
      return [{ what: this.#file, result: { kind: "refused", detail: describeError(error) } }];
    }
  }

  #ask(present: Readable, links: readonly AskedLink[]): FileOutcome {
    const text = ourResolvConf(present.text, links);
    const servers = writtenServers(text);
    const asked = servers.join(" ");
    if (text === present.text) {
      this.#asked = asked;
      return { kind: "unchanged" };
    }
    if (!isOurResolvConf(present.text)) {
      if (this.#asked === asked) return this.#adopt(present);
      this.#keepOriginal(present);
    }
    const { path, original } = present;
    const extent = original && { length: original.content.length, shape: original.shape };
    const outcome = replaceFile(
      path,
      new TextEncoder().encode(text),
      { present: extent, shape: original?.shape },
      this.#calls,
    );
    if (outcome.kind === "refused") return outcome;
    this.#asked = asked;
    return { kind: "written", servers, manner: outcome };
  }

  #adopt(present: Readable): FileOutcome {
    if (this.#adopted !== undefined && isAsItWas(present, this.#adopted)) return { kind: "unchanged" };
    this.#keepOriginal(present);
    this.#adopted = present;
    return { kind: "adopted" };
  }

  #leave(present: Readable, elsewhere: readonly string[]): FileOutcome {
    const isStray =
      isOurResolvConf(present.text) && writtenServers(present.text).some((one) => elsewhere.includes(one));
    if (!isStray) return { kind: "unchanged" };
    const outcomes = this.restore();
    const refusal = outcomes.map(({ result }) => result).find((result) => result.kind === "refused");
    return refusal ?? { kind: "put-back" };
  }

  /** Writes down what is there, when that is not written down yet. Durable when it returns. */
  #keepOriginal({ path, original }: Readable): void {
    const known = this.#journal.all().find((file) => file.path === path);
    if (known === undefined || !isUnfinished({ path, original }, known)) this.#journal.put({ path, original });
  }
}
