/** A small program for the lab: sends one raw HTTP request to the node's loopback port and prints the whole answer. */
import { connect } from "node:net";

const [port = "", ...lines] = process.argv.slice(2);
const socket = connect({ host: "127.0.0.1", port: Number(port) });
// Not `end`: Node's HTTP server answers no client that has closed its half already.
socket.write(`${lines.join("\r\n")}\r\n\r\n`);
socket.pipe(process.stdout);
