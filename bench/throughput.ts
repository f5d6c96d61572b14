import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { onPath } from "../test/peers/support/found.ts";
import { startMoto } from "../test/peers/support/moto.ts";
import { ask } from "./ask.ts";
import { hostLab, shippedLab } from "./labs.ts";
import { place } from "./place.ts";
import { type Row, row, told } from "./row.ts";

const count = 100;

/** How many times a second the lab describes a hundred VPCs, against moto_server. */
export async function throughput(): Promise<Row> {
  const ours = await ofLab();
  const moto = onPath("moto_server");
  if (!moto) {
    const what = `lab: DescribeVpcs, ${count} VPCs`;
    return told(what, `${ours.toFixed(0)} a second; moto_server is not installed`);
  }
  const theirs = await startMoto(moto);
  try {
    await makeVpcs(theirs.url);
    const rate = await describeVpcs(theirs.url, 5000);
    return row(
      `lab: DescribeVpcs, ${count} VPCs, against moto_server`,
      ours / rate,
      { least: 25 },
      {
        goal: ">= 25 x",
        measured: `${(ours / rate).toFixed(0)} x (${ours.toFixed(0)} a second, moto ${rate.toFixed(1)})`,
      },
    );
  } finally {
    await theirs.stop();
  }
}

/**
 * The shipped lab has AWS's quota of 5 VPCs, and no option for another. So one with a larger quota makes them, and the shipped
 * one goes on with its tables.
 */
async function ofLab(): Promise<number> {
  const at = place();
  try {
    const dir = join(at.folder, "lab");
    mkdirSync(dir);
    const maker = await hostLab({ timing: "instant", quotas: { vpcs: count + 1 }, dir });
    await makeVpcs(maker.url).finally(maker.stop);
    const lab = await shippedLab(at);
    return await describeVpcs(lab.url, 3000).finally(lab.stop);
  } finally {
    at.remove();
  }
}

/** As many as it takes, beside the default one. */
async function makeVpcs(url: string): Promise<void> {
  for (let n = await vpcsOf(url); n < count; n++) {
    await ask(url, `Action=CreateVpc&Version=2016-11-15&CidrBlock=10.${n}.0.0/16`);
  }
}

async function vpcsOf(url: string): Promise<number> {
  return ((await ask(url, "Action=DescribeVpcs&Version=2016-11-15")).match(/<vpcId>/g) ?? []).length;
}

/** Calls a second over some `ms`, four at a time. */
async function describeVpcs(url: string, ms: number): Promise<number> {
  if ((await vpcsOf(url)) !== count) throw new Error(`${url} does not hold ${count} VPCs`);
  let calls = 0;
  const began = performance.now();
  const one = async () => {
    while (performance.now() < began + ms) {
      await ask(url, "Action=DescribeVpcs&Version=2016-11-15");
      calls += 1;
    }
  };
  await Promise.all([one(), one(), one(), one()]);
  return (calls * 1000) / (performance.now() - began);
}
