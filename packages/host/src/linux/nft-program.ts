/** Runs nft with a script; a transaction of it is done whole or not at all. Nothing that must be quick may wait for it. */
import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import type { Clock } from "@ropewalk/kernel/clock";
import { seconds } from "@ropewalk/kernel/units";
import type { Nft, NftListing, NftOutcome, RunNft } from "../nft.ts";
import { createFirewallReader } from "./firewall-objects.ts";
import type { Native } from "./native.ts";

const longestRun = seconds(5);
const longestDetail = 2_000;
/** A set of fifty thousand elements. */
const longestListing = 16_777_216;
const systemFolders = "/usr/local/sbin:/usr/sbin:/sbin:/usr/local/bin:/usr/bin:/bin:/run/current-system/sw/bin";

/** `searchPath` is where nft may be. It never rejects. A run of more than five seconds is killed and refused. */
export function createNftProgram(clock: Clock, searchPath: string = systemFolders): RunNft {
  return async (script) => {
    const ended = await run({ clock, searchPath }, ["-f", "-"], script);
    return ended.kind === "listed" ? { kind: "done" } : ended;
  };
}

/** The same, which also lists, by an argument: with JSON nft reads no text from a socket. What is longer than sixteen million characters is refused. There is nothing to dispose of. */
export function createNftCli(native: Native, clock: Clock, searchPath: string = systemFolders): Nft {
  return {
    run: createNftProgram(clock, searchPath),
    list: (command) => run({ clock, searchPath }, ["-j", "--", command], ""),
    ...createFirewallReader(native),
    [Symbol.dispose]() {},
  };
}

interface Circumstances {
  readonly clock: Clock;
  readonly searchPath: string;
}

function run({ clock, searchPath }: Circumstances, args: readonly string[], script: string): Promise<NftListing> {
  return new Promise((resolve) => {
    const child = spawn("nft", args, { cwd: "/", env: { PATH: searchPath, LC_ALL: "C" } });
    const end = (outcome: NftListing) => {
      timer[Symbol.dispose]();
      resolve(outcome);
    };
    const stop = (detail: string) => {
      child.kill("SIGKILL");
      end({ kind: "refused", detail });
    };
    const timer = clock.after("nft", longestRun, () => stop(`nft did not end within ${longestRun} ms`));
    const said = collect(child);
    const listed = collectListing(child, () => stop(`nft lists more than ${longestListing} characters`));
    child.once("error", (error) => end(failure(error)));
    child.once("close", (status) => {
      end(
        status === 0
          ? { kind: "listed", json: listed() }
          : { kind: "refused", detail: said() || `nft ended with ${status}` },
      );
    });
    // It may end before it has read all.
    child.stdin.on("error", () => {});
    child.stdin.end(script);
  });
}

function failure(error: NodeJS.ErrnoException): Exclude<NftOutcome, { kind: "done" }> {
  return error.code === "ENOENT" ? { kind: "no-nft" } : { kind: "refused", detail: error.message };
}

function collect(child: ChildProcessWithoutNullStreams): () => string {
  let text = "";
  child.stderr.setEncoding("utf8").on("data", (chunk: string) => {
    text = `${text}${chunk}`.slice(0, longestDetail);
  });
  return () => text.trim();
}

function collectListing(child: ChildProcessWithoutNullStreams, onTooLong: () => void): () => string {
  const parts: string[] = [];
  let length = 0;
  child.stdout.setEncoding("utf8").on("data", (chunk: string) => {
    length += chunk.length;
    if (length <= longestListing) parts.push(chunk);
    else onTooLong();
  });
  return () => parts.join("");
}
