/** A program whose event throws, or ends the process: started by tcp-reentrancy.test.ts. */
import { once } from "node:events";
import { Recorder } from "./recorder.ts";
import { TcpWorld } from "./tcp-world.ts";

const how = process.argv[2];
process.on("uncaughtException", (error) => console.log(`uncaught: ${error.message}`));
await using world = new TcpWorld();
const { near, peer } = await world.accepted();
const heard = new Recorder();
heard.also = (event) => {
  if (event !== "octets") return;
  if (how === "exit") process.exit(7);
  if (heard.text === "first") throw new Error("from inside an event");
  near.write([new TextEncoder().encode("and on it goes")]);
};
near.start(heard);
const caught = once(process, "uncaughtException");
peer.resume().write("first");
await caught;
peer.write("second");
console.log(String((await once(peer, "data"))[0]));
