/** An interactive ssh session: a login with a terminal at the far end, a key pressed every so often, and its echo waited for. */
import { createSystemClock } from "@ropewalk/kernel/system-clock";
import { type Millis, millis, seconds } from "@ropewalk/kernel/units";
import { LabError } from "../errors.ts";
import type { LabHost } from "../lab-host.ts";
import type { LabProcess } from "../lab-process.ts";
import { Echoes } from "./pure/echoes.ts";

/** Said by the far end when the terminal is ready: it echoes, and does nothing else. */
const greeting = "at your keys\n";
/** Raw but for the echo: each key is an octet there and an octet back. */
const command = `stty raw echo -echoctl && printf '${greeting.trim()}\\n' && exec cat >/dev/null`;
const alphabet = "abcdefghijklmnopqrstuvwxyz";
const loginWithin = seconds(20);

export class SshSession implements AsyncDisposable {
  readonly echoes: Echoes = new Echoes();
  readonly #process: LabProcess;
  readonly #clock = createSystemClock();
  #complaints = "";
  #ended: string | undefined;
  #typing: Disposable | undefined;
  #typed = 0;

  /** Resolves when it is logged in and types. `login` makes the words that run a command there. Throws LAB_COMMAND_FAILED. */
  static async begin(host: LabHost, login: (command: string) => readonly string[], every: Millis): Promise<SshSession> {
    const [program = "", ...args] = login(command);
    const session = new SshSession(host.spawn(program, args));
    try {
      await session.#greeted();
      session.#type(every);
      return session;
    } catch (error) {
      await session[Symbol.asyncDispose]();
      throw error;
    }
  }

  private constructor(process: LabProcess) {
    this.#process = process;
    process.stderr.setEncoding("utf8").on("data", (text: string) => {
      this.#complaints = (this.#complaints + text).slice(-2_048);
    });
    void process.exited.then(({ status, signal }) => {
      this.#ended ??= `ssh ended with ${signal ?? status}: ${this.#complaints.trim()}`;
    });
  }

  /** Why it is over; undefined while it lives. */
  get ended(): string | undefined {
    return this.#ended;
  }

  /** Presses no key any more. */
  pause(): void {
    this.#typing?.[Symbol.dispose]();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.pause();
    await this.#process[Symbol.asyncDispose]();
  }

  #greeted(): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const late = () => reject(new LabError("LAB_TIMEOUT", `no login within ${loginWithin} ms: ${this.#complaints}`));
    const timer = this.#clock.after("ssh login", loginWithin, late);
    let said = "";
    this.#process.stdout.setEncoding("latin1").on("data", (text: string) => {
      if (said.endsWith(greeting)) return this.echoes.hear(text, process.hrtime.bigint());
      said += text;
      if (said.endsWith(greeting)) resolve();
    });
    void this.#process.exited.then(() => reject(new LabError("LAB_COMMAND_FAILED", `no login: ${this.#ended}`)));
    return promise.finally(() => timer[Symbol.dispose]());
  }

  /** By the clock, whatever has been echoed: a person does not wait for each key either. */
  #type(every: Millis): void {
    const began = this.#clock.now();
    const press = () => {
      const key = alphabet[this.#typed % alphabet.length] ?? "";
      this.#typed += 1;
      this.echoes.press(key, process.hrtime.bigint());
      this.#process.stdin.write(key);
      const wait = began + this.#typed * every - this.#clock.now();
      this.#typing = this.#clock.after("key of an ssh session", millis(Math.max(0, wait)), press);
    };
    press();
  }
}
