/** Runs a program to its end, with a deadline, and with nothing of this process's environment: PGDATA and its like would speak to PostgreSQL. */
import { execFile } from "node:child_process";
import type { Millis } from "@ropewalk/kernel/units";

export const programEnvironment: Readonly<Record<string, string>> = {
  PATH: "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
  LC_ALL: "C",
};

export type ProgramEnd =
  | { readonly kind: "done"; readonly output: string }
  /** It is not there, may not be run, took too long, or said no. */
  | { readonly kind: "failed"; readonly reason: string };

export function runProgram([program = "", ...words]: readonly string[], limit: Millis): Promise<ProgramEnd> {
  return new Promise((resolve) => {
    const options = {
      cwd: "/",
      env: programEnvironment,
      timeout: limit,
      killSignal: "SIGKILL",
      maxBuffer: 2 ** 20,
    } as const;
    execFile(program, words, options, (error, output, complaints) => {
      if (error === null) resolve({ kind: "done", output });
      else resolve({ kind: "failed", reason: complaints.trim() || error.message });
    });
  });
}
