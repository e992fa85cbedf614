/**
 * Types what the pages on the mesh show, on machines of a lab, and holds what is answered against what the pages show: a newcomer's two machines on
 * a local network, the messages between them, and the README's way over one to another.
 */
import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { after, before, test } from "node:test";
import { seconds } from "@ropewalk/kernel/units";
import { type MeshMember, meshInRow } from "./mesh-in-lab.ts";
import { type NodeInLab, type Started, soon } from "./node-in-lab.ts";

const repository = resolve(import.meta.dirname, "../../../..");
const patience = seconds(40);
/** As the pages call them: the machine that is typed at, and the others. */
const here = "9c41d0a27b6e5f18334ac09be2d7715f";
const there = "4f0c1e9b3d5a86c2710ffab9d1c06e77";

let lab: NodeInLab;
let client: MeshMember;
let edge: MeshMember;
let target: MeshMember;
let relay: Started;
const running = new AsyncDisposableStack();

before(async () => {
  ({ lab, client, edge, target } = await meshInRow(running));
  running.use(await client.start());
  relay = await edge.start();
  running.defer(() => relay[Symbol.asyncDispose]());
});
after(() => running.disposeAsync());

test("two machines find each other, and one is sent what he reads, also what was sent while he was off", async () => {
  const page = new Page("docs/operating/mesh.md", /^## Two machines in two minutes\n[\s\S]*?^In a \*channel\*/m);
  const names = { [here]: await client.address(), [there]: await edge.address() };
  writeFileSync(join(lab.folder, "map.png"), picture(26_000));
  await relay.until("they have found each other", async () => await isReached(names[there]), patience);
  await page.type(client, names, 2);
  await page.type(client, names, 2);
  await relay.stop("SIGTERM");
  await relay[Symbol.asyncDispose]();
  await untilGone(names[there]);
  await page.type(client, names, 2);
  relay = await edge.start();
  const inbox = async () => (await edge.client.messages.inbox({ after: 0, most: 100, port: 0 }, soon())).messages;
  await relay.until("both are there", async () => (await inbox()).length === 2, patience);
  await page.type(edge, names, 2);
  await page.type(client, names, 1);
  await page.type(client, names, 1);
  await page.type(edge, names, 1);
  assert.equal(page.left, 0);
});

test("who is two links away is traced and sent to, as the README says", async () => {
  const page = new Page("README.md", /^## Mesh\n[\s\S]*?^## /m);
  running.use(await target.start());
  const names = { [here]: await target.address(), [there]: await edge.address() };
  await relay.until("there is a way", async () => await isReached(names[here]), patience);
  await page.type(client, names, 1);
  await page.type(client, names, 1);
  assert.equal(page.left, 0);
});

interface Step {
  readonly words: readonly string[];
  readonly shown: readonly string[];
}

/** The blocks of a page in which something is typed, one after the other. */
class Page {
  readonly #blocks: (readonly Step[])[];

  constructor(file: string, section: RegExp) {
    const [text = ""] = section.exec(readFileSync(join(repository, file), "utf8")) ?? [];
    this.#blocks = [...text.matchAll(/^```\n(\$ [\s\S]*?)^```$/gm)].map(([, block = ""]) => stepsOf(block));
  }

  get left(): number {
    return this.#blocks.length;
  }

  /** The next block, which has so many commands. `names`: the addresses of the page, and those that stand for them. */
  async type(at: MeshMember, names: Readonly<Record<string, string>>, commands: number): Promise<void> {
    const steps = this.#blocks.shift() ?? [];
    assert.equal(steps.length, commands);
    for (const { words, shown } of steps) {
      const typed = words.map((word) => named(word, names));
      let said: readonly string[] = [];
      // What is told of what others do may take a moment to become so.
      await relay
        .until(
          `"${words.join(" ")}" says\n${shown.join("\n")}`,
          async () => {
            if (said.length > 0 && !isQuestion(words)) return false;
            const { stdout, stderr } = await at.command(...typed);
            said = `${stdout}${stderr}`.trimEnd().split("\n");
            return (
              said.length === shown.length && said.every((line, index) => isAsShown(line, shown[index] ?? "", names))
            );
          },
          patience,
        )
        .catch((error: unknown) => {
          throw new Error(`it says\n${said.join("\n")}`, { cause: error });
        });
    }
  }
}

/** Those that change nothing may be asked again. */
function isQuestion([command]: readonly string[]): boolean {
  return command !== "send" && command !== "contacts" && command !== "broadcast";
}

function stepsOf(block: string): readonly Step[] {
  const [, ...steps] = block.split(/^\$ (?:npx )?ropewalk mesh /m);
  return steps.map((step) => {
    const [line = "", ...shown] = step.trimEnd().split("\n");
    return { words: [...line.matchAll(/"([^"]*)"|(\S+)/g)].map(([, quoted, bare]) => quoted ?? bare ?? ""), shown };
  });
}

/** Of an address of the page, or the beginning of one. */
function named(word: string, names: Readonly<Record<string, string>>): string {
  if (word === "map.png") return join(lab.folder, word);
  const [, address] = /^[0-9a-f]{4,}$/.test(word)
    ? (Object.entries(names).find(([name]) => name.startsWith(word)) ?? [])
    : [];
  return address?.slice(0, Math.max(word.length, 8)) ?? word;
}

/** Columns that a narrow window leaves out may follow. */
function isAsShown(said: string, shown: string, names: Readonly<Record<string, string>>): boolean {
  const addressed = Object.entries(names).reduce((text, [name, address]) => text.replaceAll(name, address), shown);
  return masked(said).startsWith(masked(addressed));
}

/** Times, ids and places differ each time. */
function masked(line: string): string {
  return line
    .replace(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, "TIME")
    .replace(/(?<![0-9a-f])[0-9a-f]{16}(?![0-9a-f])/g, "ID")
    .replace(/(?:to|from) \S+ port \d+/g, "PLACE")
    .replace(/(?:< )?\b\d[\d.]* (?:ms|s|min|h)\b/g, "TIME")
    .replace(/\b(?:online|offline|unknown),/g, "ONLINE,")
    .replace(/ +/g, " ")
    .trim();
}

function picture(length: number): Uint8Array {
  const octets = new Uint8Array(length);
  octets.set(Uint8Array.fromHex("89504e470d0a1a0a0000000d49484452"));
  return octets;
}

async function isReached(address: string | undefined): Promise<boolean> {
  const { routes } = await client.client.meshRoutes(soon());
  return routes.some((route) => route.address === address && route.distance !== null);
}

async function untilGone(address: string | undefined): Promise<void> {
  for (const end = performance.now() + patience; await isReached(address); ) {
    assert.ok(performance.now() < end, "it is gone");
    await new Promise((settle) => setTimeout(settle, 50));
  }
}
