import { StringDecoder } from "node:string_decoder";

/** What the person at the terminal did. */
export type Keystroke =
  | { kind: "line"; text: string }
  /** Ctrl-C. The line is gone; the cursor stands behind the `^C`. */
  | { kind: "interrupt" }
  /** Ctrl-D on an empty line. */
  | { kind: "end" };

/** The terminal's side of a session: the kernel's line discipline and the little of readline that hands expect. */
export interface Terminal {
  /** Takes what was typed; echoes, edits, and gives what is finished. */
  type(bytes: Buffer): Keystroke[];
  /** Shows the prompt, and what was typed ahead of it. */
  prompt(text: string): void;
}

/** As in the Linux terminal driver, whose line buffer is 4096 bytes: what is typed beyond is dropped, with a bell. */
const longestLine = 4095;
const rememberedLines = 100;
const backspace = "\b \b";

/** `show` gets what the screen shows, with newlines as CR LF; once for all that came in together. */
export function openTerminal(show: (text: string) => void): Terminal {
  let screen = "";
  const write = (text: string) => {
    screen += text;
  };
  const flush = () => {
    if (screen !== "") show(screen);
    screen = "";
  };
  const decoder = new StringDecoder("utf8");
  const history: string[] = [];
  let recalled = 0;
  let line = "";
  let shown = "";
  let sequence = "";
  let afterReturn = false;

  const replace = (text: string) => {
    write(backspace.repeat([...line].length) + text);
    line = text;
  };
  const recall = (step: 1 | -1) => {
    const wanted = recalled + step;
    if (wanted < 0 || wanted > history.length) return;
    recalled = wanted;
    replace(history[recalled] ?? "");
  };
  const finish = (): Keystroke => {
    const text = line;
    write("\r\n");
    if (text.trim() !== "" && history.at(-1) !== text) history.push(text);
    if (history.length > rememberedLines) history.shift();
    recalled = history.length;
    line = "";
    shown = "";
    return { kind: "line", text };
  };
  const insert = (character: string) => {
    if (line.length >= longestLine) return write("\x07");
    line += character;
    write(character);
  };
  const control: Readonly<Record<string, () => Keystroke | undefined>> = {
    "\x03": () => {
      write("^C");
      line = "";
      recalled = history.length;
      return { kind: "interrupt" };
    },
    "\x04": () => (line === "" ? { kind: "end" } : undefined),
    "\x0c": () => {
      write(`\x1b[H\x1b[2J${shown}${line}`);
      return undefined;
    },
    "\x15": () => {
      replace("");
      return undefined;
    },
    "\x17": () => {
      replace(line.replace(/\S*\s*$/, ""));
      return undefined;
    },
  };
  const erase = () => {
    if (line === "") return;
    line = [...line].slice(0, -1).join("");
    write(backspace);
  };

  /** True while `character` belongs to an escape sequence; only the arrows up and down mean something. */
  const escaped = (character: string): boolean => {
    if (sequence === "" && character !== "\x1b") return false;
    sequence += character;
    if (sequence === "\x1b[A" || sequence === "\x1bOA") recall(-1);
    if (sequence === "\x1b[B" || sequence === "\x1bOB") recall(1);
    const unfinished = /^(\[[ -?]{0,16}|O)?$/.test(sequence.slice(1));
    if (!unfinished) sequence = "";
    return true;
  };

  const press = (character: string): Keystroke | undefined => {
    if (escaped(character)) return undefined;
    // CR LF is one Enter.
    if (character === "\n" && afterReturn) {
      afterReturn = false;
      return undefined;
    }
    afterReturn = character === "\r";
    if (character === "\r" || character === "\n") return finish();
    if (character === "\x7f" || character === "\b") {
      erase();
      return undefined;
    }
    if (Object.hasOwn(control, character)) return control[character]!();
    if (character >= " ") insert(character);
    return undefined;
  };

  return {
    type: (bytes) => {
      const done: Keystroke[] = [];
      for (const character of decoder.write(bytes)) {
        const keystroke = press(character);
        if (keystroke) done.push(keystroke);
      }
      flush();
      return done;
    },
    prompt: (text) => {
      shown = text;
      write(text + line);
      flush();
    },
  };
}
