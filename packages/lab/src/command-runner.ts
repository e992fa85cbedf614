/** Does what a command says and returns an answer that can be printed for people or as JSON. */

import { sleep } from "@ropewalk/kernel/clock";
import { createSystemClock } from "@ropewalk/kernel/system-clock";
import type { Change } from "./change.ts";
import type { Lab } from "./lab.ts";
import type { LabProcess } from "./lab-process.ts";
import type { Flapping } from "./link-switch.ts";
import { reclaimTerminal } from "./native.ts";
import { type Command, commandHelp } from "./pure/command.ts";
import type { Counted, UplinkCounters } from "./pure/counters.ts";
import { drawLab } from "./pure/drawing.ts";
import { describeFaults } from "./pure/faults.ts";
import { type UplinkOptions, uplinkSubnets } from "./pure/topology.ts";
import type { RopewalkInLab } from "./ropewalk-in-lab.ts";
import { changeUplink } from "./uplink-changes.ts";

/** `text` is for people; `facts` go into the JSON line. */
export interface Answer {
  readonly text: string;
  readonly facts?: Readonly<Record<string, unknown>>;
  readonly isFailure?: boolean;
}

export interface RunnerOptions {
  /** `terminal` lets programs use the starter's terminal; `captured` puts what they print into the answer. */
  readonly programs: "terminal" | "captured";
}

export class CommandRunner {
  readonly #lab: Lab;
  readonly #ropewalk: RopewalkInLab;
  readonly #options: RunnerOptions;
  #disturbance: Flapping | undefined;

  constructor(lab: Lab, ropewalk: RopewalkInLab, options: RunnerOptions) {
    this.#lab = lab;
    this.#ropewalk = ropewalk;
    this.#options = options;
  }

  /** Throws LabError. `quit` is the caller's to act on. */
  async run(command: Command): Promise<Answer> {
    const lab = this.#lab;
    switch (command.kind) {
      case "add":
        return this.#add(command.name, command.options);
      case "flap":
        await lab.flap(command.uplink, command.period);
        return { text: `${command.uplink} flaps until it is healed` };
      case "disturb":
        return this.#disturb(command.every);
      case "counters":
        return countersAnswer(await lab.counters(command.uplink));
      case "wait":
        await sleep(createSystemClock(), "wait", command.duration);
        return { text: "" };
      case "shell":
        return this.#terminal(lab.host(command.host).spawn("bash", ["-i"], { stdio: "terminal" }));
      case "run":
        return this.#program(command.host, command.words);
      case "ropewalk":
        return this.#runRopewalk(command.words);
      case "log":
        return { text: this.#ropewalk.log() };
      case "show":
        return this.show();
      case "help":
        return {
          text: commandHelp.map(({ usage, meaning }) => `  ${usage.padEnd(36)} ${meaning}`.trimEnd()).join("\n"),
        };
      case "quit":
        return { text: "" };
      default:
        return changed(await changeUplink(lab, command));
    }
  }

  async #add(name: string | undefined, options: UplinkOptions): Promise<Answer> {
    const { uplink, ...change } = await this.#lab.add(name === undefined ? options : { ...options, name });
    return changed(change, `${uplink.name} at ${uplink.isp}`);
  }

  show(): Answer {
    const uplinks = this.#lab.uplinks.map((uplink) => ({
      uplink,
      faults: describeFaults(this.#lab.faults(uplink.name)),
    }));
    const facts = uplinks.map(({ uplink, faults }) => ({
      name: uplink.name,
      isp: uplink.isp,
      networks: uplinkSubnets(uplink).map(({ router, member, length }) => ({
        address: member,
        gateway: router,
        length,
      })),
      faults,
    }));
    return { text: drawLab(uplinks), facts: { hosts: this.#lab.hostNames, uplinks: facts } };
  }

  async #disturb(every: Parameters<Lab["disturb"]>[0] | undefined): Promise<Answer> {
    await this.#disturbance?.stop();
    this.#disturbance = every === undefined ? undefined : await this.#lab.disturb(every);
    return { text: every === undefined ? "foreign networks are quiet" : "foreign networks change their links" };
  }

  async #runRopewalk(words: readonly string[]): Promise<Answer> {
    if (words[0] === "up") return { text: await this.#ropewalk.start(words) };
    const [command, ...args] = await this.#ropewalk.commandLine(words);
    return this.#program("edge", [command, ...args]);
  }

  async #program(hostName: string, words: readonly string[]): Promise<Answer> {
    const [command = "", ...args] = words;
    const host = this.#lab.host(hostName);
    if (this.#options.programs === "terminal") return this.#terminal(host.spawn(command, args, { stdio: "terminal" }));
    const { status, stdout, stderr } = await host.tryExec(command, args);
    return { text: `${stdout}${stderr}`.trimEnd(), facts: { status, stdout, stderr }, isFailure: status !== 0 };
  }

  async #terminal(program: LabProcess): Promise<Answer> {
    // Ctrl-C reaches everything on the terminal; it is meant for the program.
    const ignore = () => {};
    process.on("SIGINT", ignore);
    const { status, signal } = await program.exited;
    process.off("SIGINT", ignore);
    reclaimTerminal();
    return { text: "", facts: { status, signal }, isFailure: status !== 0 };
  }
}

function changed({ at, doneAt }: Change, what = "done"): Answer {
  const took = Number(doneAt - at) / 1e6;
  return { text: `${what}, in ${took.toFixed(2)} ms`, facts: { atNs: String(at), doneAtNs: String(doneAt) } };
}

function countersAnswer(counters: UplinkCounters): Answer {
  const rows = (title: string, list: readonly Counted[]) =>
    list.map(({ address, packets, bytes }) => `${title}  ${address.padEnd(28)} ${packets} packets, ${bytes} bytes`);
  const lines = [
    ...rows("sent    ", counters.sent),
    ...rows("foreign ", counters.foreign),
    ...rows("received", counters.received),
  ];
  return { text: lines.join("\n"), facts: { ...counters } };
}
