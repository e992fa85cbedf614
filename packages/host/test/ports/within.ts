/** Waits for an event with a deadline, and lets go of the listener either way. */

/** What `listen` resolves with; rejects after thirty seconds. `then` runs once the listener stands. */
export async function within<T>(
  what: string,
  listen: (resolve: (value: T) => void) => Disposable,
  then?: () => void,
): Promise<T> {
  const { promise, resolve, reject } = Promise.withResolvers<T>();
  const timer = setTimeout(() => reject(new Error(`${what} did not come within 30 s`)), 30_000);
  using _listening = listen(resolve);
  then?.();
  try {
    return await promise;
  } finally {
    clearTimeout(timer);
  }
}
