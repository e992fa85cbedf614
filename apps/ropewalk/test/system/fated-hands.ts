/**
 * Hands that kill their own process, as `kill -9` would, right before or right after one of their changes of the kernel: the one
 * that a file says, counted from when that file came. What is changed meanwhile is written to another file.
 */
import { appendFileSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Hands } from "@ropewalk/backhaul/steering/hands";
import type { Native } from "@ropewalk/host/linux/native";
import { type HandsDeps, openHands } from "../../src/compose/hands.ts";

/** Where the two files are, in a folder for each life of a process: "before 3", "after 7", "never 0"; and a line for each change. */
export const fateFile = (folder: string): string => join(folder, "fate");
export const changesFile = (folder: string): string => join(folder, "changes");

/** Messages that change something, by their type. Source: linux/rtnetlink.h, linux/sock_diag.h, linux/netfilter/nfnetlink_conntrack.h. */
const changing: Readonly<Record<number, string>> = {
  20: "write an address",
  24: "write a route",
  25: "remove a route",
  32: "write a rule",
  33: "remove a rule",
  21: "destroy sockets",
  258: "delete flows",
};

export function openFatedHands(deps: HandsDeps, folder: string): Hands {
  const { native } = deps;
  const fate = new Fate(folder);
  const send: Native["send"] = (fd, payload) => {
    const type = new DataView(payload.buffer, payload.byteOffset).getUint16(4, true);
    const name = changing[type];
    return name === undefined ? native.send(fd, payload) : fate.meet(name, () => native.send(fd, payload));
  };
  const hands = openHands({ ...deps, native: { ...native, send } });
  const { settings, marks, resolvers } = hands;
  return {
    ...hands,
    settings: {
      read: (setting) => settings.read(setting),
      write: (wanted) => fate.meet(`set ${wanted.family} ${wanted.name}`, () => settings.write(wanted)),
    },
    marks: {
      want: (uplinks) => fate.meetLater("run nft", () => marks.want(uplinks)),
      purge: () => fate.meetLater("run nft", () => marks.purge()),
      subscribe: (listener) => marks.subscribe(listener),
      [Symbol.asyncDispose]: () => marks[Symbol.asyncDispose](),
    },
    resolvers: resolvers && {
      get owner() {
        return resolvers.owner;
      },
      follow: (plan) => fate.meet("write resolv.conf", () => resolvers.follow(plan)),
      pending: (plan) => resolvers.pending(plan),
      restore: () => fate.meetLater("give resolv.conf back", () => resolvers.restore()),
      [Symbol.asyncDispose]: () => resolvers[Symbol.asyncDispose](),
    },
  };
}

class Fate {
  readonly #folder: string;
  #changes = 0;

  constructor(folder: string) {
    this.#folder = folder;
  }

  meet<T>(name: string, change: () => T): T {
    const dieAfter = this.#begin(name);
    const result = change();
    dieAfter();
    return result;
  }

  async meetLater<T>(name: string, change: () => Promise<T>): Promise<T> {
    const dieAfter = this.#begin(name);
    const result = await change();
    dieAfter();
    return result;
  }

  #begin(name: string): () => void {
    const [moment, which] = this.#read();
    if (moment === undefined) return () => {};
    this.#changes += 1;
    const number = this.#changes;
    appendFileSync(changesFile(this.#folder), `${number} ${name}\n`);
    if (moment === "before" && number === which) die();
    return () => {
      if (moment === "after" && number === which) die();
    };
  }

  #read(): readonly [string | undefined, number] {
    try {
      const [moment, number] = readFileSync(fateFile(this.#folder), "utf8").split(" ");
      return [moment, Number(number)];
    } catch {
      return [undefined, 0];
    }
  }
}

/** Does not return. */
function die(): void {
  process.kill(process.pid, "SIGKILL");
}
