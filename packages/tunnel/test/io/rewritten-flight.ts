/**
 * A TLS 1.3 peer that shows a certificate and signs with a key that need not belong to it, which no library lets one do: Node's own
 * TLS speaks, and its flight is rewritten on the way with what its key log tells. Sources: RFC 8446 §4.4, 5.2 and 7.1.
 */
import type { KeyObject } from "node:crypto";
import type { Socket } from "node:net";
import { Duplex } from "node:stream";
import { connect, createSecureContext, TLSSocket } from "node:tls";
import type { Role } from "@ropewalk/tunnel/pure/handshake/message";
import type { Issued } from "../throw-away-authority.ts";
import {
  certificateMessage,
  certificateVerifyMessage,
  finishedMessage,
  messageType,
  opened,
  plainMessages,
  recordsOf,
  recordType,
  sealed,
  type TlsRecord,
} from "./tls-by-hand.ts";

export interface Shown {
  /** With it TLS is spoken before anything is rewritten. */
  readonly own: Issued;
  readonly certificate: Uint8Array;
  readonly signsWith: KeyObject;
}

export class RewritingPeer implements Disposable {
  readonly #socket: Socket;
  readonly #isServer: boolean;
  readonly #shown: Shown;
  readonly #tls: TLSSocket;
  readonly #secrets = new Map<string, Buffer>();
  #written: Buffer = Buffer.alloc(0);
  /** This end's first message, where it is the client's. */
  #greeting: Buffer = Buffer.alloc(0);
  #heard: Buffer = Buffer.alloc(0);
  #answer: Buffer | undefined;

  /** Speaks as `role` over `socket`; the other end gets a flight with what `shown` says. */
  constructor(socket: Socket, role: Role, shown: Shown) {
    this.#socket = socket;
    this.#isServer = role === "destination";
    this.#shown = shown;
    const transport = new Duplex({
      read() {},
      write: (chunk: Buffer, _encoding, done) => {
        this.#written = Buffer.concat([this.#written, chunk]);
        this.#flush();
        done();
      },
    });
    this.#tls = speak(transport, this.#isServer, shown.own);
    this.#tls.on("error", () => {});
    this.#tls.on("keylog", (line: Buffer) => {
      const [name = "", , secret = ""] = line.toString().trim().split(" ");
      this.#secrets.set(name, Buffer.from(secret, "hex"));
    });
    socket.on("error", () => {});
    socket.on("data", (chunk: Buffer) => {
      if (this.#answer !== undefined) {
        this.#answer = Buffer.concat([this.#answer, chunk]);
        return;
      }
      this.#heard = Buffer.concat([this.#heard, chunk]);
      transport.push(chunk);
    });
    socket.resume();
  }

  /** Lengths of the protected records that came after the flight: what is in them only the other end's keys tell. */
  get answered(): readonly number[] {
    const records = recordsOf(this.#answer ?? Buffer.alloc(0));
    return records.filter(({ type }) => type === recordType.protected).map(({ body }) => body.length);
  }

  [Symbol.dispose](): void {
    this.#tls.destroy();
  }

  /** A client's first message passes as it is; of the flight that is then written the whole is waited for. */
  #flush(): void {
    if (this.#answer !== undefined) return;
    const records = recordsOf(this.#written);
    if (this.#secrets.size === 0) {
      this.#greeting = Buffer.concat(plainMessages(records));
      this.#socket.write(this.#written);
      this.#written = Buffer.alloc(0);
      return;
    }
    const messages = opened(records, this.#secretOf(this.#isServer ? "SERVER" : "CLIENT"));
    if (messages.at(-1)?.[0] === messageType.finished) this.#sendFlight(records, messages);
  }

  #sendFlight(records: readonly TlsRecord[], messages: readonly Buffer[]): void {
    this.#answer = Buffer.alloc(0);
    const heard = recordsOf(this.#heard);
    const before = this.#isServer
      ? [...plainMessages(heard), ...plainMessages(records)]
      : [this.#greeting, ...plainMessages(heard), ...opened(heard, this.#secretOf("SERVER"))];
    const secret = this.#secretOf(this.#isServer ? "SERVER" : "CLIENT");
    const flight: Buffer[] = [];
    for (const message of messages) flight.push(this.#rewritten(message, [...before, ...flight], secret));
    const plain = records.filter(({ type }) => type !== recordType.protected).map(({ whole }) => whole);
    this.#socket.write(Buffer.concat([...plain, ...sealed(Buffer.concat(flight), secret)]));
  }

  #rewritten(message: Buffer, transcript: readonly Buffer[], secret: Buffer): Buffer {
    const { certificate, signsWith } = this.#shown;
    switch (message[0]) {
      case messageType.certificate:
        return certificateMessage(certificate);
      case messageType.certificateVerify:
        return certificateVerifyMessage(this.#isServer ? "server" : "client", signsWith, transcript);
      case messageType.finished:
        return finishedMessage(secret, transcript);
      default:
        return message;
    }
  }

  #secretOf(whose: "CLIENT" | "SERVER"): Buffer {
    return this.#secrets.get(`${whose}_HANDSHAKE_TRAFFIC_SECRET`) ?? Buffer.alloc(0);
  }
}

/** As an end of a tunnel speaks. */
function speak(transport: Duplex, isServer: boolean, { certificate: cert, key }: Issued): TLSSocket {
  const only = {
    minVersion: "TLSv1.3",
    maxVersion: "TLSv1.3",
    ecdhCurve: "X25519MLKEM768",
    sigalgs: "mldsa65",
  } as const;
  const secureContext = createSecureContext({ cert, key, ciphers: "TLS_AES_256_GCM_SHA384", ...only });
  const usual = { secureContext, ALPNProtocols: ["ropewalk-tunnel/1"], rejectUnauthorized: false };
  return isServer
    ? new TLSSocket(transport, { isServer, requestCert: true, ...usual })
    : connect({ socket: transport, checkServerIdentity: () => undefined, ...usual });
}
