/** Ropewalk's own account of what it does, followed from its program as anybody may: `ropewalk status --watch --json`. */
import { createInterface } from "node:readline";
import { LabError } from "../errors.ts";
import type { LabHost } from "../lab-host.ts";
import type { LabProcess } from "../lab-process.ts";
import type { RopewalkInLab } from "../ropewalk-in-lab.ts";
import { NodeStory, type NodeWord } from "./pure/node-story.ts";

export class RopewalkVoice implements AsyncDisposable {
  readonly story: NodeStory = new NodeStory();
  readonly #process: LabProcess;

  /** Resolves with the first picture; `onWord` gets every word behind it. Throws LAB_COMMAND_FAILED. */
  static async follow(
    ropewalk: RopewalkInLab,
    edge: LabHost,
    onWord: (word: NodeWord) => void,
  ): Promise<RopewalkVoice> {
    const [command, ...args] = await ropewalk.commandLine(["status", "--watch", "--json"]);
    const voice = new RopewalkVoice(edge.spawn(command, args));
    try {
      await voice.#begun(onWord);
      return voice;
    } catch (error) {
      await voice[Symbol.asyncDispose]();
      throw error;
    }
  }

  private constructor(process: LabProcess) {
    this.#process = process;
  }

  #begun(onWord: (word: NodeWord) => void): Promise<void> {
    return new Promise((resolve, reject) => {
      createInterface({ input: this.#process.stdout }).on("line", (line) => {
        const word = this.story.hear(line);
        if (word?.kind === "picture") resolve();
        else if (word !== undefined) onWord(word);
      });
      void this.#process.exited.then(() =>
        reject(new LabError("LAB_COMMAND_FAILED", "Ropewalk's events ended before the first one")),
      );
    });
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#process[Symbol.asyncDispose]();
  }
}
