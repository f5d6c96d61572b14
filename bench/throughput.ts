import { spawn } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { Agent, request } from "node:http";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { onPath } from "../test/peers/support/found.ts";
import { end } from "../test/peers/support/lab.ts";
import { startMoto } from "../test/peers/support/moto.ts";
import { hostLab } from "./labs.ts";
import { peerctl, place } from "./place.ts";
import { median, type Row, row, told } from "./row.ts";

/** How fast the lab starts and answers, and what it needs at rest. */
export async function lab(): Promise<Row[]> {
  const { startMs, restMb } = await startAndRest();
  const hosted = await hostLab({ timing: "instant", quotas: { vpcs: 200 } });
  const rows = [
    row(
      "lab: from spawn to first answer",
      startMs,
      { most: 250 },
      {
        goal: "<= 250 ms",
        measured: `${startMs.toFixed(0)} ms`,
      },
    ),
    row(
      "lab: memory at rest",
      restMb,
      { most: 80 },
      { goal: "< 80 MB", measured: `${restMb.toFixed(0)} MB` },
    ),
  ];
  try {
    const ours = await describeVpcs(hosted.url, 3000);
    const moto = onPath("moto_server");
    if (!moto) {
      const what = "lab: DescribeVpcs, 100 VPCs";
      return [...rows, told(what, `${ours.toFixed(0)} a second; moto_server is not installed`)];
    }
    const theirs = await startMoto(moto);
    try {
      const rate = await describeVpcs(theirs.url, 5000);
      rows.push(
        row(
          "lab: DescribeVpcs, 100 VPCs, against moto_server",
          ours / rate,
          { least: 25 },
          {
            goal: ">= 25 x",
            measured: `${(ours / rate).toFixed(0)} x (${ours.toFixed(0)} a second, moto ${rate.toFixed(1)})`,
          },
        ),
      );
    } finally {
      await theirs.stop();
    }
    return rows;
  } finally {
    await hosted.stop();
  }
}

async function startAndRest(): Promise<{ startMs: number; restMb: number }> {
  const took: number[] = [];
  let restMb = 0;
  for (let round = 0; round < 7; round++) {
    const at = place();
    const url = join(at.folder, "lab", "url");
    const began = performance.now();
    const args = [peerctl, "lab", "start", "--foreground", "--port", "0"];
    const child = spawn(process.execPath, args, { env: at.env, cwd: at.folder, stdio: "ignore" });
    try {
      while (!existsSync(url) || !readFileSync(url, "utf8").endsWith("\n")) await sleep(2);
      await ask(readFileSync(url, "utf8").trim(), "Action=DescribeVpcs&Version=2016-11-15");
      took.push(performance.now() - began);
      await sleep(round === 0 ? 1500 : 0);
      if (round === 0) restMb = residentMb(child.pid!);
    } finally {
      await end(child);
      at.remove();
    }
  }
  return { startMs: median(took), restMb };
}

function residentMb(pid: number): number {
  const [, kib] = /^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))!;
  return Number(kib) / 1024;
}

/** Calls a second over some `ms`, four at a time, once there are 100 VPCs. */
async function describeVpcs(url: string, ms: number): Promise<number> {
  const vpcs = async () =>
    ((await ask(url, "Action=DescribeVpcs&Version=2016-11-15")).match(/<vpcId>/g) ?? []).length;
  for (let n = await vpcs(); n < 100; n++) {
    await ask(url, `Action=CreateVpc&Version=2016-11-15&CidrBlock=10.${n}.0.0/16`);
  }
  if ((await vpcs()) !== 100) throw new Error(`${url} does not hold 100 VPCs`);
  const until = performance.now() + ms;
  let count = 0;
  const began = performance.now();
  const one = async () => {
    while (performance.now() < until) {
      await ask(url, "Action=DescribeVpcs&Version=2016-11-15");
      count += 1;
    }
  };
  await Promise.all([one(), one(), one(), one()]);
  return (count * 1000) / (performance.now() - began);
}

const agent = new Agent({ keepAlive: true });

/** One signed-looking call of EC2's, over a connection that stays open where the server lets it. */
function ask(url: string, form: string): Promise<string> {
  const headers = {
    "content-type": "application/x-www-form-urlencoded",
    "content-length": form.length,
    authorization:
      "AWS4-HMAC-SHA256 Credential=123456789012/20260101/us-east-1/ec2/aws4_request, SignedHeaders=host, Signature=0",
  };
  return new Promise((resolve, reject) => {
    const sent = request(url, { method: "POST", agent, headers }, (response) => {
      const chunks: Buffer[] = [];
      response.on("data", (chunk: Buffer) => chunks.push(chunk));
      response.on("error", reject);
      response.on("end", () => {
        const text = Buffer.concat(chunks).toString();
        if (response.statusCode === 200) resolve(text);
        else reject(new Error(`${url}: ${text}`));
      });
    });
    sent.on("error", reject);
    sent.end(form);
  });
}
