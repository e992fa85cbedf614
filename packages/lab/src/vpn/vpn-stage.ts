/** What the VPN's story plays on: entry, an exit, a customer's device, and a page that is asked for four times a second. */
import { readFile, realpath, rm } from "node:fs/promises";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { millis, seconds } from "@ropewalk/kernel/units";
import type { Patience } from "../demo/patience.ts";
import { addressOf } from "../demo/ways.ts";
import { LabError } from "../errors.ts";
import type { Lab } from "../lab.ts";
import type { LabHost } from "../lab-host.ts";
import { startService } from "../service.ts";
import { type Answered, type Asked, askEntry, type EntryAccess } from "./entry-in-lab.ts";
import { ProgramInLab } from "./program-in-lab.ts";
import { PageStory } from "./pure/page-story.ts";
import { coreToml, entryToml } from "./pure/vpn-configuration.ts";
import { makeVpnFiles } from "./vpn-identities.ts";
import { WireInterface, type WirePlace } from "./wire-interface.ts";

export interface VpnProperties {
  /** The path of `bin/ropewalk.mjs`. */
  readonly launcher: string;
  /** For keys, state and databases; removed by who made it. */
  readonly folder: string;
}

/** Whose device the stage's is. */
export interface StagedCustomer {
  readonly token: string;
  readonly device: string;
}

export interface StagedSession {
  readonly id: string;
  /** Until it was answered. */
  readonly tookMs: number;
}

/** Where each stands. */
export const places = { entry: "resolver-2", exit: "target-1", page: "target-2", customer: "client" } as const;
const names = { entry: "entry", exit: "exit-1" } as const;
export const region = "lab";
/** A first start may have to install what it runs on, and makes a database. */
const startLimit = seconds(60);
const pagePort = 8_080;
const [pageEveryMs, pageWithinMs] = [250, 2_000];
const httpsPort = 7_443;

export class VpnStage implements AsyncDisposable {
  readonly entry: ProgramInLab;
  readonly exit: ProgramInLab;
  readonly access: EntryAccess;
  readonly device: WireInterface;
  readonly pages: PageStory = new PageStory();
  readonly customerHost: LabHost;
  readonly #lab: Lab;
  readonly #stack: AsyncDisposableStack;

  /** Nothing of Ropewalk runs yet. Throws LAB_COMMAND_FAILED, LAB_UNSUPPORTED. */
  static async set(lab: Lab, { launcher, folder }: VpnProperties): Promise<VpnStage> {
    await using stack = new AsyncDisposableStack();
    const [entryAt, exitAt] = [addressOf(places.entry), addressOf(places.exit)];
    const ends = [
      { name: names.entry, address: entryAt },
      { name: names.exit, address: exitAt },
    ];
    const [entryFiles, exitFiles] = await makeVpnFiles(launcher, folder, ends);
    if (entryFiles === undefined || exitFiles === undefined)
      throw new LabError("LAB_BAD_REQUEST", "there are two ends");
    const program = (role: "entry" | "core", host: string, configuration: string) =>
      stack.use(
        new ProgramInLab({ ...{ launcher, role, configuration }, host: lab.host(host), folder: join(folder, role) }),
      );
    const entry = program("entry", places.entry, entryToml(entryFiles, { httpsPort }));
    const exit = program("core", places.exit, coreToml(exitFiles, { exitAt, entryAt, entryName: names.entry }));
    stack.use(await startService(lab.host(places.page), "page-main", `${pagePort}`));
    const device = stack.use(await WireInterface.open(lab.host(places.customer)));
    const access = { url: `https://${entryAt}:${httpsPort}`, authority: entryFiles.authority };
    return new VpnStage({ lab, entry, exit, access, device }, stack.move());
  }

  private constructor(
    parts: Pick<VpnStage, "entry" | "exit" | "access" | "device"> & { readonly lab: Lab },
    stack: AsyncDisposableStack,
  ) {
    ({ entry: this.entry, exit: this.exit, access: this.access, device: this.device } = parts);
    this.#lab = parts.lab;
    this.customerHost = parts.lab.host(places.customer);
    this.#stack = stack;
  }

  /** Milliseconds until it can be asked. Throws LAB_TIMEOUT with what it said. */
  async startEntry(patience: Patience): Promise<number> {
    const began = performance.now();
    await this.entry.start();
    await this.#eventually(patience, { method: "GET", path: "/readyz" }, () => true);
    return Math.round(performance.now() - began);
  }

  /** Milliseconds until entry has heard from it. It is registered before. Throws LAB_TIMEOUT with what both said. */
  async startExit(patience: Patience): Promise<number> {
    const token = await this.adminKey();
    const body = { name: names.exit, roles: ["vpn"], region };
    await this.ask({ method: "POST", path: "/v1/admin/nodes", token, body });
    const began = performance.now();
    await this.exit.start();
    await this.#eventually(patience, { method: "GET", path: "/v1/admin/core/status", token }, (answer) =>
      isHealthy(answer.body),
    );
    return Math.round(performance.now() - began);
  }

  /** As the customer's host, whoever asks. Throws LAB_COMMAND_FAILED when there is no answer, or one that says no. */
  ask(asked: Asked): Promise<Answered> {
    return askEntry(this.customerHost, this.access, asked);
  }

  async #eventually(patience: Patience, asked: Asked, isSo: (answer: Answered) => boolean): Promise<void> {
    for (const end = performance.now() + startLimit; ; await patience.rest(millis(50))) {
      const answer = await this.ask(asked).catch(() => undefined);
      if (answer !== undefined && isSo(answer)) return;
      if (performance.now() > end)
        throw new LabError("LAB_TIMEOUT", `${asked.path} does not say so: ${this.entry.log}\n${this.exit.log}`);
    }
  }

  /** Somebody to whom the device belongs. */
  async newCustomer(admin: string): Promise<StagedCustomer> {
    const customer = await this.ask({ method: "POST", path: "/v1/admin/customers", token: admin });
    const tokens = `/v1/admin/customers/${String(customer.body["id"])}/tokens`;
    const issued = await this.ask({ method: "POST", path: tokens, token: admin, body: {} });
    const token = String(issued.body["token"]);
    const named = { name: "client", publicKey: this.device.publicKey };
    const device = await this.ask({ method: "POST", path: "/v1/devices", token, body: named });
    return { token, device: String(device.body["id"]) };
  }

  /** When it is answered the device is where it says; what goes to the page's host goes through it. */
  async startSession({ token, device: deviceId }: StagedCustomer): Promise<StagedSession> {
    const body = { deviceId, region };
    const { body: answer, tookMs } = await this.ask({ method: "POST", path: "/v1/sessions/start", token, body });
    const { id, place } = answer["session"] as { readonly id: string; readonly place: Omit<WirePlace, "routes"> };
    await this.device.place({ ...place, routes: [this.#pageNetwork] });
    return { id, tookMs };
  }

  /** An admin's key, which entry made at its first start. */
  async adminKey(): Promise<string> {
    const file = await readFile(join(this.entry.folder, "state", "entry", "admin-key"), "utf8");
    return file.trim();
  }

  /** From now on, until the stage is gone. */
  async askForPages(): Promise<void> {
    const url = `http://${addressOf(places.page)}:${pagePort}/`;
    const setting = JSON.stringify({ url, everyMs: pageEveryMs, withinMs: pageWithinMs });
    const asker = this.#stack.use(await startService(this.#lab.host(places.customer), "page-asker-main", setting));
    createInterface({ input: asker.stdout }).on("line", (line) => this.pages.hear(line));
  }

  /** Pages that were asked for from the moment on, each of which has had its time. */
  async pagesSince(
    moment: number,
    until: number,
    patience: Patience,
  ): Promise<{ readonly came: number; readonly failed: number }> {
    await patience.until(() => Date.now() > until + pageWithinMs);
    return this.pages.between(moment, until);
  }

  /** What the customer sends through his tunnel. */
  get #pageNetwork(): string {
    return `${addressOf(places.page)}/32`;
  }

  [Symbol.asyncDispose](): PromiseLike<void> {
    return this.#stack.disposeAsync();
  }
}

/** When the lab is gone. As root entry keeps its data where its server's user can get: the state folder has a link there. */
export async function removeVpnFolder(folder: string): Promise<void> {
  const data = await realpath(join(folder, "entry", "state", "entry", "database")).catch(() => undefined);
  if (data !== undefined) await rm(data, { recursive: true, force: true });
  await rm(folder, { recursive: true, force: true });
}

function isHealthy(body: Answered["body"]): boolean {
  const nodes = body["nodes"];
  return Array.isArray(nodes) && nodes.some((node: { readonly isHealthy?: boolean }) => node.isHealthy === true);
}
