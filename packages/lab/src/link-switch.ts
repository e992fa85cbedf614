/** The lab's side of the switch process: asks it to flip interfaces and hands back when each flip happened. */
import { createInterface } from "node:readline";
import { withDeadline } from "@ropewalk/kernel/clock";
import { createSystemClock } from "@ropewalk/kernel/system-clock";
import { type Millis, seconds } from "@ropewalk/kernel/units";
import { LabError } from "./errors.ts";
import type { LabHost } from "./lab-host.ts";
import type { LabProcess } from "./lab-process.ts";
import { labProgram } from "./lab-program.ts";
import type { SwitchReply, SwitchRequest } from "./switch-protocol.ts";

/** One flip of an interface: CLOCK_MONOTONIC in nanoseconds (`process.hrtime.bigint()`) just before the system call. */
export interface Edge {
  readonly at: bigint;
  readonly up: boolean;
}

export interface Flapping {
  /** Ends with the interface up. Returns every edge, oldest first, at most 100,000; the same again when called again. */
  stop(): Promise<readonly Edge[]>;
}

type Unnumbered<T> = T extends unknown ? Omit<T, "id"> : never;

const limit = seconds(10);

export class LinkSwitch {
  readonly #process: LabProcess;
  readonly #waiting = new Map<number, (reply: SwitchReply | undefined) => void>();
  #lastId = 0;
  #isGone = false;

  /** `root` is the sandbox's root: its /proc shows every host. */
  constructor(root: LabHost) {
    this.#process = root.spawn(...labProgram("switch-main"));
    createInterface({ input: this.#process.stdout }).on("line", (line) => {
      const reply = JSON.parse(line) as SwitchReply;
      this.#waiting.get(reply.id)?.(reply);
      this.#waiting.delete(reply.id);
    });
    void this.#process.exited.then(() => {
      this.#isGone = true;
      for (const settle of this.#waiting.values()) settle(undefined);
      this.#waiting.clear();
    });
  }

  /** Throws LAB_COMMAND_FAILED when the host has no such interface. */
  async set(host: LabHost, name: string, up: boolean): Promise<bigint> {
    const { edges } = await this.#ask({ kind: "set", pid: host.innerPid, name, up });
    return edges[0]?.at ?? 0n;
  }

  /** Down at once, then the other way after every half of `period`. */
  async flap(host: LabHost, name: string, period: Millis): Promise<Flapping> {
    const { id } = await this.#ask({ kind: "flap", pid: host.innerPid, name, halfMs: period / 2 });
    let stopped: Promise<readonly Edge[]> | undefined;
    return {
      stop: () => {
        stopped ??= this.#ask({ kind: "stop", flap: id }).then(({ edges }) => edges);
        return stopped;
      },
    };
  }

  async #ask(request: Unnumbered<SwitchRequest>): Promise<{ readonly id: number; readonly edges: readonly Edge[] }> {
    if (this.#isGone) throw gone();
    this.#lastId += 1;
    const id = this.#lastId;
    const answered = new Promise<SwitchReply | undefined>((settle) => this.#waiting.set(id, settle));
    this.#process.stdin.write(`${JSON.stringify({ ...request, id })}\n`);
    const late = () => new LabError("LAB_TIMEOUT", `the lab's switch did not answer within ${limit} ms`);
    const reply = await withDeadline(createSystemClock(), "switch", limit, answered, late);
    if (reply === undefined) throw gone();
    if (reply.kind === "failed") throw new LabError("LAB_COMMAND_FAILED", reply.reason);
    return { id, edges: reply.edges.map(({ at, up }) => ({ at: BigInt(at), up })) };
  }
}

function gone(): LabError {
  return new LabError("LAB_GONE", "the lab's switch process ended");
}
