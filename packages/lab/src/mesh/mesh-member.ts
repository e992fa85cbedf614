/** One host's node of the mesh, as people run it: `ropewalk node` with a short configuration, asked over its socket. */
import { mkdir, writeFile } from "node:fs/promises";
import { request } from "node:http";
import { join } from "node:path";
import { LabError } from "../errors.ts";
import type { LabHost } from "../lab-host.ts";
import type { LabProcess } from "../lab-process.ts";

export interface MemberPlan {
  readonly host: LabHost;
  /** The path of `bin/ropewalk.mjs`. */
  readonly launcher: string;
  /** Of this node alone; the caller's, who removes it. */
  readonly folder: string;
  /** What its configuration has. */
  readonly table: string;
}

/** A part of what a node answers. */
export interface MeshAnswer {
  readonly kind: "answered" | "unanswered";
  readonly path: readonly string[];
}

const askWithinMs = 5_000;

export class MeshMember implements AsyncDisposable {
  readonly #plan: MemberPlan;
  #running: LabProcess | undefined;
  #said = "";

  constructor(plan: MemberPlan) {
    this.#plan = plan;
  }

  /** The last of what it has said. */
  get log(): string {
    return this.#said.trimEnd();
  }

  async start(): Promise<void> {
    const { host, launcher, folder, table } = this.#plan;
    await mkdir(folder, { recursive: true, mode: 0o700 });
    await writeFile(join(folder, "ropewalk.toml"), table);
    const running = host.spawn("env", [...this.#environment, process.execPath, launcher, "node"]);
    this.#running = running;
    for (const stream of [running.stdout, running.stderr])
      stream.setEncoding("utf8").on("data", (text: string) => {
        this.#said = (this.#said + text).slice(-8_192);
      });
  }

  /** As `kill -9`, and waits until it is gone. */
  async kill(): Promise<void> {
    await this.#running?.kill("SIGKILL");
    await this.#running?.exited;
  }

  /** Undefined where it does not answer yet. */
  async address(): Promise<string | undefined> {
    const answer = await this.#ask("GET", "/v1/mesh");
    return typeof answer?.["address"] === "string" ? answer["address"] : undefined;
  }

  async trace(to: string): Promise<MeshAnswer> {
    const answer = await this.#ask("POST", `/v1/mesh/trace/${to}`);
    return { kind: answer?.["kind"] === "answered" ? "answered" : "unanswered", path: textsOf(answer?.["path"]) };
  }

  async isAnswered(to: string): Promise<boolean> {
    return (await this.#ask("POST", `/v1/mesh/ping/${to}`))?.["kind"] === "answered";
  }

  /** Envelopes that it keeps for others. */
  async kept(): Promise<number> {
    const custody = (await this.#ask("GET", "/v1/mesh/messages/store"))?.["custody"];
    const isCounted = typeof custody === "object" && custody !== null && "envelopes" in custody;
    return isCounted ? Number(custody.envelopes) : 0;
  }

  /** How many messages came and were not taken. */
  async inboxSize(): Promise<number> {
    const messages = (await this.#ask("GET", "/v1/mesh/messages/inbox"))?.["messages"];
    return Array.isArray(messages) ? messages.length : 0;
  }

  /** What one of its commands prints. Throws LAB_COMMAND_FAILED. */
  async command(...words: readonly string[]): Promise<string> {
    const { host, launcher } = this.#plan;
    const line = [...this.#environment, process.execPath, launcher, "mesh", ...words];
    return (await host.exec("env", line)).stdout.trimEnd();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#running?.[Symbol.asyncDispose]();
  }

  get #environment(): readonly string[] {
    const { folder } = this.#plan;
    return [
      `ROPEWALK_CONFIG=${join(folder, "ropewalk.toml")}`,
      `ROPEWALK_STATE_DIR=${join(folder, "state")}`,
      `ROPEWALK_RUNTIME_DIR=${join(folder, "run")}`,
      "ROPEWALK_NODE_HTTP=off",
      "ROPEWALK_BACKHAUL_PROBE_ENABLED=false",
    ];
  }

  /** Undefined for whatever is no good answer. */
  #ask(method: string, path: string): Promise<Readonly<Record<string, unknown>> | undefined> {
    const socketPath = join(this.#plan.folder, "run/ropewalk.sock");
    const { promise, resolve } = Promise.withResolvers<Readonly<Record<string, unknown>> | undefined>();
    const asked = request({ socketPath, method, path, agent: false, timeout: askWithinMs }, (answer) => {
      let text = "";
      answer.setEncoding("utf8").on("data", (more: string) => {
        text += more;
      });
      answer.on("end", () => resolve(answer.statusCode === 200 ? documentOf(text) : undefined));
      answer.on("error", () => resolve(undefined));
    });
    asked.on("timeout", () => asked.destroy());
    asked.on("error", () => resolve(undefined)).end();
    return promise;
  }
}

function documentOf(text: string): Readonly<Record<string, unknown>> {
  const parsed: unknown = JSON.parse(text);
  if (typeof parsed === "object" && parsed !== null) return parsed as Readonly<Record<string, unknown>>;
  throw new LabError("LAB_COMMAND_FAILED", `a node answered with ${text}`);
}

function textsOf(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.filter((each) => typeof each === "string") : [];
}
