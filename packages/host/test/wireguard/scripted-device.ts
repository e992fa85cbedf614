/** A socket that answers as a test says, where a device's would be. */
import { mkdtempSync, rmSync } from "node:fs";
import { createServer, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createUapiDevice } from "@ropewalk/host/linux/uapi-device";
import type { WireGuardDevice } from "@ropewalk/host/wireguard/device";
import { FakeClock } from "@ropewalk/kernel/fake-clock";

export interface ScriptedDevice extends AsyncDisposable {
  readonly clock: FakeClock;
  readonly folder: string;
  readonly device: WireGuardDevice;
  /** Each request as it came. */
  readonly requests: readonly string[];
}

/** `answer` is called once for each whole request. */
export async function scriptedDevice(answer: (request: string, socket: Socket) => void): Promise<ScriptedDevice> {
  const folder = mkdtempSync(join(tmpdir(), "ropewalk-wg-"));
  const requests: string[] = [];
  const open = new Set<Socket>();
  const server = createServer((socket) => {
    let request = "";
    open.add(socket);
    socket.once("close", () => open.delete(socket));
    socket.on("error", () => {});
    socket.setEncoding("utf8").on("data", (text: string) => {
      request += text;
      if (!request.endsWith("\n\n")) return;
      requests.push(request);
      answer(request, socket);
      request = "";
    });
  });
  await new Promise<void>((resolve) => server.listen(join(folder, "wg0.sock"), resolve));
  const clock = new FakeClock();
  return {
    ...{ clock, folder, requests, device: createUapiDevice("wg0", { clock, folder }) },
    async [Symbol.asyncDispose]() {
      for (const socket of open) socket.destroy();
      await new Promise<void>((resolve) => void server.close(() => resolve()));
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
