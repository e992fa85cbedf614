/**
 * What a demo of the tunnel plays on: a lab with Ropewalk at its wheel, a tunnel over its uplinks, and in it an ssh session and a
 * download; and a line about each second.
 */
import { createSystemClock } from "@ropewalk/kernel/system-clock";
import { millis, seconds } from "@ropewalk/kernel/units";
import type { Patience } from "../demo/patience.ts";
import { wordLine } from "../demo/pure/narration.ts";
import { RopewalkVoice } from "../demo/ropewalk-voice.ts";
import type { Say } from "../demo/stage.ts";
import { LabError } from "../errors.ts";
import type { Lab } from "../lab.ts";
import type { RopewalkInLab } from "../ropewalk-in-lab.ts";
import { CheckedDownload, type CheckedFile, serveChecked } from "./checked-download.ts";
import { laneLine, tickLine } from "./pure/tunnel-narration.ts";
import { keyEvery, type TunnelMode } from "./pure/tunnel-script.ts";
import { startSshServer } from "./ssh-server.ts";
import { SshSession } from "./ssh-session.ts";
import { TunnelInLab } from "./tunnel-in-lab.ts";

export interface TunnelProperties {
  readonly ropewalk: RopewalkInLab;
  /** The path of `bin/ropewalk.mjs`. */
  readonly launcher: string;
  /** For keys and state; removed by who made it. */
  readonly folder: string;
  readonly file: CheckedFile;
  readonly mode: TunnelMode;
}

const far = "target-1";
/** On both loopbacks. */
const sshPort = 2_222;
const filePort = 7_002;

export class TunnelStage implements AsyncDisposable {
  readonly lab: Lab;
  readonly voice: RopewalkVoice;
  readonly tunnel: TunnelInLab;
  readonly ssh: SshSession;
  readonly download: CheckedDownload;
  readonly #stack: AsyncDisposableStack;

  /** Starts everything, Ropewalk first: resolves once it steers and both streams flow. Throws LAB_TIMEOUT, LAB_UNSUPPORTED. */
  static async set(lab: Lab, properties: TunnelProperties, patience: Patience, say: Say): Promise<TunnelStage> {
    const { ropewalk, launcher, folder, file, mode } = properties;
    await using stack = new AsyncDisposableStack();
    const server = stack.use(await startSshServer({ host: lab.host(far), port: sshPort, folder }));
    stack.use(await serveChecked(lab.host(far), filePort, file));
    const voice = stack.use(await atTheWheel(lab, ropewalk, patience, say));
    const onWord = (word: Parameters<typeof laneLine>[0]) => say(laneLine(word));
    const plan = { launcher, folder, far, ports: [sshPort, filePort], mode, onWord };
    const tunnel = stack.use(await TunnelInLab.start(lab, plan));
    const first = lab.uplinks[0]?.name;
    if (!(await patience.until(() => tunnel.story.by === first)))
      throw new LabError("LAB_TIMEOUT", `the lane is not on ${first}: ${tunnel.log}`);
    const edge = lab.host("edge");
    const ssh = stack.use(await SshSession.begin(edge, (command) => server.login(sshPort, command), keyEvery));
    const download = stack.use(await CheckedDownload.begin(edge, filePort, file));
    const stage = new TunnelStage({ lab, voice, tunnel, ssh, download }, stack.move());
    stage.#tick(say);
    return stage;
  }

  private constructor(
    { lab, voice, tunnel, ssh, download }: Pick<TunnelStage, "lab" | "voice" | "tunnel" | "ssh" | "download">,
    stack: AsyncDisposableStack,
  ) {
    this.lab = lab;
    this.voice = voice;
    this.tunnel = tunnel;
    this.ssh = ssh;
    this.download = download;
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
      const { keys, longestMs, waiting } = this.ssh.echoes.figures(last, now);
      const megabitsPerSecond = this.download.megabitsPerSecond(last, now);
      const { total } = this.download;
      const by = this.tunnel.story.by ?? null;
      say(tickLine({ second, by, keys: keys - waiting, longestMs, megabitsPerSecond, total }));
      last = now;
      const elapsed = Number(now - start) / 1e6;
      timer = clock.after("demo tick", millis(Math.max(0, seconds(second + 1) - elapsed)), tell);
    };
    let timer = clock.after("demo tick", seconds(1), tell);
    this.#stack.defer(() => timer[Symbol.dispose]());
  }
}

async function atTheWheel(lab: Lab, ropewalk: RopewalkInLab, patience: Patience, say: Say): Promise<RopewalkVoice> {
  await ropewalk.start(["up"]);
  await using unwinding = new AsyncDisposableStack();
  const voice = unwinding.use(
    await RopewalkVoice.follow(ropewalk, lab.host("edge"), (word) => {
      const line = wordLine(word);
      if (line !== undefined) say(line);
    }),
  );
  const names = lab.uplinks.map(({ name }) => name);
  if (!(await patience.until(() => voice.story.isSteering(names))))
    throw new LabError("LAB_TIMEOUT", `Ropewalk does not steer by ${names.join(" and ")}: ${ropewalk.log()}`);
  unwinding.move();
  return voice;
}
