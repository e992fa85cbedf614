/** The processes of one running peer: their words are kept for a failure's message, and all of them end together. */
import type { LabHost } from "@ropewalk/lab/lab-host";
import type { LabProcess } from "@ropewalk/lab/lab-process";
import { stampLines } from "../stamped-lines.ts";

type OnLine = (line: string, at: bigint) => void;

const keptLines = 20;

export class PeerProcesses implements AsyncDisposable {
  readonly #stack = new AsyncDisposableStack();
  #isEnding = false;
  #failure: string | undefined;

  /** Starts `words` in `host`; `onLine` hears both of its streams. Messages call it `name`. */
  start(host: LabHost, name: string, words: readonly string[], onLine: OnLine = () => {}): LabProcess {
    const [command = "", ...args] = words;
    const started = host.spawn(command, args);
    const said: string[] = [];
    for (const stream of [started.stdout, started.stderr]) {
      stampLines(stream, (line, at) => {
        said.push(line);
        if (said.length > keptLines) said.shift();
        onLine(line, at);
      });
    }
    this.#stack.defer(async () => {
      await started.stop();
      await started[Symbol.asyncDispose]();
    });
    void started.exited.then(({ status, signal }) => {
      if (this.#isEnding) return;
      this.#failure ??= `${name} in ${host.name} ended with ${signal ?? status}: ${said.join(" | ")}`;
    });
    return started;
  }

  /** Runs `undo` when the processes have ended. */
  defer(undo: () => Promise<void>): void {
    this.#stack.defer(undo);
  }

  failure(): string | undefined {
    return this.#failure;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isEnding = true;
    await this.#stack.disposeAsync();
  }
}
