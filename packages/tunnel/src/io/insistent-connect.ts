/**
 * Connects as `Tcp.connect` does, and asks again sooner than the kernel: whose first packet was lost on a link that had just come back
 * would otherwise wait a second, then two, then four. The first connection that is there is taken, and the others go.
 */
import type { Tcp, TcpConnection, TcpConnectOptions, TcpEndpoint } from "@ropewalk/host/tcp";
import type { Clock, Timer } from "@ropewalk/kernel/clock";
import { type Millis, millis } from "@ropewalk/kernel/units";

/** Longer than most round trips; each question after it waits as long as all before it together, up to the longest. */
const firstWait: Millis = millis(300);
const longestWait: Millis = millis(1500);
/** Connections that are on their way at a time. */
const mostAtOnce = 8;

export function insistentConnect(tcp: Pick<Tcp, "connect">, clock: Clock): Tcp["connect"] {
  return (to, options) => new Insistence(tcp, clock, to, options).connected;
}

class Insistence {
  readonly #tcp: Pick<Tcp, "connect">;
  readonly #clock: Clock;
  readonly #to: TcpEndpoint;
  readonly #options: TcpConnectOptions;
  readonly #limit = new AbortController();
  readonly #settled = Promise.withResolvers<TcpConnection>();
  readonly #startedAt: Millis;
  #pending = 0;
  #isOver = false;
  #timer: Timer | undefined;

  constructor(tcp: Pick<Tcp, "connect">, clock: Clock, to: TcpEndpoint, options: TcpConnectOptions) {
    this.#tcp = tcp;
    this.#clock = clock;
    this.#to = to;
    this.#options = options;
    this.#startedAt = clock.now();
    options.signal.addEventListener("abort", this.#abandon, { once: true });
    if (options.signal.aborted) this.#abandon();
    else this.#ask();
  }

  get connected(): Promise<TcpConnection> {
    return this.#settled.promise;
  }

  readonly #abandon = (): void => this.#over(() => this.#settled.reject(this.#options.signal.reason));

  #ask(): void {
    this.#pending += 1;
    this.#tcp.connect(this.#to, { ...this.#options, signal: this.#limit.signal }).then(
      (connection) => {
        if (this.#isOver) connection.reset();
        else this.#over(() => this.#settled.resolve(connection));
      },
      // What one is told, such as that nobody listens, the others would be told as well.
      (error: unknown) => this.#over(() => this.#settled.reject(error)),
    );
    if (this.#isOver || this.#pending >= mostAtOnce) return;
    const passed = this.#clock.now() - this.#startedAt;
    const wait = millis(Math.min(longestWait, Math.max(firstWait, passed)));
    this.#timer = this.#clock.after("another question for a connection", wait, () => this.#ask());
  }

  #over(settle: () => void): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#timer?.[Symbol.dispose]();
    this.#options.signal.removeEventListener("abort", this.#abandon);
    settle();
    this.#limit.abort();
  }
}
