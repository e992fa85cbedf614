/** Writes routes and rules over one rtnetlink socket that stays open: a change is a system call or two, and no process. */
import { decodeAck } from "../netlink/ack.ts";
import { isMalformed } from "../netlink/malformed.ts";
import { type NetlinkMessage, NLMSG, splitMessages } from "../netlink/message.ts";
import { encodeRoutingChange } from "../netlink/routing-requests.ts";
import type { RoutingWriter, WriteResult } from "../ports.ts";
import type { RoutingChange } from "../routing.ts";
import { ERRNO, type Native } from "./native.ts";
import { openRequestSocket } from "./netlink-socket.ts";

/** A verdict repeats the request's header, and has a sentence at most besides. */
const answerLength = 4_096;

/** Throws HOST_NETLINK when the kernel gives no socket. */
export function createRoutingWriter(native: Native): RoutingWriter {
  return new LinuxRoutingWriter(native);
}

class LinuxRoutingWriter implements RoutingWriter {
  readonly #native: Native;
  readonly #fd: number;
  readonly #answer = new Uint8Array(answerLength);
  #sequence = 0;

  constructor(native: Native) {
    this.#native = native;
    this.#fd = openRequestSocket(native);
  }

  perform(change: RoutingChange): WriteResult {
    this.#sequence = (this.#sequence + 1) >>> 0;
    const sent = this.#native.send(this.#fd, encodeRoutingChange(change, this.#sequence));
    if (sent < 0) return { kind: "refused", errno: -sent, text: undefined };
    return resultOf(change, this.#verdict());
  }

  [Symbol.dispose](): void {
    this.#native.close(this.#fd);
  }

  /** The kernel has answered when `send` returns; what is left from a request before is passed over. */
  #verdict(): { readonly errno: number; readonly text: string | undefined } {
    for (;;) {
      const length = this.#native.receive(this.#fd, this.#answer);
      if (length === -ERRNO.EINTR) continue;
      if (length < 0) return { errno: -length, text: "no verdict came" };
      const { messages } = splitMessages(this.#answer.subarray(0, length));
      const message = messages.find((one) => one.sequence === this.#sequence && one.type === NLMSG.ERROR);
      if (message !== undefined) return readVerdict(message);
    }
  }
}

function readVerdict(message: NetlinkMessage): { readonly errno: number; readonly text: string | undefined } {
  const ack = decodeAck(message);
  return isMalformed(ack) ? { errno: ERRNO.EINVAL, text: ack.reason } : ack;
}

/** What is as wanted already is no failure: somebody else, or we before a crash, did it. */
function resultOf({ kind }: RoutingChange, { errno, text }: { errno: number; text: string | undefined }): WriteResult {
  if (errno === 0) return { kind: "done" };
  const isThere = kind === "add-rule" && errno === ERRNO.EEXIST;
  const isGone =
    (kind === "remove-route" || kind === "remove-rule") && (errno === ERRNO.ESRCH || errno === ERRNO.ENOENT);
  if (isThere || isGone) return { kind: "unchanged" };
  return { kind: "refused", errno, text };
}
