import { writeFile } from "node:fs/promises";
import { describeCause, exitCode, UserError } from "../errors.ts";
import { dot } from "../report/graph/dot.ts";
import { graphOf } from "../report/graph/graph.ts";
import { mermaid } from "../report/graph/mermaid.ts";
import { svg } from "../report/graph/svg.ts";
import { readEnd } from "./ends.ts";
import { lookAtAws, lookAtFiles } from "./look.ts";
import type { Run } from "./run.ts";
import { nameFor } from "./scene.ts";

const formats = { mermaid, dot, svg } as const;

export interface GraphOptions {
  format: keyof typeof formats;
  /** Draw saved tables instead of AWS's. */
  snapshot?: readonly string[];
  /** Write the picture there, and not to stdout. */
  output?: string;
}

/** Draws the stack's VPCs, or those named, as they are now. */
export async function graph(run: Run, vpcs: readonly string[], options: GraphOptions): Promise<number> {
  const odd = vpcs.find((text) => !["name", "vpc"].includes(readEnd(text).kind));
  if (odd) throw new UserError(`"${odd}" is no VPC`, "name VPCs of the stack, or VPC ids");
  const { format, snapshot, output } = options;
  const look = snapshot ? await lookAtFiles(run, snapshot) : await lookAtAws(run, vpcs);
  look.close();
  const { scene } = look;
  const names = scene.snapshot.vpcs.map(({ id }) => nameFor(scene, id) ?? id);
  const unknown = vpcs.find(
    (text) => !names.includes(text) && !scene.snapshot.vpcs.some(({ id }) => id === text),
  );
  if (unknown) throw new UserError(`there is no VPC "${unknown}" here`, `name one of: ${names.join(", ")}`);
  const drawn = graphOf(scene.snapshot, (id) => nameFor(scene, id));
  drawn.vpcs.sort((a, b) => (a.title < b.title ? -1 : 1));
  const picture = formats[format](drawn);
  if (output) {
    await writeFile(output, `${picture}\n`).catch((cause) => {
      throw new UserError(
        `cannot write ${output}: ${describeCause(cause)}`,
        "name another file: --output FILE",
        {
          cause,
        },
      );
    });
    run.ui.say(`drew ${output}`);
  }
  run.ui.result({ ...drawn, ...(output ? { output } : { picture }) }, output ? "" : picture);
  return exitCode.done;
}
