/**
 * A program for tests that uses the network as applications do. Each argument is one visit behind the milliseconds that it may
 * take, all are made at once: `tcp ADDRESS PORT`, `tls ADDRESS NAME`, `http URL`, `dns udp|tcp SERVER NAME`. It prints what came
 * of them as one JSON list.
 */

import { createSocket } from "node:dgram";
import { readFileSync } from "node:fs";
import { connect } from "node:net";
import { connect as connectTls } from "node:tls";
import type { Visit } from "./visit.ts";

/** The same visit asks by the same UDP port: who remembers connections takes its next question for one of this. */
function portOf(text: string): number {
  return (
    5_300 + Array.from(text, (letter) => letter.charCodeAt(0)).reduce((sum, code) => (sum * 31 + code) % 10_007, 7)
  );
}

/** A question for A of one name, RFC 1035 §4.1. */
function question(name: string): Buffer {
  const labels = name.split(".").flatMap((label) => [label.length, ...Buffer.from(label)]);
  return Buffer.from([0x12, 0x34, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0, ...labels, 0, 0, 1, 0, 1]);
}

/** The address in the last record: all that the lab's resolvers give ends with it. */
function lastAddress(answer: Buffer): string {
  return answer.readUInt16BE(6) === 0 ? `rcode ${answer.readUInt8(3) & 15}` : [...answer.subarray(-4)].join(".");
}

function askUdp(server: string, name: string, port: number): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = createSocket(server.includes(":") ? "udp6" : "udp4");
    socket.once("error", reject);
    socket.once("message", (answer) => {
      socket.close();
      resolve(lastAddress(answer));
    });
    socket.bind(port, () => socket.send(question(name), 53, server));
  });
}

function askTcp(server: string, name: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(53, server);
    const asked = question(name);
    socket.once("error", reject);
    socket.once("connect", () => socket.write(Buffer.concat([Buffer.from([0, asked.length]), asked])));
    socket.once("data", (answer: Buffer) => {
      socket.destroy();
      resolve(lastAddress(answer.subarray(2)));
    });
  });
}

function openTcp(address: string, port: number): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, address, () => {
      socket.destroy();
      resolve("connected");
    }).once("error", reject);
  });
}

function openTls(host: string, servername: string): Promise<string> {
  const ca = readFileSync("/run/lab/authority.pem");
  return new Promise((resolve, reject) => {
    const socket = connectTls({ host, port: 443, servername, ca }, () => {
      socket.destroy();
      resolve("proved");
    }).once("error", reject);
  });
}

async function get(url: string): Promise<string> {
  const response = await fetch(url, { redirect: "manual" });
  return `${response.status} ${await response.text()}`.trim();
}

function visit(text: string): Promise<string> {
  const [kind, first = "", second = "", third = ""] = text.split(" ");
  switch (kind) {
    case "tcp":
      return openTcp(first, Number(second));
    case "tls":
      return openTls(first, second);
    case "http":
      return get(first);
    default:
      return first === "udp" ? askUdp(second, third, portOf(text)) : askTcp(second, third);
  }
}

async function timed(argument: string): Promise<Visit> {
  const [, patienceMs, text = ""] = /^(\d+) (.*)$/.exec(argument) ?? [];
  const began = performance.now();
  const silence = new Promise<string>((resolve) => setTimeout(() => resolve("silence"), Number(patienceMs)));
  const failed = (error: { code?: string; cause?: { code?: string } }) =>
    error.code ?? error.cause?.code ?? String(error);
  const result = await Promise.race([visit(text).catch(failed), silence]);
  return { result, tookMs: performance.now() - began };
}

const visits = await Promise.all(process.argv.slice(2).map((argument) => timed(argument)));
process.stdout.write(`${JSON.stringify(visits)}\n`, () => process.exit());
