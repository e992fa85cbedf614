/** `ropewalk entry` on a host of the lab, and what an admin and a customer ask of it. */
import { randomBytes } from "node:crypto";
import { createInterface } from "node:readline";
import { LabError } from "../errors.ts";
import type { LabHost } from "../lab-host.ts";
import { labProgram } from "../lab-program.ts";

export interface EntryAccess {
  /** "https://198.51.100.53:7443". */
  readonly url: string;
  /** The file of the authority that entry's certificate is of. */
  readonly authority: string;
}

export interface Asked {
  readonly method: "GET" | "POST";
  readonly path: string;
  readonly body?: unknown;
  /** Bearer's. */
  readonly token?: string;
}

export interface Answered {
  readonly status: number;
  readonly body: Readonly<Record<string, unknown>>;
  readonly tookMs: number;
}

const withinMs = 15_000;

/** From the host. Every change has a key of its own. Throws LAB_COMMAND_FAILED when there is no answer, or one that says no. */
export async function askEntry(host: LabHost, { url, authority }: EntryAccess, asked: Asked): Promise<Answered> {
  const { method, path, body, token } = asked;
  const headers = {
    ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
    ...(method === "GET" ? {} : { "idempotency-key": randomBytes(32).toString("base64url") }),
  };
  const program = host.spawn(...labProgram("ask-main"));
  program.stderr.resume();
  const told = new Promise<string | undefined>((resolve) => {
    createInterface({ input: program.stdout }).once("line", resolve);
    void program.exited.then(() => resolve(undefined));
  });
  program.stdin.write(`${JSON.stringify({ url: `${url}${path}`, method, headers, body, authority, withinMs })}\n`);
  const line = await told;
  await program[Symbol.asyncDispose]();
  const answer = JSON.parse(line ?? '{"failed":"it ended"}') as Partial<Answered> & { readonly failed?: string };
  if (answer.status === undefined || answer.status >= 400)
    throw new LabError("LAB_COMMAND_FAILED", `entry answered ${method} ${path} with ${line}`);
  return { status: answer.status, body: answer.body ?? {}, tookMs: answer.tookMs ?? 0 };
}
