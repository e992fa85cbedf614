/** Runs nft with a script; a transaction of it is done whole or not at all. Nothing that must be quick may wait for it. */
import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import type { Clock } from "@ropewalk/kernel/clock";
import { seconds } from "@ropewalk/kernel/units";

export type NftOutcome =
  | { readonly kind: "done" }
  /** What nft said. */
  | { readonly kind: "refused"; readonly detail: string }
  /** This machine has no nft. */
  | { readonly kind: "no-nft" };

export type RunNft = (script: string) => Promise<NftOutcome>;

const longestRun = seconds(5);
const longestDetail = 2_000;
const systemFolders = "/usr/local/sbin:/usr/sbin:/sbin:/usr/local/bin:/usr/bin:/bin:/run/current-system/sw/bin";

/** `searchPath` is where nft may be. It never rejects. A run of more than five seconds is killed and refused. */
export function createNftProgram(clock: Clock, searchPath: string = systemFolders): RunNft {
  return (script) =>
    new Promise((resolve) => {
      const child = spawn("nft", ["-f", "-"], { cwd: "/", env: { PATH: searchPath, LC_ALL: "C" } });
      const timer = clock.after("nft", longestRun, () => {
        child.kill("SIGKILL");
        end({ kind: "refused", detail: `nft did not end within ${longestRun} ms` });
      });
      const end = (outcome: NftOutcome) => {
        timer[Symbol.dispose]();
        resolve(outcome);
      };
      const said = collect(child);
      child.once("error", (error) => end(failure(error)));
      child.once("close", (status) => {
        end(status === 0 ? { kind: "done" } : { kind: "refused", detail: said() || `nft ended with ${status}` });
      });
      // It may end before it has read all.
      child.stdin.on("error", () => {});
      child.stdin.end(script);
    });
}

function failure(error: NodeJS.ErrnoException): NftOutcome {
  return error.code === "ENOENT" ? { kind: "no-nft" } : { kind: "refused", detail: error.message };
}

function collect(child: ChildProcessWithoutNullStreams): () => string {
  let text = "";
  child.stdout.resume();
  child.stderr.setEncoding("utf8").on("data", (chunk: string) => {
    text = `${text}${chunk}`.slice(0, longestDetail);
  });
  return () => text.trim();
}
