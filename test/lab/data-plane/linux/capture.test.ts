import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { expect, onTestFinished, test } from "vitest";
import { openCapture } from "../../../../src/lab/data-plane/linux/capture.ts";

/** An inside where the programs are those of one folder. */
const inside = (folder: string) => (command: readonly string[]) =>
  ["/usr/bin/env", `PATH=${folder}`, "/bin/sh", ...command.slice(1)] as [string, ...string[]];

function folderWith(tcpdump?: string): string {
  const folder = mkdtempSync(join(tmpdir(), "peerctl-capture-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  if (tcpdump) {
    const file = join(folder, "tcpdump");
    writeFileSync(file, `#!/bin/sh\n${tcpdump}\n`);
    chmodSync(file, 0o755);
  }
  return folder;
}

const signal = new AbortController().signal;

test("a machine without tcpdump is told of, and not shown as one without packets", async () => {
  const opened = openCapture(inside(folderWith()), "icmp", signal);
  await expect(opened).rejects.toThrow("there is no tcpdump on this machine");
});

test("what tcpdump says instead of capturing is the error", async () => {
  const opened = openCapture(inside(folderWith("echo no right to capture >&2; exit 1")), "", signal);
  await expect(opened).rejects.toThrow("no right to capture");
});

test("all that it says is passed on, from its first word", async () => {
  const says = "echo verbose output suppressed >&2; echo listening on any >&2; echo one; echo two";
  const output = await openCapture(inside(folderWith(says)), "", signal);
  expect(await text(output)).toBe("verbose output suppressed\nlistening on any\none\ntwo\n");
});

test("it ends with the signal, whenever that comes", async () => {
  const leaving = new AbortController();
  const lasting = inside(folderWith("echo listening on any; while :; do :; done"));
  const output = await openCapture(lasting, "", leaving.signal);
  const all = text(output);
  leaving.abort();
  expect(await all).toBe("listening on any\n");
  await expect(openCapture(lasting, "", leaving.signal)).rejects.toThrow();
});
