import { tmpdir } from "node:os";
import { join } from "node:path";
import { parse } from "dotenv";
import { expect, test } from "vitest";
import { envExample, settingsTable } from "../../src/config/document.ts";
import { globalOptions } from "../../src/config/options.ts";
import { type SettingName, settings } from "../../src/config/settings.ts";
import { resolveConfig } from "../../src/config.ts";

const names = Object.keys(settings) as SettingName[];
const cwd = join(tmpdir(), "peerctl-no-such-folder");

test(".env.example is what the settings say (npx vitest run test/config -u writes it)", async () => {
  await expect(envExample()).toMatchFileSnapshot("../../.env.example");
});

test(".env.example names every variable, and changes nothing as it is", () => {
  const text = envExample();
  for (const name of names) for (const variable of settings[name].env) expect(text).toContain(variable);
  expect(parse(text)).toEqual({});
  expect(text.split("\n").every((line) => line.length <= 120)).toBe(true);
});

test.each(names)("the example of %s is valid", (name) => {
  const { env, example } = settings[name];
  const line = envExample()
    .split("\n")
    .find((each) => each.startsWith(`# ${env[0]}=`));
  expect(parse(line?.slice(2) ?? "")).toEqual({ [env[0]]: example });
  const config = resolveConfig({ flags: {}, env: { [env[0]]: example }, cwd });
  expect(config.given).toEqual({ [name]: { name: env[0], kind: "environment" } });
});

test("no flag and no variable is there twice", () => {
  const flags = [...globalOptions().values()].map((option) => option.long);
  const variables = names.flatMap((name) => settings[name].env);
  expect(new Set(flags).size).toBe(flags.length);
  expect(new Set(variables).size).toBe(variables.length);
});

test("commander is told no default and no variable, so that what it has was typed", () => {
  for (const option of globalOptions().values()) {
    expect([option.defaultValue, option.envVar]).toEqual([undefined, undefined]);
  }
});

test("the documentation's table has a row for each setting", () => {
  const lines = settingsTable().trimEnd().split("\n");
  expect(lines).toHaveLength(names.length + 2);
  expect(lines[0]).toBe("| Flag | Environment | What it sets | Default |");
  expect(lines).toContain(
    "| `--region <region>` | `AWS_REGION`, `AWS_DEFAULT_REGION` | The AWS Region to work in. | the profile's |",
  );
  expect(lines.every((line) => line.split("|").length === 6)).toBe(true);
});
