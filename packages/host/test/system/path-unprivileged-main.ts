/**
 * Started by a test with fewer privileges than its own: prints what readAbilities finds, and what becomes of one socket of
 * each kind on the second uplink, as one line of JSON.
 */
import { HostError } from "@ropewalk/host/errors";
import { readAbilities } from "@ropewalk/host/linux/abilities";
import { createNative } from "@ropewalk/host/linux/native";
import { firstData, nextMessage, nextReply } from "../ports/path-sockets.contract.ts";
import { binding, server, uplinks } from "../ports/two-uplinks.ts";
import { hello, never, sockets } from "./exchange.ts";
import { serverPort } from "./two-uplink-network.ts";

const path = binding(uplinks[1], "ipv4");
const to = { address: server.ipv4, port: serverPort };

async function tryDatagram() {
  await using socket = await sockets.datagram(path);
  const message = nextMessage(socket);
  socket.send(hello, to);
  return { isMarked: socket.isMarked, source: await message };
}

async function tryConnection() {
  await using opened = await sockets.connect(path, to, never);
  return { isMarked: opened.isMarked, source: await firstData(opened.stream) };
}

async function tryEcho() {
  try {
    await using socket = await sockets.echo(path);
    const reply = nextReply(socket);
    socket.send(to.address, 1, hello);
    return { isMarked: socket.isMarked, method: socket.method, from: (await reply).from };
  } catch (error) {
    return error instanceof HostError ? error.code : String(error);
  }
}

const abilities = readAbilities(createNative());
const [datagram, connection, echo] = [await tryDatagram(), await tryConnection(), await tryEcho()];
process.stdout.write(JSON.stringify({ abilities, datagram, connection, echo }));
