import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { census } from "./support/census.ts";
import { type LabUnderTest, startBuiltLab } from "./support/lab.ts";
import { describePeers, pythonModule } from "./support/peers.ts";
import { run } from "./support/run.ts";

const python = pythonModule("boto3");

describePeers("boto3 on the lab", [python], () => {
  let lab: LabUnderTest;

  beforeAll(async () => {
    lab = await startBuiltLab();
  });
  afterAll(() => lab?.stop());

  // A class of lab.py each, with how many tests it has: one that went unnoticed would be none.
  it.each([
    ["makes, describes and removes the whole topology", "Topology", 1],
    ["by its resource API", "Resources", 1],
    ["pages", "Paginators", 1],
    ["sees EC2's errors", "Errors", 3],
    ["peers two Regions", "TwoRegions", 1],
    ["peers two accounts", "TwoAccounts", 2],
    ["calls from many threads", "AtOnce", 1],
  ])("%s", async (_what, name, count) => {
    const { code, stderr } = await run(python.found!, ["-m", "unittest", `lab.${name}`], {
      env: { ...lab.env, PYTHONDONTWRITEBYTECODE: "1", PYTHONWARNINGS: "ignore" },
      cwd: join(import.meta.dirname, "boto3"),
    });
    expect(stderr).toMatch(new RegExp(`Ran ${count} tests? in .*\\n\\nOK\\n`));
    expect(code).toBe(0);
  });

  it("leaves nothing behind", async () => {
    for (const region of ["us-east-1", "eu-west-1", "eu-north-1", "eu-central-1", "ap-northeast-1"]) {
      const counts = await census(lab.url, region);
      // The default VPC, with its gateway, main table and default group.
      expect(counts).toMatchObject({ Vpcs: 1, InternetGateways: 1, RouteTables: 1, SecurityGroups: 1 });
      expect(counts).toMatchObject({ NetworkInterfaces: 0, Addresses: 0, instances: 0 });
    }
  });
});
