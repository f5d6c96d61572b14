import { request } from "node:http";
import { text } from "node:stream/consumers";
import { exitCode, UserError } from "../errors.ts";
import { findLab, labFolder } from "./lab-process.ts";
import type { Run } from "./run.ts";

/** Prints what is captured at an instance of the lab until Ctrl-C, or until the instance is gone. */
export async function labTcpdump(run: Run, instance: string, filter: string): Promise<number> {
  const lab = await findLab(labFolder(run.env));
  if (!lab) throw new UserError("no lab is running", "run: peerctl lab start");
  const url = new URL("/_lab/capture", lab.url);
  url.search = new URLSearchParams({ instance, filter }).toString();
  await new Promise<void>((resolve, reject) => {
    const fail = (error: Error) => (run.signal.aborted ? resolve() : reject(error));
    const asking = request(url, { method: "POST", signal: run.signal, agent: false }, (answer) => {
      if (answer.statusCode !== 200) {
        text(answer).then((why) => reject(new UserError(why.trim(), "see: peerctl lab status")), fail);
        return;
      }
      answer.on("error", fail);
      answer.on("close", resolve);
      answer.pipe(run.stdout, { end: false });
    });
    asking.on("error", fail);
    asking.end();
  });
  return exitCode.done;
}
