/**
 * libnftables, called in this process: what nft does without a process. A call takes as long as the kernel does and nothing else happens
 * meanwhile: a fraction of a millisecond for one element, tens of them for ten thousand. To list anything but chains and sets by name, version 1.0
 * first reads every element of every set (evaluate_cache_list of nftables/src/cache.c). All calls go to the network namespace in which the library
 * was opened.
 */
import { dlopen, toString as readString } from "node:ffi";
import { HostError } from "../errors.ts";
import type { Nft } from "../nft.ts";
import { createFirewallReader } from "./firewall-objects.ts";
import type { Native } from "./native.ts";
import { NetlinkExchange } from "./netlink-exchange.ts";

/** The soname since nftables 0.9.1; Debian's package is libnftables1. */
const library = "libnftables.so.1";
/** Source: nftables/libnftables.h. */
const NFT_CTX_OUTPUT_JSON = 1 << 4;

const signatures = {
  nft_ctx_new: { arguments: ["u32"], return: "pointer" },
  nft_ctx_free: { arguments: ["pointer"], return: "void" },
  nft_ctx_output_set_flags: { arguments: ["pointer", "u32"], return: "void" },
  nft_ctx_buffer_output: { arguments: ["pointer"], return: "i32" },
  nft_ctx_buffer_error: { arguments: ["pointer"], return: "i32" },
  nft_ctx_get_output_buffer: { arguments: ["pointer"], return: "pointer" },
  nft_ctx_get_error_buffer: { arguments: ["pointer"], return: "pointer" },
  nft_run_cmd_from_buffer: { arguments: ["pointer", "buffer"], return: "i32" },
} as const;

const longestDetail = 2_000;

/**
 * Throws HOST_NATIVE_CALLS when the machine has no libnftables, or it is not as we know it, and HOST_NETLINK where the kernel does not let us speak with
 * nftables. The caller disposes of it.
 */
export function createNftLibrary(native: Native): Nft {
  // The library ends the whole process where it cannot open this socket.
  new NetlinkExchange(native, "NETFILTER", "the firewall")[Symbol.dispose]();
  const { functions } = load();
  const context = functions.nft_ctx_new(0);
  const isReady = functions.nft_ctx_buffer_output(context) === 0 && functions.nft_ctx_buffer_error(context) === 0;
  let isOpen = true;
  const perform = (script: string, flags: number) => {
    if (!isOpen) return { kind: "refused", detail: "libnftables is closed" } as const;
    if (script.includes("\0")) return { kind: "refused", detail: "a script has no NUL in it" } as const;
    functions.nft_ctx_output_set_flags(context, flags);
    const status = functions.nft_run_cmd_from_buffer(context, new TextEncoder().encode(`${script}\0`));
    // Both are emptied by the next call.
    const listed = readString(functions.nft_ctx_get_output_buffer(context)) ?? "";
    const said = readString(functions.nft_ctx_get_error_buffer(context)) ?? "";
    if (status === 0) return { kind: "listed", json: listed } as const;
    return { kind: "refused", detail: said.slice(0, longestDetail).trim() || `libnftables says ${status}` } as const;
  };
  const nft: Nft = {
    run: async (script) => {
      const ended = perform(script, 0);
      return ended.kind === "listed" ? { kind: "done" } : ended;
    },
    list: async (command) => perform(command, NFT_CTX_OUTPUT_JSON),
    ...createFirewallReader(native),
    [Symbol.dispose]() {
      if (isOpen) functions.nft_ctx_free(context);
      isOpen = false;
    },
  };
  if (isReady && perform("", 0).kind === "listed") return nft;
  nft[Symbol.dispose]();
  throw new HostError("HOST_NATIVE_CALLS", `${library} does not do as it is told. Use the program nft instead.`);
}

function load() {
  try {
    return dlopen(library, signatures);
  } catch (cause) {
    const advice = "Install it (Debian: libnftables1), or use the program nft instead.";
    throw new HostError("HOST_NATIVE_CALLS", `This machine has no ${library} that can be used. ${advice}`, { cause });
  }
}
