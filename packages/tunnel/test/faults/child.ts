/** A process of these tests that takes commands and reports, by messages; it goes with whoever started it. */
import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";

const flags = ["--conditions=@ropewalk/source", "--disable-warning=ExperimentalWarning"];
const usualDeadline = 20_000;

interface Wait<Report> {
  readonly isIt: (report: Report) => boolean;
  readonly take: (report: Report) => void;
}

export class Child<Command extends object, Report extends { readonly kind: string }> implements AsyncDisposable {
  readonly #child: ChildProcess;
  readonly #name: string;
  readonly #reports: Report[] = [];
  readonly #waits = new Set<Wait<Report>>();
  #stderr = "";

  /** `main` is a file of this folder. */
  constructor(main: string, args: readonly string[]) {
    this.#name = main;
    this.#child = fork(join(import.meta.dirname, main), args, {
      execArgv: flags,
      stdio: ["ignore", "ignore", "pipe", "ipc"],
    });
    this.#child.stderr?.setEncoding("utf8").on("data", (text: string) => (this.#stderr += text));
    this.#child.on("message", (message) => this.#onReport(message as Report));
  }

  /** All that it has reported and nobody has forgotten. */
  get reports(): readonly Report[] {
    return this.#reports;
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  tell(command: Command): void {
    if (!this.#child.connected) throw new Error(`${this.#name} has ended\n${this.#stderr}`);
    this.#child.send(command);
  }

  forget(): void {
    this.#reports.length = 0;
  }

  /** The next report of this kind, from after `act`; throws when none comes, with what the process said. */
  async next<Kind extends Report["kind"]>(
    kind: Kind,
    isIt: (report: Extract<Report, { readonly kind: Kind }>) => boolean = () => true,
    act: () => void = () => {},
    deadline: number = usualDeadline,
  ): Promise<Extract<Report, { readonly kind: Kind }>> {
    type Meant = Extract<Report, { readonly kind: Kind }>;
    const isMeant = (report: Report): report is Meant => report.kind === kind && isIt(report as Meant);
    const { promise, resolve, reject } = Promise.withResolvers<Meant>();
    const wait: Wait<Report> = { isIt: isMeant, take: (report) => resolve(report as Meant) };
    const fail = () => reject(new Error(`${this.#name} did not report "${kind}" in ${deadline} ms\n${this.#stderr}`));
    const timer = setTimeout(fail, deadline);
    this.#child.once("exit", fail);
    this.#waits.add(wait);
    try {
      act();
      return await promise;
    } finally {
      clearTimeout(timer);
      this.#child.off("exit", fail);
      this.#waits.delete(wait);
    }
  }

  /** As `next`, or one that has been reported already. */
  async seen<Kind extends Report["kind"]>(
    kind: Kind,
    isIt: (report: Extract<Report, { readonly kind: Kind }>) => boolean,
    deadline?: number,
  ): Promise<Extract<Report, { readonly kind: Kind }>> {
    type Meant = Extract<Report, { readonly kind: Kind }>;
    const known = this.#reports.find((report): report is Meant => report.kind === kind && isIt(report as Meant));
    return known ?? (await this.next(kind, isIt, () => {}, deadline));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const gone = once(this.#child, "exit");
    this.#child.kill("SIGKILL");
    await gone;
  }

  #onReport(report: Report): void {
    this.#reports.push(report);
    for (const wait of [...this.#waits]) {
      if (!wait.isIt(report)) continue;
      this.#waits.delete(wait);
      wait.take(report);
    }
  }
}
