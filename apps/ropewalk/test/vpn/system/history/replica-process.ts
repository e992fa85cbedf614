/** A replica in a process of its own that is killed, stopped, and started again on the same ports. */
import { type ChildProcess, fork } from "node:child_process";
import type { ReplicaTerms } from "./served-replica.ts";

export class ReplicaProcess implements AsyncDisposable {
  readonly ports: ReplicaTerms["ports"];
  readonly #terms: ReplicaTerms;
  #child: ChildProcess | undefined;
  #isEnded = false;

  constructor(terms: ReplicaTerms) {
    this.#terms = terms;
    this.ports = terms.ports;
  }

  /** Until it serves; while the database is away it is tried again. */
  async start(): Promise<void> {
    while (!this.#isEnded) {
      const child = fork(new URL("./replica-process-main.ts", import.meta.url), {
        stdio: ["ignore", "inherit", "inherit", "ipc"],
        serialization: "advanced",
      });
      this.#child = child;
      const said = await new Promise<unknown>((resolve) => {
        child.once("message", resolve);
        child.once("exit", () => resolve("it ended"));
        child.send(this.#terms);
      });
      if (said === "serves") return;
      if (!/ENTRY_DATABASE_|it ended|database/.test(String(said))) throw new Error(`a replica does not serve: ${said}`);
      await this.kill();
    }
  }

  /** What it does is over with it. */
  async kill(): Promise<void> {
    const child = this.#child;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const gone = new Promise((resolve) => child.once("exit", resolve));
    child.kill("SIGKILL");
    await gone;
  }

  stop(): void {
    this.#child?.kill("SIGSTOP");
  }

  wake(): void {
    this.#child?.kill("SIGCONT");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isEnded = true;
    await this.kill();
  }
}
