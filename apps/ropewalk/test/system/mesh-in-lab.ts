/** The real program on hosts of a lab, each a node of the mesh with its own folder; asked over their sockets, and by their commands. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createMessagingClient, type MessagingClient } from "@ropewalk/api/messages-client";
import type { Finished } from "@ropewalk/lab/lab-host";
import { createUnixFetch, unixBaseUrl } from "../../src/local-api/unix-transport.ts";
import { NodeInLab, type Started, soon } from "./node-in-lab.ts";

/** Where edge is told that target-1 listens. */
export const beyond = "203.0.113.10:7412";

interface MeshInRow {
  readonly lab: NodeInLab;
  readonly client: MeshMember;
  readonly edge: MeshMember;
  readonly target: MeshMember;
}

/** Client on the LAN of edge, edge with two uplinks, target-1 beyond them: only edge is told of another. None runs yet; the lab is `owner`'s. */
export async function meshInRow(owner: AsyncDisposableStack): Promise<MeshInRow> {
  const lab = owner.use(await NodeInLab.open(2));
  return {
    lab,
    client: new MeshMember(lab, "client", "[mesh]\n"),
    edge: new MeshMember(lab, "edge", `[[mesh.peer]]\nat = "${beyond}"\n`),
    target: new MeshMember(lab, "target-1", "[mesh.discovery]\nenabled = false\n"),
  };
}

export class MeshMember {
  readonly host: string;
  readonly client: MessagingClient;
  readonly #lab: NodeInLab;
  readonly #file: string;
  readonly #env: Readonly<Record<string, string>>;

  /** `table`: what its configuration has. */
  constructor(lab: NodeInLab, host: string, table: string) {
    const folder = join(lab.folder, host);
    const file = join(folder, "ropewalk.toml");
    mkdirSync(folder);
    writeFileSync(file, table);
    this.#lab = lab;
    this.#file = file;
    this.host = host;
    this.client = createMessagingClient(createUnixFetch(join(folder, "run/ropewalk.sock")), unixBaseUrl);
    this.#env = {
      ROPEWALK_CONFIG: file,
      ROPEWALK_RUNTIME_DIR: join(folder, "run"),
      ROPEWALK_STATE_DIR: join(folder, "state"),
      ROPEWALK_NODE_HTTP: "off",
    };
  }

  /** Runs its node, and waits until that answers. The caller disposes of it. */
  async start(): Promise<Started> {
    const started = this.#lab.start(["node"], { host: this.host, env: this.#env });
    await started.until(`the node of ${this.host} answers`, async () => (await this.client.mesh(soon())).schema === 1);
    return started;
  }

  /** What its configuration has from now on. */
  write(table: string): void {
    writeFileSync(this.#file, table);
  }

  reload(): Promise<Finished> {
    return this.#lab.run(["config", "reload"], { host: this.host, env: this.#env });
  }

  command(...words: readonly string[]): Promise<Finished> {
    return this.#lab.run(["mesh", ...words], { host: this.host, env: this.#env });
  }

  /** A command that stays. The caller disposes of it. */
  stay(...words: readonly string[]): Started {
    return this.#lab.start(["mesh", ...words], { host: this.host, env: this.#env });
  }

  async address(): Promise<string> {
    return (await this.client.mesh(soon())).address;
  }
}

/** When answers came to a question that is asked again and again, in milliseconds of this process. */
export class SteadyPings implements AsyncDisposable {
  readonly answers: number[] = [];
  readonly #asking: Promise<void>;
  #isOver = false;

  constructor(from: MeshMember, to: string) {
    this.#asking = this.#ask(from, to);
  }

  /** The longest time without an answer. */
  get longestGap(): number {
    return Math.max(0, ...this.answers.slice(1).map((at, index) => at - (this.answers[index] ?? at)));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isOver = true;
    await this.#asking;
  }

  async #ask(from: MeshMember, to: string): Promise<void> {
    const open = new Set<Promise<void>>();
    while (!this.#isOver) {
      const asked = from.client.meshAsk("ping", to, soon()).then(
        ({ kind }) => {
          if (kind === "answered") this.answers.push(performance.now());
        },
        // The node is away.
        () => {},
      );
      open.add(asked);
      void asked.then(() => open.delete(asked));
      // One that is lost takes seconds, and the others are not to wait for it.
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    await Promise.all(open);
  }
}
