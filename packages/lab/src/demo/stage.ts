/** What a demo plays on: a lab with two uplinks, Ropewalk at its wheel, a call and a download, and a line about each second. */
import { createSystemClock } from "@ropewalk/kernel/system-clock";
import { millis, seconds } from "@ropewalk/kernel/units";
import { LabError } from "../errors.ts";
import type { Lab } from "../lab.ts";
import type { RopewalkInLab } from "../ropewalk-in-lab.ts";
import { Call } from "./call.ts";
import type { Patience } from "./patience.ts";
import { tickLine, wordLine } from "./pure/narration.ts";
import { RopewalkVoice } from "./ropewalk-voice.ts";
import { SiteDownload } from "./site-download.ts";

export type Say = (line: string) => void;

export class Stage implements AsyncDisposable {
  readonly lab: Lab;
  readonly call: Call;
  readonly download: SiteDownload;
  readonly voice: RopewalkVoice;
  readonly #stack: AsyncDisposableStack;

  /** Starts everything, Ropewalk first: resolves once it steers and the traffic flows. Throws LAB_TIMEOUT. */
  static async set(lab: Lab, ropewalk: RopewalkInLab, patience: Patience, say: Say): Promise<Stage> {
    await using stack = new AsyncDisposableStack();
    await ropewalk.start(["up"]);
    const voice = stack.use(
      await RopewalkVoice.follow(ropewalk, lab.host("edge"), (word) => {
        const line = wordLine(word);
        if (line !== undefined) say(line);
      }),
    );
    const names = lab.uplinks.map(({ name }) => name);
    if (!(await patience.until(() => voice.story.isSteering(names))))
      throw new LabError("LAB_TIMEOUT", `Ropewalk does not steer by ${names.join(" and ")}: ${ropewalk.log()}`);
    const call = stack.use(await Call.begin(lab));
    const download = stack.use(await SiteDownload.begin(lab));
    const stage = new Stage({ lab, call, download, voice }, stack.move());
    stage.#tick(say);
    return stage;
  }

  private constructor(
    { lab, call, download, voice }: Pick<Stage, "lab" | "call" | "download" | "voice">,
    stack: AsyncDisposableStack,
  ) {
    this.lab = lab;
    this.call = call;
    this.download = download;
    this.voice = voice;
    this.#stack = stack;
  }

  [Symbol.asyncDispose](): PromiseLike<void> {
    return this.#stack.disposeAsync();
  }

  /** Each second is told when it is over, by what came within it. */
  #tick(say: Say): void {
    const clock = createSystemClock();
    const start = process.hrtime.bigint();
    let second = 0;
    let last = start;
    const tell = () => {
      const now = process.hrtime.bigint();
      second += 1;
      const download = { megabitsPerSecond: this.download.megabitsPerSecond(last, now), by: this.download.by };
      say(tickLine({ second, download, call: { ...this.call.between(last, now), by: this.call.by } }));
      last = now;
      const elapsed = Number(now - start) / 1e6;
      timer = clock.after("demo tick", millis(Math.max(0, seconds(second + 1) - elapsed)), tell);
    };
    let timer = clock.after("demo tick", seconds(1), tell);
    this.#stack.defer(() => timer[Symbol.dispose]());
  }
}
