/**
 * The peerctl commands in a text, with the flags of this run, so that they do the same to the same stack when pasted.
 * @param peerctl the program with its flags, e.g. `peerctl --lab`
 */
export function withFlags(text: string, peerctl: string): string {
  return text.replace(/\bpeerctl (?=[a-z])/g, () => `${peerctl} `);
}

/** `1 call`, `2 calls`. */
export function plural(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? "" : "s"}`;
}
