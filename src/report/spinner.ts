import type { Ora } from "ora";

/** One line that says what is going on, on a terminal; elsewhere nothing. */
export interface Spinner {
  /** Shows this text from now on. */
  spin(text: string): void;
  stop(): void;
  /** Runs `write` with the spinner out of its way. */
  above(write: () => void): void;
}

/** The spinner of a stream. Its library is loaded when there is first something to show. */
export function spinnerOn(stream: NodeJS.WriteStream): Spinner {
  let text: string | undefined;
  let shown: Ora | undefined;
  let isLoading = false;
  const show = () => {
    if (text === undefined || !shown) return;
    if (shown.isSpinning) shown.text = text;
    else shown.start(text);
  };
  const load = async () => {
    if (isLoading) return;
    isLoading = true;
    const { default: ora } = await import("ora");
    shown = ora({ stream, isEnabled: true, color: "cyan" });
    show();
  };
  return {
    spin: (wanted) => {
      // A terminal that says no width (script(1) in a pipe, some of CI): the library would clear lines without end.
      if (!stream.isTTY || !stream.columns) return;
      text = wanted;
      if (shown) show();
      else load();
    },
    stop: () => {
      text = undefined;
      shown?.stop();
    },
    above: (write) => {
      shown?.stop();
      write();
      show();
    },
  };
}
