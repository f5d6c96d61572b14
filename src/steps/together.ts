/**
 * Runs everything at once and waits until all have ended, so that nothing goes on unseen. The first failure aborts the
 * run, which wakes up whoever waits for what will not come any more; then it is thrown. What only blocks a part of the work
 * gives way to what ends all of it.
 */
export async function together(
  run: { abort(cause: unknown): void; isBlocked?(cause: unknown): boolean },
  ...work: readonly Promise<unknown>[]
): Promise<void> {
  let failure: { cause: unknown } | undefined;
  const note = (cause: unknown) => {
    if (failure && !run.isBlocked?.(failure.cause)) return;
    failure = { cause };
    run.abort(cause);
  };
  await Promise.all(work.map((each) => each.catch(note)));
  if (failure) throw failure.cause;
}
