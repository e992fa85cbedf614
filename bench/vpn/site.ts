/** Entry, an exit and all customers in a lab; the customers are one process on a host of their own, and an echo service stands beyond the exit. */
import { once } from "node:events";
import { cpus } from "node:os";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { seconds } from "@ropewalk/kernel/units";
import { createLab, type Lab } from "@ropewalk/lab/lab";
import type { LabHost } from "@ropewalk/lab/lab-host";
import type { LabProcess } from "@ropewalk/lab/lab-process";
import { Patience } from "@ropewalk/lab/patience";
import { places, region, VpnStage } from "@ropewalk/lab/vpn-stage";
import { addressOf } from "@ropewalk/lab/ways";
import type { BareGround } from "./bare-task.ts";
import type { CustomersOrder, CustomersTask, CustomersWord } from "./customers-task.ts";

const launcher = fileURLToPath(new URL("../../bin/ropewalk.mjs", import.meta.url));
const customersProgram = fileURLToPath(new URL("./customers-main.ts", import.meta.url));
const bareProgram = fileURLToPath(new URL("./bare-main.ts", import.meta.url));
const echoProgram = fileURLToPath(new URL("../udp-echo-main.ts", import.meta.url));
const echoPort = 7_007;
const patience = seconds(300);

export class VpnSite implements AsyncDisposable {
  readonly stage: VpnStage;
  readonly #lab: Lab;
  readonly #customers: Customers;
  readonly #stack: AsyncDisposableStack;

  static async open(folder: string, customers: number): Promise<VpnSite> {
    await using stack = new AsyncDisposableStack();
    const lab = stack.use(await createLab({ uplinks: 1 }));
    const stage = stack.use(await VpnStage.set(lab, { launcher, folder }));
    const waiting = new Patience(new AbortController().signal, seconds(60));
    await stage.startEntry(waiting);
    await stage.startExit(waiting);
    const echo = stack.use(
      lab.host(places.page).spawn(process.execPath, [...process.execArgv, echoProgram, "serve", `${echoPort}`]),
    );
    await once(echo.stdout, "data");
    const task: CustomersTask = {
      ...{ ...stage.access, adminKey: await stage.adminKey(), customers, region },
      echo: { address: addressOf(places.page), port: echoPort },
    };
    const host = lab.host(places.customer);
    const crowd = stack.use(await Customers.start(host, task));
    return new VpnSite(stage, lab, crowd, stack.move());
  }

  private constructor(stage: VpnStage, lab: Lab, customers: Customers, stack: AsyncDisposableStack) {
    this.stage = stage;
    this.#lab = lab;
    this.#customers = customers;
    this.#stack = stack;
  }

  tell<Kind extends CustomersWord["kind"]>(
    order: CustomersOrder,
    kind: Kind,
  ): Promise<Extract<CustomersWord, { readonly kind: Kind }>> {
    return this.#customers.tell(order, kind);
  }

  hostOf(name: string): LabHost {
    return this.#lab.host(name);
  }

  /** wireguard-go alone on the exit's host, beside the exit's, until the site is gone. */
  async startBare(): Promise<BareGround> {
    const words = [...process.execArgv, bareProgram, addressOf(places.exit)];
    const started = this.#stack.use(this.hostOf(places.exit).spawn(process.execPath, words));
    started.stderr.pipe(process.stderr);
    const { value } = await createInterface({ input: started.stdout })[Symbol.asyncIterator]().next();
    return JSON.parse(String(value)) as BareGround;
  }

  [Symbol.asyncDispose](): PromiseLike<void> {
    return this.#stack.disposeAsync();
  }
}

class Customers implements AsyncDisposable {
  readonly #process: LabProcess;
  readonly #lines: AsyncIterator<string>;

  static async start(host: LabHost, task: CustomersTask): Promise<Customers> {
    const customers = new Customers(host.spawn(process.execPath, [...process.execArgv, customersProgram]));
    customers.#write(task);
    await customers.#hear("ready");
    return customers;
  }

  private constructor(started: LabProcess) {
    this.#process = started;
    started.stderr.pipe(process.stderr);
    this.#lines = createInterface({ input: started.stdout })[Symbol.asyncIterator]();
  }

  async tell<Kind extends CustomersWord["kind"]>(
    order: CustomersOrder,
    kind: Kind,
  ): Promise<Extract<CustomersWord, { readonly kind: Kind }>> {
    this.#write(order);
    return await this.#hear(kind);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#process[Symbol.asyncDispose]();
  }

  #write(value: object): void {
    this.#process.stdin.write(`${JSON.stringify(value)}\n`);
  }

  async #hear<Kind extends CustomersWord["kind"]>(
    kind: Kind,
  ): Promise<Extract<CustomersWord, { readonly kind: Kind }>> {
    const late = AbortSignal.timeout(patience);
    const { promise, reject } = Promise.withResolvers<never>();
    late.addEventListener("abort", () => reject(new Error(`the customers were not ${kind} in time`)));
    const { value } = await Promise.race([this.#lines.next(), promise]);
    const word = JSON.parse(String(value)) as CustomersWord;
    if (word.kind !== kind) throw new Error(`the customers said ${word.kind}, not ${kind}`);
    return word as Extract<CustomersWord, { readonly kind: Kind }>;
  }
}

/** Of all processors, since the machine began, in milliseconds of work. */
export function machineWork(): number {
  return cpus().reduce((sum, { times }) => sum + times.user + times.nice + times.sys + times.irq, 0);
}
