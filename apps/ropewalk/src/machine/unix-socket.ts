/**
 * The place of the daemon's Unix socket: the file that a killed daemon left is removed, that of a living one never, and
 * only root, our own user and one group can connect.
 */
import { chmodSync, chownSync, lstatSync, readFileSync, unlinkSync } from "node:fs";
import { connect } from "node:net";
import type { Native } from "@ropewalk/host/linux/native";
import { AppError } from "../errors.ts";
import { peerCredentials } from "./peer-credentials.ts";

/** The longest path that sockaddr_un holds (unix(7)), without its end mark. */
const longestPath = 107;

/** Makes room for a socket at `path`. Throws APP_ALREADY_RUNNING when somebody answers there, APP_DIRECTORY when it cannot be. */
export async function clearSocketPath(path: string, native: Native): Promise<void> {
  if (Buffer.byteLength(path) > longestPath) {
    const advice = "Choose a shorter folder with ROPEWALK_RUNTIME_DIR.";
    throw new AppError(
      "APP_DIRECTORY",
      `${path} is longer than the ${longestPath} octets of a socket's path. ${advice}`,
    );
  }
  const stats = lstatSync(path, { throwIfNoEntry: false });
  if (stats === undefined) return;
  if (!stats.isSocket()) {
    throw new AppError(
      "APP_DIRECTORY",
      `${path} is in the way and is no socket. Remove it, or choose another ROPEWALK_RUNTIME_DIR.`,
    );
  }
  const answer = await whoListens(path, native);
  if (answer.kind === "somebody") {
    throw new AppError(
      "APP_ALREADY_RUNNING",
      `another Ropewalk${answer.who} answers at ${path}. Stop it, or set ROPEWALK_RUNTIME_DIR for this one.`,
    );
  }
  unlinkSync(path);
}

/** Mode 0660, and the group when one is given. Throws APP_PERMISSION when this user may not give it to that group. */
export function restrictSocket(path: string, group: number | undefined): void {
  if (group !== undefined) {
    try {
      chownSync(path, -1, group);
    } catch (cause) {
      throw new AppError(
        "APP_PERMISSION",
        `this user may not give ${path} to group ${group} (node.socket_group; add the user to that group, or run as root)`,
        { cause },
      );
    }
  }
  chmodSync(path, 0o660);
}

/** The number of the group called `name` in /etc/group; a number stands for itself. Throws APP_CONFIG when there is none. */
export function groupNumber(name: string): number {
  if (/^\d{1,10}$/.test(name)) return Number(name);
  const lines = readFileSync("/etc/group", "utf8").split("\n");
  const fields = lines.map((line) => line.split(":")).find(([entry]) => entry === name);
  if (fields?.[2] !== undefined) return Number(fields[2]);
  throw new AppError(
    "APP_CONFIG",
    `node.socket_group = "${name}": /etc/group has no such group. Make it (groupadd), or give its number.`,
  );
}

type Listener = { readonly kind: "nobody" } | { readonly kind: "somebody"; readonly who: string };

function whoListens(path: string, native: Native): Promise<Listener> {
  return new Promise((resolve) => {
    const socket = connect({ path, timeout: 1_000 });
    const done = (listener: Listener) => {
      socket.destroy();
      resolve(listener);
    };
    socket.once("connect", () => {
      const peer = peerCredentials(native, socket);
      done({ kind: "somebody", who: peer === undefined ? "" : ` (process ${peer.pid}, user ${peer.uid})` });
    });
    // A full queue of connections (EAGAIN) or a silent kernel mean a listener; only a refusal means that there is none.
    socket.once("error", (error: NodeJS.ErrnoException) =>
      done(
        error.code === "ECONNREFUSED" || error.code === "ENOENT" ? { kind: "nobody" } : { kind: "somebody", who: "" },
      ),
    );
    socket.once("timeout", () => done({ kind: "somebody", who: "" }));
  });
}
