import { Option } from "commander";
import type { Setting } from "./setting.ts";
import { type SettingName, settings } from "./settings.ts";

/**
 * The settings' flags as commander options, by the setting's name. They have no defaults and read no environment, so
 * that what commander hands over is what was typed and nothing else; what the default is, they say in the help alone.
 */
export function globalOptions(): Map<SettingName, Option> {
  const options = new Map<SettingName, Option>();
  for (const [name, setting] of Object.entries(settings) as [SettingName, Setting][]) {
    if (setting.flag === undefined) continue;
    const option = new Option(setting.flag, setting.help);
    option.default(undefined, setting.otherwise ?? String(setting.default));
    if (setting.kind === "list") {
      option.argParser((item: string, before: string[] | undefined) => [...(before ?? []), item]);
    }
    options.set(name, option);
  }
  return options;
}
