import { cpSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type LabUnderTest, startBuiltLab } from "./support/lab.ts";
import { describePeers, program, terraformProvider } from "./support/peers.ts";
import { output, run } from "./support/run.ts";

const terraform = program("terraform");
const plugins = terraformProvider();

describePeers("Terraform on the lab", [terraform, plugins], () => {
  let lab: LabUnderTest;
  const settings = () => ({
    env: {
      ...lab.env,
      TF_CLI_CONFIG_FILE: join(lab.folder, "terraform.rc"),
      TF_IN_AUTOMATION: "1",
      CHECKPOINT_DISABLE: "1",
    },
    cwd: lab.folder,
  });
  const tf = (...args: string[]) => output(terraform.found!, [...args, "-no-color"], settings());
  const aws = async (path: string): Promise<string> => {
    const text = await tf("output", "-json");
    const values = JSON.parse(text) as Record<string, { value: unknown }>;
    const [name = "", ...rest] = path.split(".");
    return String(rest.reduce((at, key) => (at as Record<string, unknown>)[key], values[name]!.value));
  };

  beforeAll(async () => {
    lab = await startBuiltLab();
    const mirror = `provider_installation {\n  filesystem_mirror {\n    path = "${plugins.found}"\n  }\n}\n`;
    writeFileSync(join(lab.folder, "terraform.rc"), mirror);
    cpSync(join(import.meta.dirname, "terraform"), lab.folder, { recursive: true });
    await tf("init");
  });
  afterAll(() => lab?.stop());

  it("makes the whole topology", async () => {
    const said = await tf("apply", "-auto-approve");
    expect(said).toContain("Resources: 24 added, 0 changed, 0 destroyed.");
    expect(await aws("account")).toBe("123456789012");
    expect(await aws("region")).toBe("us-east-1");
    expect(await aws("peering_status")).toBe("active");
    expect(await aws("public_ip")).toMatch(/^203\.0\.113\.\d+$/);
    expect(await aws("private_ips.vpc-1")).toMatch(/^10\.1\.0\.\d+$/);
    expect(await aws("instances.vpc-2")).toMatch(/^i-[0-9a-f]{17}$/);
  });

  it("reads it all back, and finds nothing to change", async () => {
    const plan = ["plan", "-detailed-exitcode", "-no-color"];
    const { code, stdout } = await run(terraform.found!, plan, settings());
    expect(stdout).toContain("No changes. Your infrastructure matches the configuration.");
    expect(code).toBe(0);
  });

  it("removes it all", async () => {
    const said = await tf("destroy", "-auto-approve");
    expect(said).toContain("Destroy complete! Resources: 24 destroyed.");
    expect((await tf("state", "list")).trim()).toBe("");
  });
});
