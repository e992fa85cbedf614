/**
 * Who has the wheel: whether Ropewalk only watches, waits to be told, moves traffic on trial, or moves it for good. What a crash
 * must not forget is kept; what is kept decides, with the configuration, how the next start begins.
 */
import type { Millis } from "@ropewalk/kernel/units";

export interface StandingConfig {
  readonly monitorOnly: boolean;
  readonly executeCommands: boolean;
  /** 0: the configuration alone is enough, and nobody is asked to confirm. */
  readonly confirmWithin: Millis;
}

/** Why it waits to be told. */
export type Waiting = "not-taken" | "unconfirmed" | "purged";

export type Standing =
  | { readonly kind: "watching" }
  /** It says what it would do, and does nothing. */
  | { readonly kind: "dry-run" }
  | { readonly kind: "waiting"; readonly because: Waiting }
  /** It moves traffic, and gives everything back at `confirmBy` unless somebody confirms. */
  | { readonly kind: "trial"; readonly confirmBy: Millis }
  | { readonly kind: "steering" };

/**
 * What is on the disk. `trial` and `purging` are there while something is under way that the next start has to end: a trial
 * that nobody confirmed is over with the process that began it.
 */
export type Kept = "nothing" | "trial" | "purging" | "unconfirmed" | "purged" | "confirmed";

/** What a start begins with, and whether all that is ours must be taken out of the kernel before. */
export function standingAtStart(
  kept: Kept,
  config: StandingConfig,
): { readonly standing: Standing; readonly mustPurge: boolean } {
  return { standing: standingFor(settled(kept), config), mustPurge: kept === "trial" || kept === "purging" };
}

/** What is kept once what was under way has been ended. */
export function settled(kept: Kept): Exclude<Kept, "trial" | "purging"> {
  switch (kept) {
    case "trial":
      return "unconfirmed";
    case "purging":
      return "purged";
    case "nothing":
    case "unconfirmed":
    case "purged":
    case "confirmed":
      return kept;
  }
}

/** Also for a configuration that changed: what nobody took, and what was given back, waits to be taken. */
export function standingFor(kept: Exclude<Kept, "trial" | "purging">, config: StandingConfig): Standing {
  if (config.monitorOnly) return { kind: "watching" };
  if (!config.executeCommands) return { kind: "dry-run" };
  switch (kept) {
    case "confirmed":
      return { kind: "steering" };
    case "nothing":
      return config.confirmWithin === 0 ? { kind: "steering" } : { kind: "waiting", because: "not-taken" };
    case "unconfirmed":
    case "purged":
      return { kind: "waiting", because: kept };
  }
}

/** Somebody takes the wheel; a reason when he cannot. */
export function taken(standing: Standing, config: StandingConfig, now: Millis): Standing | string {
  switch (standing.kind) {
    case "watching":
      return "backhaul.monitor_only is true; set it to false and say `ropewalk config reload`, then take the wheel";
    case "dry-run":
      return "backhaul.execute_commands is false, and so nothing is changed; set it to true first";
    case "trial":
    case "steering":
      return "Ropewalk moves traffic already";
    case "waiting":
      return config.confirmWithin === 0
        ? { kind: "steering" }
        : { kind: "trial", confirmBy: (now + config.confirmWithin) as Millis };
  }
}

/** Whether the kernel is being changed. */
export function isActing({ kind }: Standing): boolean {
  return kind === "trial" || kind === "steering";
}
