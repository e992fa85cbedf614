/**
 * A PID namespace with hosts in it. Everything hangs on one init, and init hangs on its starter twice: by the
 * parent-death signal and by its standard input, which the kernel closes however the starter ends.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { readFile } from "node:fs/promises";
import { createInterface } from "node:readline";
import { withDeadline } from "@ropewalk/kernel/clock";
import { InternalError } from "@ropewalk/kernel/errors";
import { createSystemClock } from "@ropewalk/kernel/system-clock";
import { seconds } from "@ropewalk/kernel/units";
import { LabError } from "./errors.ts";
import { LabHost } from "./lab-host.ts";
import type { LabProcess } from "./lab-process.ts";
import type { Settings } from "./pure/ip-plan.ts";
import { requireForLab } from "./requirements.ts";
import { hostScript, initScript } from "./sandbox-scripts.ts";

export interface SandboxOptions {
  /** /etc/resolv.conf of every host. */
  readonly resolvConf: string;
  /** /etc/hosts of every host. */
  readonly hostsFile: string;
}

interface Waiting {
  readonly resolve: (innerPid: number) => void;
  readonly reject: (error: LabError) => void;
}

/** How init names itself; no host may be called so. */
const rootName = "lab";
/** From unshare down to a host: init, its loop, the loop's child, the host. */
const generations = 4;
const startLimit = seconds(10);

export class Sandbox implements AsyncDisposable {
  readonly #init: ChildProcess;
  readonly #isUserNamespace: boolean;
  readonly #waiting = new Map<string, Waiting>();
  readonly #running = new Set<LabProcess>();
  readonly #exited: Promise<void>;
  #complaints = "";
  #isGone = false;
  #root: LabHost | undefined;

  /** Throws LAB_UNSUPPORTED with what this machine lacks. */
  static async open(options: SandboxOptions): Promise<Sandbox> {
    const needs = await requireForLab();
    await using unwinding = new AsyncDisposableStack();
    const sandbox = unwinding.use(new Sandbox(options, needs.isUserNamespace));
    sandbox.#root = await sandbox.#answer(rootName, () => {}).catch(refuseNamespaces);
    unwinding.move();
    return sandbox;
  }

  private constructor(options: SandboxOptions, isUserNamespace: boolean) {
    this.#isUserNamespace = isUserNamespace;
    const user = isUserNamespace ? ["--user", "--map-root-user"] : [];
    const unshare = ["unshare", ...user, "--pid", "--fork", "--kill-child=KILL", "--mount-proc", "--net", "--uts"];
    const script = ["sh", "-c", initScript, "lab-init", hostScript, options.resolvConf, options.hostsFile];
    this.#init = spawn("setpriv", ["--pdeathsig", "KILL", ...unshare, ...script], { stdio: "pipe", detached: true });
    this.#init.stdin?.on("error", () => {});
    this.#init.stderr?.setEncoding("utf8").on("data", (text: string) => {
      this.#complaints = (this.#complaints + text).slice(-4096);
    });
    this.#exited = new Promise<void>((resolve) => {
      this.#init.once("error", () => resolve());
      this.#init.once("close", () => resolve());
    }).then(() => this.#onInitExit());
    if (this.#init.stdout !== null) {
      createInterface({ input: this.#init.stdout }).on("line", (line) => this.#onLine(line));
    }
  }

  /** Starts a host with no links but loopback and writes `settings` under /proc/sys. Throws LAB_START_FAILED. */
  async addHost(name: string, settings: Settings = []): Promise<LabHost> {
    if (!/^[a-z][a-z0-9-]{0,30}$/.test(name) || name === rootName)
      throw new LabError("LAB_BAD_REQUEST", `"${name}" cannot name a host`);
    const words = [name, ...settings.map(([path, value]) => `${path}=${value}`)];
    return this.#answer(name, () => this.#init.stdin?.write(`${words.join(" ")}\n`));
  }

  /** The sandbox's own mounts and an empty network, outside every host; its /proc shows them all. */
  get root(): LabHost {
    if (this.#root === undefined) throw new InternalError("a sandbox was used before it was open");
    return this.#root;
  }

  /** Kills every process in the sandbox and waits until the last one is gone. */
  async [Symbol.asyncDispose](): Promise<void> {
    // Init sees the end of its input and exits, and with it the kernel kills the whole PID namespace.
    this.#init.stdin?.end();
    const timer = setTimeout(() => this.#init.kill("SIGKILL"), seconds(5));
    await this.#exited;
    clearTimeout(timer);
    await Promise.all([...this.#running].map((process) => process.exited));
  }

  /** Waits for the line in which `name` tells its process id, after `ask` has asked for it. */
  async #answer(name: string, ask: () => void): Promise<LabHost> {
    const ready = new Promise<number>((resolve, reject) => this.#waiting.set(name, { resolve, reject }));
    if (this.#isGone) this.#onInitExit();
    else ask();
    const late = () => this.#failure(`${name} did not start within ${startLimit} ms`);
    const innerPid = await withDeadline(createSystemClock(), `start ${name}`, startLimit, ready, late);
    return this.#host(name, await this.#outerPid(innerPid), innerPid);
  }

  #host(name: string, pid: number, innerPid: number): LabHost {
    return new LabHost({ name, pid, innerPid, isUserNamespace: this.#isUserNamespace }, (process) => {
      this.#running.add(process);
      void process.exited.then(() => this.#running.delete(process));
    });
  }

  #onLine(line: string): void {
    const [name = "", answer = ""] = line.split(" ");
    const waiting = this.#waiting.get(name);
    this.#waiting.delete(name);
    if (answer === "failed") waiting?.reject(this.#failure(`host ${name} could not be set up`));
    else waiting?.resolve(Number(answer));
  }

  #onInitExit(): void {
    this.#isGone = true;
    for (const waiting of this.#waiting.values()) waiting.reject(this.#failure("the lab's init ended"));
    this.#waiting.clear();
  }

  #failure(what: string): LabError {
    const said = this.#complaints.trim();
    return new LabError("LAB_START_FAILED", said === "" ? what : `${what}: ${said}`);
  }

  async #outerPid(innerPid: number): Promise<number> {
    const found = await findByInnerPid(this.#init.pid ?? 0, innerPid, generations);
    if (found === undefined) throw new LabError("LAB_GONE", `process ${innerPid} of the lab is gone`);
    return found;
  }
}

function refuseNamespaces(cause: unknown): never {
  const what =
    "this machine does not let this user make namespaces: run as root with CAP_SYS_ADMIN (a container has it not)";
  throw new LabError("LAB_UNSUPPORTED", what, { cause });
}

/** Walks at most `depth` generations below `pid`; the last column of NSpid is the id in the innermost namespace. */
async function findByInnerPid(pid: number, innerPid: number, depth: number): Promise<number | undefined> {
  const children = await readFile(`/proc/${pid}/task/${pid}/children`, "utf8").catch(() => "");
  for (const child of children.trim().split(" ").filter(Boolean).map(Number)) {
    const status = await readFile(`/proc/${child}/status`, "utf8").catch(() => "");
    const nsPid = /^NSpid:\s+(.*)$/m.exec(status)?.[1]?.split("\t") ?? [];
    if (nsPid.length > 1 && Number(nsPid.at(-1)) === innerPid) return child;
    const deeper = depth > 1 ? await findByInnerPid(child, innerPid, depth - 1) : undefined;
    if (deeper !== undefined) return deeper;
  }
  return undefined;
}
