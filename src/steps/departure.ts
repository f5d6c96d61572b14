/** A promise that somebody else fulfils; it rejects where the thing has to stay, and with the run. */
export function departure(signal: AbortSignal) {
  let leave = () => {};
  let stay: (why: unknown) => void = () => {};
  const left = new Promise<void>((resolve, reject) => {
    leave = resolve;
    stay = reject;
    signal.addEventListener("abort", () => reject(signal.reason), { once: true });
  });
  // Nobody may be waiting.
  left.catch(() => undefined);
  return { left, leave, stay };
}
