/** A listener in a process that runs out of descriptors, twice, and has some again: started by tcp-listener.test.ts. */
import { once } from "node:events";
import { closeSync, openSync } from "node:fs";
import { ipAddress } from "@ropewalk/kernel/addresses";
import { TcpWorld } from "./tcp-world.ts";

await using world = new TcpWorld();
const { listener, next, exhausted } = world.listening({ address: ipAddress("127.0.0.1"), port: 0 });

for (let round = 1; round <= 2; round += 1) {
  listener.pause();
  const peer = world.peerOf(listener.local);
  await once(peer, "connect");
  const taken = takeAll();
  listener.resume();
  const deadline = Date.now() + 10_000;
  while (exhausted.length < round && Date.now() < deadline) await new Promise(setImmediate);
  for (const fd of taken) closeSync(fd);
  const connection = await next();
  if (connection.remote.port !== peer.localPort) throw new Error("another connection came");
}
console.log(JSON.stringify(exhausted));

function takeAll(): number[] {
  const taken: number[] = [];
  for (;;) {
    try {
      taken.push(openSync("/dev/null", "r"));
    } catch {
      return taken;
    }
  }
}
