/**
 * Makes this machine ask the resolvers of the uplink in use, by whatever keeps its list: resolv.conf where that is nobody's, else
 * systemd-resolved. Whoever else keeps it is told of and left alone.
 */
import type { Clock } from "@ropewalk/kernel/clock";
import type { Store } from "@ropewalk/ops/store";
import { nothingPending, ordersOf, type PendingNames, pendingFile } from "../pure/pending-names.ts";
import type { ResolvConfOwner } from "../pure/resolv-conf-owner.ts";
import type { ResolverPlan } from "../pure/resolver-plan.ts";
import { fileCalls } from "./file-calls.ts";
import { createFileJournal, fileJournalMigrations } from "./file-journal.ts";
import { createLinkJournal, linkJournalMigrations } from "./link-journal.ts";
import { readPresentResolvConf } from "./resolv-conf-file.ts";
import { type FileOutcome, ResolvConfWriter } from "./resolv-conf-writer.ts";
import { type LinkDnsOutcome, ResolvedLinkDns } from "./resolved-link-dns.ts";
import type { RestoreOutcome } from "./restore-outcome.ts";

export type FollowOutcome =
  | FileOutcome
  /** To systemd-resolved, which has not answered yet; its answer comes as an outcome of its own. */
  | { readonly kind: "sent" };

export interface ResolverFollower extends AsyncDisposable {
  /** Whose the machine's list is now; undefined when that cannot be read. */
  readonly owner: ResolvConfOwner | undefined;
  /**
   * Synchronous and quick: it goes before the routes. Call it with each new plan, and when resolv.conf was changed by somebody. Never throws.
   */
  follow(plan: ResolverPlan): FollowOutcome;
  /** What of the plan is not so, though it should be. It changes nothing. */
  pending(plan: ResolverPlan): PendingNames;
  /** Gives back whatever was changed, also by a run before this one; follow nothing after it. Never rejects. */
  restore(): Promise<readonly RestoreOutcome[]>;
}

export interface ResolverFollowerConfig {
  /** The machine's resolv.conf. */
  readonly file: string;
  /** D-Bus address of the system bus. */
  readonly busAddress: string;
}

export interface ResolverFollowerDeps {
  readonly clock: Clock;
  readonly chance: () => number;
  /** On disk when `run` returns: how things were is kept there. */
  readonly store: Pick<Store, "all" | "run">;
  /** What systemd-resolved answered. */
  readonly onOutcome: (outcome: LinkDnsOutcome) => void;
}

/** The store's migrations that a follower needs, in order. */
export const resolverFollowerMigrations: readonly string[] = [...fileJournalMigrations, ...linkJournalMigrations];

/** Returns at once and changes nothing yet. The caller disposes it, which leaves things as they were made. */
export function createResolverFollower(
  { file, busAddress }: ResolverFollowerConfig,
  { clock, chance, store, onOutcome }: ResolverFollowerDeps,
): ResolverFollower {
  const writer = new ResolvConfWriter(file, createFileJournal(store), fileCalls);
  const links = new ResolvedLinkDns(busAddress, { clock, chance, journal: createLinkJournal(store) }, onOutcome);
  return {
    get owner() {
      return writer.owner;
    },
    follow(plan) {
      const outcome = writer.follow(plan);
      if (outcome.kind !== "left") {
        // A file of nobody's is read by whoever asks for himself; systemd-resolved may be asked by others besides.
        links.follow(plan);
        return outcome;
      }
      const isResolveds = outcome.owner.kind === "resolved";
      links.follow(isResolveds ? plan : undefined);
      return isResolveds ? sentTo(links) : outcome;
    },
    pending(plan) {
      const { owner } = writer;
      const isPresent = links.state.kind === "present";
      const isTold = owner?.kind === "resolved" || (owner?.kind === "nobody" && isPresent);
      return { file: writer.pending(plan), orders: isTold ? links.pending(plan) : [] };
    },
    async restore() {
      return [...writer.restore(), ...(await links.restore())];
    },
    [Symbol.asyncDispose]: () => links[Symbol.asyncDispose](),
  };
}

/**
 * What a follower would do that was not made yet, by the file alone: what systemd-resolved has is not asked, nor whether it is
 * there besides a file of nobody's.
 */
export function readPendingNames(file: string, plan: ResolverPlan): PendingNames {
  const present = readPresentResolvConf(file);
  if (present.kind === "unreadable") return nothingPending;
  const orders = present.owner.kind === "resolved" ? ordersOf(plan) : [];
  return { file: pendingFile(present, plan), orders };
}

function sentTo({ state }: ResolvedLinkDns): FollowOutcome {
  return state.kind === "absent"
    ? { kind: "refused", detail: `resolv.conf is systemd-resolved's, which is not there: ${state.reason}` }
    : { kind: "sent" };
}
