/**
 * Asks the pure part's questions on real sockets: echoes by one line for each path, everything else one at a time each, with
 * a limit, and bounded in number.
 */
import { setImmediate as turn } from "node:timers/promises";
import type { PathSockets } from "@ropewalk/host/ports";
import type { Clock, Timer } from "@ropewalk/kernel/clock";
import { describeError } from "@ropewalk/kernel/errors";
import { millis } from "@ropewalk/kernel/units";
import {
  type PathKey,
  type ProbeOutcome,
  type ProbePath,
  type ProbeQuestion,
  type ProbeRequest,
  pathKey,
} from "../../pure/health/probe.ts";
import { noTraffic } from "../../pure/probing/packet-octets.ts";
import { probeDns } from "./dns-probe.ts";
import { EchoLine } from "./echo-probe.ts";
import { probeHttp } from "./http-probe.ts";
import { createMtuProbe, type ProbeMtu } from "./mtu-probe.ts";
import { bindingOf, isSamePath, type ProbeFinding, type ProbeGround } from "./probe-ground.ts";
import type { OnOutcome, ProbeRunner } from "./probe-runner.ts";
import { unsent } from "./sending-faults.ts";
import { probeTcp } from "./tcp-probe.ts";
import { createTlsProbe, type ProbeTls } from "./tls-probe.ts";

export interface ProbeRunnerOptions {
  /** PEM text of authorities trusted besides the usual ones. */
  readonly authorities: string | undefined;
}

export interface ProbeRunnerDeps {
  readonly sockets: PathSockets;
  readonly clock: Clock;
  /** 0…1, not to be guessed: what answers is told from what forges by numbers drawn from it. */
  readonly chance: () => number;
  readonly onOutcome: OnOutcome;
}

const tellingTime = millis(1);
/** Echoes are not counted: nothing of theirs stays open. */
const runningAtMost = 256;

/** The caller's, who disposes of it: after that every socket is closed, and nothing more is told. */
export function createProbeRunner(options: ProbeRunnerOptions, deps: ProbeRunnerDeps): ProbeRunner {
  return new PathProbeRunner(options, deps);
}

/** After a stall of this process timers come before what arrived meanwhile; within two turns of the event loop that is read. */
async function abortSoon(controller: AbortController): Promise<void> {
  await turn();
  await turn();
  controller.abort();
}

type SingleQuestion = Exclude<ProbeQuestion, { kind: "echo" }>;

interface Running {
  readonly path: ProbePath;
  readonly id: number;
  readonly controller: AbortController;
  /** Settles when its sockets are closed. */
  ended: Promise<void>;
}

class PathProbeRunner implements ProbeRunner {
  readonly #deps: ProbeRunnerDeps;
  readonly #probeTls: ProbeTls;
  readonly #probeMtu: ProbeMtu = createMtuProbe();
  #paths = new Map<PathKey, ProbePath>();
  readonly #lines = new Map<PathKey, EchoLine>();
  /** Whose outcome is still to be told. */
  readonly #running = new Set<Running>();
  readonly #closing = new Set<Promise<void>>();
  #untold: ProbeOutcome[] = [];
  #telling: Timer | undefined;
  #isDisposed = false;

  constructor(options: ProbeRunnerOptions, deps: ProbeRunnerDeps) {
    this.#deps = deps;
    this.#probeTls = createTlsProbe(options.authorities);
  }

  run({ id, path, question, limit }: ProbeRequest): void {
    if (this.#isDisposed) return;
    const key = pathKey(path.uplinkId, path.family);
    const followed = this.#paths.get(key);
    if (followed === undefined || !isSamePath(followed, path)) this.#tellGone(id, path);
    else if (question.kind === "echo") this.#lineOn(key, path).ask(id, question.target);
    else if (this.#running.size < runningAtMost) this.#start({ id, path, question, limit }, question);
    else this.#tellSoon(id, unsent("busy", `${runningAtMost} probes are under way`));
  }

  follow(paths: readonly ProbePath[]): void {
    if (this.#isDisposed) return;
    const before = this.#paths;
    this.#paths = new Map(paths.map((path) => [pathKey(path.uplinkId, path.family), path]));
    const isKept = (path: ProbePath) => {
      const now = this.#paths.get(pathKey(path.uplinkId, path.family));
      return now !== undefined && isSamePath(now, path);
    };
    for (const [key, path] of before) if (!isKept(path)) this.#hangUp(key);
    for (const running of this.#running) {
      if (isKept(running.path)) continue;
      this.#end(running);
      this.#tellGone(running.id, running.path);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isDisposed = true;
    this.#telling?.[Symbol.dispose]();
    for (const key of [...this.#lines.keys()]) this.#hangUp(key);
    for (const running of this.#running) this.#end(running);
    while (this.#closing.size > 0) await Promise.all(this.#closing);
  }

  #lineOn(key: PathKey, path: ProbePath): EchoLine {
    const known = this.#lines.get(key);
    if (known !== undefined) return known;
    const { sockets, clock, chance, onOutcome } = this.#deps;
    const onUnsent = (outcome: ProbeOutcome) => this.#queue(outcome);
    const line = new EchoLine(bindingOf(path), { sockets, clock, chance, onReply: onOutcome, onUnsent });
    this.#lines.set(key, line);
    return line;
  }

  #hangUp(key: PathKey): void {
    const line = this.#lines.get(key);
    this.#lines.delete(key);
    if (line !== undefined) this.#awaitEnd(line[Symbol.asyncDispose]());
  }

  #start({ id, path, limit }: ProbeRequest, question: SingleQuestion): void {
    const controller = new AbortController();
    const { sockets, clock, chance } = this.#deps;
    const timer = clock.after("probe limit", limit, () => void abortSoon(controller));
    const ground = { binding: bindingOf(path), sockets, clock, chance, limit, signal: controller.signal };
    const running: Running = { path, id, controller, ended: Promise.resolve() };
    this.#running.add(running);
    running.ended = this.#find(question, ground).then((finding) => {
      timer[Symbol.dispose]();
      if (this.#running.delete(running)) this.#report({ id, ...finding });
    });
  }

  /** The probe ends at once, unheard. */
  #end(running: Running): void {
    this.#running.delete(running);
    running.controller.abort();
    this.#awaitEnd(running.ended);
  }

  #awaitEnd(ended: Promise<void>): void {
    const closing = ended.finally(() => this.#closing.delete(closing));
    this.#closing.add(closing);
  }

  async #find(question: SingleQuestion, ground: ProbeGround): Promise<ProbeFinding> {
    try {
      return await this.#ask(question, ground);
    } catch (error) {
      return { result: unsent("busy", describeError(error)), traffic: noTraffic };
    }
  }

  #ask(question: SingleQuestion, ground: ProbeGround): Promise<ProbeFinding> {
    switch (question.kind) {
      case "tcp":
        return probeTcp(question, ground);
      case "dns":
        return probeDns(question, ground);
      case "tls":
        return this.#probeTls(question, ground);
      case "http":
        return probeHttp(question, ground);
      case "mtu":
        return this.#probeMtu(question, ground);
    }
  }

  #report(outcome: ProbeOutcome): void {
    if (outcome.result.kind === "unsent") this.#queue(outcome);
    else this.#deps.onOutcome(outcome);
  }

  #tellGone(id: number, { name, family }: ProbePath): void {
    this.#tellSoon(id, unsent("path-gone", `the ${family} path by ${name} is another now, or none`));
  }

  #tellSoon(id: number, result: ProbeOutcome["result"]): void {
    this.#queue({ id, result, traffic: noTraffic });
  }

  /**
   * What failed at once is told by a timer, all together: whoever answers each failure by another probe, on a path where the
   * kernel refuses everything, then does so a thousand times a second and not without end.
   */
  #queue(outcome: ProbeOutcome): void {
    this.#untold.push(outcome);
    this.#telling ??= this.#deps.clock.after("tell what could not be sent", tellingTime, () => {
      this.#telling = undefined;
      const untold = this.#untold;
      this.#untold = [];
      for (const each of untold) this.#deps.onOutcome(each);
    });
  }
}
