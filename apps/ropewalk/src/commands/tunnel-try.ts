/** `ropewalk tunnel try`: a tunnel to look at and to be rough with, before there are two machines. */
import type { TunnelEventDocument } from "@ropewalk/api/tunnel-events";
import type { Timer } from "@ropewalk/kernel/clock";
import { type Millis, millis } from "@ropewalk/kernel/units";
import type { Mode } from "@ropewalk/tunnel/pure/handshake/message";
import type { TunnelEvent } from "@ropewalk/tunnel/tunnel-event";
import type { CommandContext } from "../command-context.ts";
import type { GivenArguments, RunCommand } from "../command-line/command.ts";
import { startTrial, type Trial } from "../compose/trial/trial.ts";
import { startTunnelEnd } from "../compose/tunnel/start-end.ts";
import { durationOf } from "../compose/tunnel-ends.ts";
import { type ExitCode, exitCodes } from "../exit-codes.ts";
import { stopSignal } from "../local-api/follow.ts";
import { eventDocument } from "../local-api/tunnel-documents.ts";
import { createTrialScreen, type TrialScreen } from "../render/trial-screen.ts";

export const run: RunCommand = async (given, context) => {
  const { clock } = context;
  const wish = wishesOf(given);
  const stop = stopSignal(context);
  const ended = Promise.withResolvers<void>();
  stop.addEventListener("abort", () => ended.resolve());
  const screen = createTrialScreen(context, given.flags.has("json"));
  await using trial = await startTrial(context, {
    mode: wish.mode,
    startEnd: startTunnelEnd,
    onEvent: (role, event) => screen.tell(role, documentOf(event, clock.wall())),
  });
  let cuts = 0;
  const cut = () => {
    cuts += 1;
    trial.cut();
  };
  screen.begin(trial, () => cuts);
  using timers = new DisposableStack();
  if (wish.cutEvery !== undefined) timers.use(repeat(context, "cuts of a trial", wish.cutEvery, cut));
  if (wish.for !== undefined) timers.use(clock.after("end of a trial", wish.for, () => ended.resolve()));
  timers.use(context.person.onKey(keysOf(trial, cut, ended.resolve)));
  await ended.promise;
  return finish(trial, screen, cuts);
};

interface Wishes {
  readonly mode: Mode;
  readonly for: Millis | undefined;
  readonly cutEvery: Millis | undefined;
}

/** Throws APP_USAGE. */
function wishesOf({ values }: GivenArguments): Wishes {
  const duration = (option: string) => {
    const text = values.get(option);
    return text === undefined ? undefined : durationOf(`--${option}`, text, millis(0));
  };
  const mode = values.get("mode") === "hybrid" ? "hybrid" : "mlkem768";
  return { mode, for: duration("for"), cutEvery: duration("cut-every") };
}

function keysOf(trial: Trial, cut: () => void, end: () => void): (key: string) => void {
  const acts: Readonly<Record<string, () => void>> = { c: cut, r: () => trial.refresh(), q: end, "\u0003": end };
  return (key) => acts[key]?.();
}

function repeat({ clock }: CommandContext, name: string, every: Millis, act: () => void): Disposable {
  let timer: Timer;
  const again = () => {
    timer = clock.after(name, every, () => {
      act();
      again();
    });
  };
  again();
  return { [Symbol.dispose]: () => timer[Symbol.dispose]() };
}

/** Failed where the download did not bear what was done. */
function finish(trial: Trial, screen: TrialScreen, cuts: number): ExitCode {
  const download = trial.download();
  screen.end({ cuts, ...download });
  return download.wrong === 0 && download.ended === undefined ? exitCodes.ok : exitCodes.failed;
}

function documentOf(event: TunnelEvent, at: number): TunnelEventDocument {
  return { at, ...eventDocument(event) };
}
