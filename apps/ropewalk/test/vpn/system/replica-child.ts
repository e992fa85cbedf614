/** A replica in a process of its own, as its parent holds it. */
import { type ChildProcess, fork } from "node:child_process";
import type { DatabaseSettings } from "@ropewalk/entry/pure/database-settings";
import type { VpnControlSettings } from "@ropewalk/entry/vpn-control-settings";
import type { GrpcIdentityFiles } from "@ropewalk/ops/grpc-identity";
import type { Ask, Begin } from "./replica-main.ts";

export type Reply =
  /** How it came out, and how many points it went through. */
  | { readonly kind: "done"; readonly outcome: string; readonly passed: number }
  /** Where it died. */
  | { readonly kind: "died"; readonly at: string };

export class ReplicaChild implements AsyncDisposable {
  readonly #child: ChildProcess;
  #said = "";

  private constructor(child: ChildProcess) {
    this.#child = child;
    child.stdout?.on("data", (data) => {
      this.#said += data;
    });
  }

  static async start(settings: DatabaseSettings, files: GrpcIdentityFiles, terms: VpnControlSettings) {
    const child = fork(new URL("./replica-main.ts", import.meta.url), {
      stdio: ["ignore", "pipe", "inherit", "ipc"],
      serialization: "advanced",
    });
    const replica = new ReplicaChild(child);
    const text = (octets: Uint8Array) => Buffer.from(octets).toString("base64");
    const { certificate, key, authorities } = files;
    const told = { certificate: text(certificate), key: text(key), authorities: text(authorities) };
    const reply = await replica.#send({ kind: "begin", settings, files: told, terms });
    if (reply.kind === "died" || reply.outcome !== "begun")
      throw new Error(`a replica did not begin: ${JSON.stringify(reply)}`);
    return replica;
  }

  ask(asked: Ask): Promise<Reply> {
    return this.#send(asked);
  }

  /** Where it stopped, and says nothing more. */
  get stoppedAt(): string {
    return this.#said.trim();
  }

  signal(signal: "SIGCONT" | "SIGKILL"): void {
    this.#child.kill(signal);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const gone = new Promise((resolve) => this.#child.once("exit", resolve));
    this.#child.kill("SIGKILL");
    await gone;
  }

  #send(message: Begin | Ask): Promise<Reply> {
    const child = this.#child;
    const { promise, resolve } = Promise.withResolvers<Reply>();
    const onMessage = ({ done, passed }: { done: string; passed: number }) =>
      settle({ kind: "done", outcome: done, passed });
    const onExit = () => settle({ kind: "died", at: this.#said.trim() });
    const settle = (reply: Reply) => {
      child.off("message", onMessage as never);
      child.off("close", onExit);
      resolve(reply);
    };
    child.on("message", onMessage as never);
    child.on("close", onExit);
    child.send(message);
    return promise;
  }
}
