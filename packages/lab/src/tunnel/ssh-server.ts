/**
 * An sshd of the lab's own, on a host's loopback, with keys that are thrown away: no file of the machine or of a user is read or changed.
 * It wants a user and a folder that only an installed one has; it gets both in mounts that nobody else sees.
 */
import { execFile } from "node:child_process";
import { chmod, copyFile, mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { LabError } from "../errors.ts";
import type { LabHost } from "../lab-host.ts";
import type { LabProcess } from "../lab-process.ts";
import { findSsh, type SshPrograms } from "./ssh-programs.ts";

export interface SshServer extends AsyncDisposable {
  /** Words that log in at `port` of the own loopback, with a terminal, and run `command` there. */
  login(port: number, command: string): readonly string[];
}

export interface SshPlace {
  readonly host: LabHost;
  /** On its loopback. */
  readonly port: number;
  /** Of the caller, who removes it. */
  readonly folder: string;
}

/** Resolves when it listens. Throws LAB_UNSUPPORTED, LAB_START_FAILED. */
export async function startSshServer({ host, port, folder }: SshPlace): Promise<SshServer> {
  const programs = await findSsh();
  const files = await makeFiles(programs, folder, port);
  const mounted = ["--mount", "sh", "-c", ownUsers, "sh", files.passwd, files.shadow];
  const server = host.spawn("unshare", [...mounted, ...programs.sshd, "-D", "-e", "-f", files.server]);
  try {
    await listening(server);
  } catch (error) {
    await server[Symbol.asyncDispose]();
    throw error;
  }
  server.stderr.resume();
  return {
    login: (at, command) => [...programs.ssh, "-F", files.client, "-tt", "-p", `${at}`, "root@127.0.0.1", command],
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  };
}

const ownUsers =
  'mkdir -p /run/sshd && mount --bind "$1" /etc/passwd && mount --bind "$2" /etc/shadow && shift 2 && exec "$@"';

async function makeFiles({ keygen: [keygen = "", ...options] }: SshPrograms, folder: string, port: number) {
  const at = (name: string) => join(folder, `ssh-${name}`);
  for (const key of ["host", "user"])
    await promisify(execFile)(keygen, [...options, "-q", "-t", "ed25519", "-N", "", "-f", at(key)]);
  await mkdir(at("home"));
  await copyFile(`${at("user")}.pub`, at("authorized"));
  await writeFile(at("passwd"), `root:x:0:0:root:${at("home")}:/bin/sh\nsshd:x:65533:65534::/run/sshd:/bin/false\n`);
  await writeFile(at("shadow"), "root:*:19000:0:99999:7:::\nsshd:*:19000:0:99999:7:::\n");
  await chmod(at("shadow"), 0o600);
  await writeFile(at("server"), `${serverLines(at, port).join("\n")}\n`);
  await writeFile(at("client"), `${clientLines(at).join("\n")}\n`);
  return { server: at("server"), client: at("client"), passwd: at("passwd"), shadow: at("shadow") };
}

type PathOf = (name: string) => string;

function serverLines(at: PathOf, port: number): readonly string[] {
  return [
    ...[`ListenAddress 127.0.0.1:${port}`, `HostKey ${at("host")}`, `AuthorizedKeysFile ${at("authorized")}`],
    ...["StrictModes no", "PermitRootLogin prohibit-password", "PidFile none", "UseDNS no", "PrintMotd no"],
    ...["PasswordAuthentication no", "KbdInteractiveAuthentication no", "PrintLastLog no"],
  ];
}

/** It has no patience of its own: whatever ends the session, it was not ssh. */
function clientLines(at: PathOf): readonly string[] {
  return [
    ...[`IdentityFile ${at("user")}`, "IdentitiesOnly yes", "IdentityAgent none", "BatchMode yes", "LogLevel error"],
    ...["StrictHostKeyChecking no", `UserKnownHostsFile ${at("known")}`, "GlobalKnownHostsFile /dev/null"],
    ...["EscapeChar none", "ServerAliveInterval 0", "TCPKeepAlive no"],
  ];
}

/** Behind the line in which it says so, what it says is of no interest. */
function listening(server: LabProcess): Promise<void> {
  return new Promise((resolve, reject) => {
    let said = "";
    server.stderr.setEncoding("utf8").on("data", (text: string) => {
      said += text;
      if (said.includes("Server listening on")) resolve();
    });
    void server.exited.then(() => reject(new LabError("LAB_START_FAILED", `sshd did not start: ${said.trim()}`)));
  });
}
