/**
 * `ssh -L` and a server of its own: throw-away keys, no file of the machine or of a user read or changed. sshd wants a user and
 * a folder that only an installed one has; it gets both in mounts that nobody else sees.
 */
import { execFile } from "node:child_process";
import { chmod, copyFile, mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { type FoundProgram, findProgram } from "../peers/program.ts";
import type { TunnelEntrant, TunnelPlan } from "./entrant.ts";
import { serviceNames, services } from "./ground.ts";
import { listening } from "./listening.ts";
import { portsFor, TunnelProcesses } from "./tunnel-processes.ts";

const cipher = "aes256-gcm@openssh.com";

export const ssh: TunnelEntrant = {
  column: "ssh -L",
  notes: [`ssh -L: OpenSSH of Debian, ${cipher}, one connection for all streams.`],
  start: async (plan) => {
    if (process.getuid?.() !== 0) throw new Error("sshd is run by root alone here");
    const { ground } = plan;
    const outer = portsFor(plan, 0);
    const files = await makeFiles(plan);
    const processes = new TunnelProcesses(outer);
    const server = [...words("usr/sbin/sshd"), "-D", "-e", "-f", files.server];
    const users = ["unshare", "--mount", "sh", "-c", ownUsers, "sh", files.passwd, files.shadow];
    await processes.start(ground.destination, "sshd", [...users, ...server]);
    // ssh does not ask twice.
    await listening(ground.destination, plan.firstPort + 99, "sshd");
    await processes.start(ground.source, "ssh", [
      ...[...words("usr/bin/ssh"), "-F", files.client, "-N", "-p", `${plan.firstPort + 99}`],
      ...serviceNames.flatMap((name) => ["-L", `127.0.0.1:${outer[name]}:${ground.address}:${services[name]}`]),
      `root@${ground.address}`,
    ]);
    return processes;
  },
};

const ownUsers =
  'mkdir -p /run/sshd && mount --bind "$1" /etc/passwd && mount --bind "$2" /etc/shadow && shift 2 && exec "$@"';

async function makeFiles({ folder, firstPort, ground }: TunnelPlan) {
  const at = (name: string) => join(folder, `ssh-${name}`);
  const [keygen = "", ...options] = words("usr/bin/ssh-keygen");
  for (const key of ["host", "user"])
    await promisify(execFile)(keygen, [...options, "-q", "-t", "ed25519", "-N", "", "-f", at(key)]);
  await mkdir(at("home"));
  await copyFile(`${at("user")}.pub`, at("authorized"));
  await writeFile(at("passwd"), `root:x:0:0:root:${at("home")}:/bin/sh\nsshd:x:65533:65534::/run/sshd:/bin/false\n`);
  await writeFile(at("shadow"), "root:*:19000:0:99999:7:::\nsshd:*:19000:0:99999:7:::\n");
  await chmod(at("shadow"), 0o600);
  const server = [
    ...[`ListenAddress ${ground.address}:${firstPort + 99}`, `HostKey ${at("host")}`, `Ciphers ${cipher}`],
    ...[
      `AuthorizedKeysFile ${at("authorized")}`,
      "StrictModes no",
      "PermitRootLogin prohibit-password",
      "PidFile none",
    ],
    ...["PasswordAuthentication no", "KbdInteractiveAuthentication no", "AllowTcpForwarding local", "UseDNS no"],
  ];
  await writeFile(at("server"), `${server.join("\n")}\n`);
  const client = [
    ...[`Ciphers ${cipher}`, `IdentityFile ${at("user")}`, "IdentitiesOnly yes", "IdentityAgent none", "BatchMode yes"],
    ...["StrictHostKeyChecking no", `UserKnownHostsFile ${at("known")}`, "GlobalKnownHostsFile /dev/null"],
    ...["ExitOnForwardFailure yes", "LogLevel error", "Compression no"],
  ];
  await writeFile(at("client"), `${client.join("\n")}\n`);
  return { server: at("server"), client: at("client"), passwd: at("passwd"), shadow: at("shadow") };
}

function words(path: string): readonly string[] {
  const program: FoundProgram = findProgram("openssh", path);
  if (program.kind === "lacking") throw new Error(program.why);
  return program.words;
}
